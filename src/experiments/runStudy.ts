import { loadDataset } from '../data/index.ts';
import type { Progress } from '../engine/index.ts';
import type { EpochRecord, RunSummary } from './records.ts';
import { runExperiment } from './run/index.ts';
import type { StudyRun } from './studyRuns.ts';
import { runWork } from './work.ts';

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
