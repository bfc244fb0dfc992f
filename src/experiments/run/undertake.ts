import { batchThreads, datasetDigest, usualBatchWorkers } from '../../data/index.ts';
import { loadEngine, requirePrecision, type Progress } from '../../engine/index.ts';
import { evaluator } from '../../training/index.ts';
import { requireCustomParts } from '../custom/index.ts';
import { dataRecord, describeEnvironment } from '../environment.ts';
import type { EpochRecord } from '../records.ts';
import { RunFolder } from '../runFolder.ts';
import type { Specification } from '../specification/index.ts';
import type { RunWork } from '../work.ts';
import { prepare, type Prepared, type Resources } from './prepare.ts';

export interface RunOptions {
  readonly specification: Specification;
  /** Where the records go. A run that was stopped goes on from its last checkpoint. */
  readonly folder: string;
  /** Folder of the data sets; default: `MSL_DATA`, else the project's `data`. */
  readonly dataFolder?: string;
  readonly progress?: Progress;
  /** Label of the progress reports; default: the folder. */
  readonly label?: string;
  /** Called once the folder is there, before the training; not for a run that has ended before. */
  readonly onBegin?: () => void;
  /** Called with the record of each epoch. */
  readonly onEpoch?: (record: EpochRecord) => void;
  /** Folder of an event file for TensorBoard; default: none is written. */
  readonly tensorboard?: string;
  /**
   * Epochs whose weights are kept in `weights/`, 0 = before the first step; default none. For pictures of the way; no result
   * depends on it.
   */
  readonly keepEpochs?: readonly number[];
  /** Stops the run between two steps; what was recorded stays. */
  readonly signal?: AbortSignal;
  /** Threads that make batches while the engine computes; default 1, or 0 for a small run. No result depends on it. */
  readonly batchWorkers?: number;
}

/** What is done in the folder of a run. */
interface Undertaking<T> {
  /** What it came to, where it has been done before. */
  readonly ended: (records: RunFolder) => T | undefined;
  /** How much of the run's work it is. */
  readonly total: (work: RunWork) => number;
  readonly body: (prepared: Prepared, resources: Resources) => Promise<T>;
}

/**
 * Does something in the folder of a run that is this process's alone meanwhile, with the specification's engine and data.
 *
 * @throws {UserError} for data that is not there, a folder that holds another run, or a precision that the engine
 * lacks; for custom parts that are not those of the specification
 */
export async function undertake<T>(options: RunOptions, { ended, total, body }: Undertaking<T>): Promise<T> {
  const { specification, folder, dataFolder: dir, progress, signal } = options;
  await requireCustomParts(specification.custom ?? []);
  const engine = await loadEngine({ threads: specification.threads });
  requirePrecision(specification.precision, engine.name);
  const records = new RunFolder(folder);
  const { precision, dataset } = specification;
  const machine = describeEnvironment(engine, precision);
  records.check(specification, machine);
  records.checkImages(specification, await datasetDigest(dataset, { dir }));
  const before = ended(records);
  if (before !== undefined) return before;

  const prepared = await prepare(specification, { dir, progress, signal });
  const { work } = prepared;
  const environment = { ...machine, data: dataRecord(prepared.dataset) };
  const report = (done: number, note: string): void => {
    progress?.({ label: options.label ?? folder, done, total: total(work), unit: 'share', note });
  };
  const claim = records.claim(specification, environment);
  let over = false;
  try {
    options.onBegin?.();
    const evaluate = evaluator(prepared.network);
    const batches = batchThreads({ workers: options.batchWorkers ?? usualBatchWorkers(work.images) });
    try {
      // As it is now that no other process is at work in it.
      records.check(specification, environment);
      records.checkImages(specification, prepared.dataset.digest);
      const result =
        ended(records) ?? (await body(prepared, { records, environment, evaluate, batches, report }));
      over = true;
      return result;
    } finally {
      evaluate.dispose();
      await batches.close();
    }
  } finally {
    claim.release(over);
  }
}
