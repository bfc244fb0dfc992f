import { UserError } from '../../engine/index.ts';
import {
  readRun,
  type CompleteRun,
  type EnvironmentRecord,
  type Study,
  type StudyRun,
} from '../../experiments/index.ts';
import type { StudyRecords } from './study.ts';

/** The question of the paper. */
const PRIMARY = { arm: 'msl', baseline: 'ce' } as const;

/** Cross-entropy against MSL is a study's primary comparison where both were tuned, with equal budgets, on validation data. */
function isPrimary({ arms, tuned }: Study): boolean {
  return (
    tuned !== undefined &&
    PRIMARY.arm in tuned.arms &&
    PRIMARY.baseline in tuned.arms &&
    arms.some(({ name, baseline }) => name === PRIMARY.arm && baseline === PRIMARY.baseline)
  );
}

/**
 * Two of some runs that had different images, with the digests of those; `undefined` where all had the same. Runs of earlier releases
 * do not say which they had.
 */
export function differentImages<R extends { readonly environment: object }>(
  runs: readonly R[],
): readonly [ImagesOf<R>, ImagesOf<R>] | undefined {
  const known = runs.flatMap((run): ImagesOf<R>[] => {
    const sha256 = (run.environment as Partial<EnvironmentRecord>).data?.sha256;
    return sha256 === undefined ? [] : [{ run, sha256 }];
  });
  const [first] = known;
  const other = known.find(({ sha256 }) => sha256 !== first!.sha256);
  return first === undefined || other === undefined ? undefined : [first, other];
}

/** A run and the digest of its images. */
interface ImagesOf<R> {
  readonly run: R;
  readonly sha256: string;
}

/**
 * Checks that runs which are compared had the same images.
 *
 * @throws {UserError} naming two runs that had not
 */
export function requireSameImages(
  runs: readonly Pick<CompleteRun, 'arm' | 'seed' | 'folder' | 'environment'>[],
): void {
  const different = differentImages(runs);
  if (different === undefined) return;
  const [first, other] = different.map(
    ({ run, sha256 }) => `${run.arm}, seed ${run.seed} (SHA-256 ${sha256.slice(0, 8)}, in ${run.folder})`,
  );
  throw new UserError(
    `Runs of the study had different images, so that they cannot be compared: ${first!} and ${other!}. Remove those ` +
      'with the wrong ones (msl runs rm --force), and run the study again.',
  );
}

/**
 * Names of the classes, in the order of their labels, as the runs recorded them: the data set itself may be gone.
 *
 * @throws {UserError} where no run did
 */
function classesOf(runs: readonly CompleteRun[]): readonly string[] {
  const recorded = runs.find(({ projection }) => projection !== undefined)?.projection;
  if (recorded !== undefined) return recorded.classes;
  const [first] = runs;
  if (first === undefined) return [];
  throw new UserError(
    `projection.json, which names the classes, is missing in ${first.folder} and all other runs of the study. Remove summary.json ` +
      'of one of them, and run the study again: its last evaluation is made anew.',
  );
}

/**
 * What tables and figures are made of: the records of those runs of a study that are complete.
 *
 * @throws {UserError} where they had different images, or did not record their classes
 */
export function studyRecords(options: {
  readonly study: Study;
  readonly profile: string;
  readonly runs: readonly StudyRun[];
  /** What to type to make it all again; default as for {@link StudyRecords}. */
  readonly command?: string;
}): StudyRecords {
  const { study, runs, ...rest } = options;
  const complete = runs.map(readRun).filter((run) => run !== undefined);
  requireSameImages(complete);
  return {
    name: study.name,
    title: study.title,
    question: study.question,
    arms: study.arms.flatMap(({ name, title, baseline, tunedAs }) => {
      const seeds = runs.filter((run) => run.arm.name === name).map((run) => run.seed);
      // One that turned out to be the same as the arm that it borrows from is none.
      return tunedAs !== undefined && seeds.length === 0 ? [] : [{ name, title, baseline, seeds }];
    }),
    ...(isPrimary(study) ? { primary: PRIMARY.arm } : {}),
    classes: classesOf(complete),
    runs: complete.map((run) => ({ ...run, environment: { ...run.environment } })),
    ...rest,
  };
}
