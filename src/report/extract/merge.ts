import { UserError } from '../../engine/index.ts';
import type { StudyRun } from '../../experiments/index.ts';
import { differentImages } from '../study/records.ts';
import type { RunRecord, StudyRecords } from '../study/study.ts';
import { hashOf } from './write.ts';

/** What {@link withKept} makes of the runs of an extract. */
interface Merged {
  /** The runs that are here, and those that are kept alone. */
  readonly records: StudyRecords;
  /** The latter. */
  readonly kept: readonly RunRecord[];
  /** Runs that are kept and not taken over: the study, as it is now, has none with their specification. */
  readonly outdated: readonly RunRecord[];
}

/**
 * The records of a study with those runs that an extract keeps and these lack, so that a study may be run in parts: in several
 * sittings, or by several people. A run that both have is taken from the records.
 *
 * @param records of the runs that are here, at least one
 * @param extract of the same study and profile
 * @param options.planned all runs of the study, as it is now
 * @param options.folder where the extract is, for messages
 * @throws {UserError} where not all had the same images, those that are kept and those that are here
 */
export function withKept(
  records: StudyRecords,
  extract: Pick<StudyRecords, 'runs'>,
  { planned, folder }: { readonly planned: readonly StudyRun[]; readonly folder: string },
): Merged {
  const here = new Set(records.runs.map(nameOf));
  const others = extract.runs.filter((run) => !here.has(nameOf(run)));
  const isPlanned = (run: RunRecord): boolean => planned.some((one) => isKept(one, run));
  const kept = others.filter(isPlanned);
  requireSameImages(records.runs, kept, folder);
  return {
    records: { ...records, runs: [...records.runs, ...kept] },
    kept,
    outdated: others.filter((run) => !isPlanned(run)),
  };
}

/** Whether a run of an extract is this one of the study. */
export function isKept({ arm, seed, specification }: StudyRun, run: RunRecord): boolean {
  return run.arm === arm.name && run.seed === seed && hashOf(run) === hashOf({ spec: specification });
}

function requireSameImages(here: readonly RunRecord[], kept: readonly RunRecord[], folder: string): void {
  const different = differentImages([...here, ...kept]);
  if (different === undefined) return;
  const [own, stranger] = different;
  const place = (run: RunRecord): string => (here.includes(run) ? 'which is here' : `which ${folder} keeps`);
  throw new UserError(
    `${nameOf(stranger.run)}, ${place(stranger.run)}, had other images than ${nameOf(own.run)}, ${place(own.run)} (SHA-256 ` +
      `${stranger.sha256.slice(0, 8)} and ${own.sha256.slice(0, 8)}), so that they cannot be compared. --save into another folder, or ` +
      'remove that one.',
  );
}

function nameOf({ arm, seed }: Pick<RunRecord, 'arm' | 'seed'>): string {
  return `${arm}, seed ${seed}`;
}
