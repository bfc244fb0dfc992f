import path from 'node:path';

import { loadDataset } from '../data/index.ts';
import { UsageError, unknownName, type Progress } from '../engine/index.ts';
import type { EpochRecord, RunSummary } from './records.ts';
import { runExperiment } from './run.ts';
import {
  applySettings,
  parseSpecification,
  specificationHash,
  type Specification,
  type SpecificationInput,
} from './specification.ts';
import { runWork } from './work.ts';

/** One side of a comparison. */
export interface StudyArm {
  /** Short, for folders and tables, e.g. `msl`. */
  readonly name: string;
  /** For people, e.g. `CE + MSL`. */
  readonly title: string;
  /** What it changes in the base, as on the command line, e.g. `loss.msl=null`; applied last, so that it holds. */
  readonly set: readonly string[];
}

/** One size of a study. */
export interface StudyProfile {
  readonly title: string;
  readonly seeds: readonly number[];
  /** What it changes in the base. */
  readonly set: readonly string[];
}

/** A comparison of arms over seeds: a base, what each arm changes, and how large it is run. */
export interface Study {
  readonly name: string;
  readonly title: string;
  /** What it asks, in a sentence or two. */
  readonly question: string;
  readonly base: SpecificationInput;
  /** The first is the baseline. */
  readonly arms: readonly [StudyArm, ...StudyArm[]];
  readonly profiles: Readonly<Record<string, StudyProfile>>;
}

/** A study as it is, with its types checked. */
export function defineStudy<const S extends Study>(study: S): S {
  return study;
}

/** One run of a study. */
export interface StudyRun {
  readonly arm: StudyArm;
  readonly seed: number;
  readonly specification: Specification;
  /** `<root>/<study>/<profile>/<arm>/seed-<n>-<hash8>` */
  readonly folder: string;
}

/**
 * The runs of a study: for each seed all arms in turn, so that a study that is stopped has whole pairs.
 *
 * @param root folder of all runs
 * @param settings changes to every run, as on the command line
 * @throws {UserError} for an unknown profile, an invalid specification, or settings that make two arms the same
 */
export function studyRuns(
  study: Study,
  profileName: string,
  root: string,
  settings: readonly string[] = [],
): StudyRun[] {
  const profile = study.profiles[profileName];
  if (profile === undefined) {
    throw new UsageError(unknownName(`profile of ${study.name}`, profileName, Object.keys(study.profiles)));
  }
  const runs = profile.seeds.flatMap((seed) =>
    study.arms.map((arm) => {
      const changes = [...profile.set, ...settings, ...arm.set, `seed=${seed}`];
      const specification = parseSpecification(
        applySettings(study.base, changes),
        `${study.name}, profile ${profileName}, arm ${arm.name}`,
      );
      const hash = specificationHash(specification).slice(0, 8);
      const folder = path.join(root, study.name, profileName, arm.name, `seed-${seed}-${hash}`);
      return { arm, seed, specification, folder };
    }),
  );
  for (const [i, run] of runs.entries()) {
    const hash = specificationHash(run.specification);
    const twin = runs.slice(0, i).find((other) => specificationHash(other.specification) === hash);
    if (twin !== undefined) {
      throw new UsageError(
        `${study.name}: with these settings the arms ${twin.arm.name} and ${run.arm.name} are the same, so there ` +
          'is nothing to compare.',
      );
    }
  }
  return runs;
}

export interface RunStudyOptions {
  readonly runs: readonly StudyRun[];
  readonly dataFolder?: string;
  readonly progress?: Progress;
  readonly onEpoch?: (run: StudyRun, record: EpochRecord) => void;
  readonly onRun?: (run: StudyRun, summary: RunSummary) => void;
  readonly signal?: AbortSignal;
}

/** Runs what is still missing of a study, one run after the other. Progress is reported over all of it. */
export async function runStudy(options: RunStudyOptions): Promise<RunSummary[]> {
  const { runs, progress, dataFolder, signal } = options;
  const first = runs[0];
  if (first === undefined) return [];
  const data = dataFolder === undefined ? {} : { dir: dataFolder };
  const dataset = await loadDataset(first.specification.dataset, data);
  const work = runs.map((run) => runWork(run.specification, dataset).total);
  const total = work.reduce((a, b) => a + b, 0);
  const summaries: RunSummary[] = [];
  let before = 0;
  for (const [i, run] of runs.entries()) {
    const offset = before;
    const label = `run ${i + 1} of ${runs.length} (${run.arm.title}, seed ${run.seed})`;
    const summary = await runExperiment({
      specification: run.specification,
      folder: run.folder,
      label,
      ...(dataFolder === undefined ? {} : { dataFolder }),
      ...(signal === undefined ? {} : { signal }),
      ...(progress === undefined
        ? {}
        : {
            progress: (report) => {
              progress({ ...report, done: offset + report.done, total });
            },
          }),
      onEpoch: (record) => options.onEpoch?.(run, record),
    });
    options.onRun?.(run, summary);
    summaries.push(summary);
    before += work[i]!;
  }
  return summaries;
}
