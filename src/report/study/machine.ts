import type { EnvironmentRecord } from '../../experiments/index.ts';
import { NOTHING } from '../format.ts';

/** What a processor is called by the widest of its vector instructions, which decide how fast it trains. */
const WIDEST = [
  ['avx512f', 'AVX-512'],
  ['avx2', 'AVX2'],
  ['avx', 'AVX'],
] as const;

/** With one of these TensorFlow uses oneDNN by itself. */
const ONEDNN_BY_ITSELF = /vnni|bf16|fp16|amx|ne_convert/;

/**
 * What decides how a run was rounded: the widest vector instructions of its processor, e.g. `AVX-512`, or `AVX2 without oneDNN`;
 * `undefined` where it is not known.
 */
export function instructionsOf(environment: object): string | undefined {
  const { engine, cpuFlags, oneDnn } = environment as Partial<EnvironmentRecord>;
  const widest = WIDEST.find(([flag]) => cpuFlags?.includes(flag) === true)?.[1];
  if (widest === undefined) return undefined;
  const isUsed = oneDnn ?? cpuFlags!.some((flag) => ONEDNN_BY_ITSELF.test(flag));
  return engine === 'tensorflow' && !isUsed ? `${widest} without oneDNN` : widest;
}

/** The workbook's commit that a run was made by, e.g. `0123abcd`; with a `+` where files were changed since, `undefined` outside of git. */
export function commitOf(environment: object): string | undefined {
  const { commit, dirty } = environment as Partial<EnvironmentRecord>;
  return commit == null ? undefined : commit.slice(0, 8) + (dirty === true ? '+' : '');
}

/** What a run was made on, e.g. `AMD EPYC (AVX-512), 2 cores`. */
export function machineOf(environment: object): string {
  const { cpu, cores } = environment as Partial<EnvironmentRecord>;
  const widest = instructionsOf(environment);
  return [
    `${cpu ?? NOTHING}${widest === undefined ? '' : ` (${widest})`}`,
    ...(cores === undefined ? [] : [`${cores} cores`]),
  ].join(', ');
}
