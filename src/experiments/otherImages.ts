import type { DataRecord } from './environment.ts';

/**
 * That a run had other images than those that are there now, in words for an error. `undefined` where it had these, and where that is
 * not known: runs of earlier releases do not say which they had.
 *
 * @param options.had what the run recorded
 * @param options.digest of the data set as it is now; `undefined` where it is not known
 */
export function otherImages({
  dataset,
  had,
  digest,
}: {
  readonly dataset: string;
  readonly had: DataRecord | undefined;
  readonly digest: string | undefined;
}): string | undefined {
  if (had === undefined || digest === undefined || had.sha256 === digest) return undefined;
  return (
    `other images of the data set '${dataset}': SHA-256 ${had.sha256.slice(0, 8)}, ${had.train} to train on and ${had.test} to test; ` +
    `those that are there now have ${digest.slice(0, 8)}`
  );
}
