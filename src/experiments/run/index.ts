import { batchThreads } from '../../data/index.ts';
import { loadEngine, requirePrecision, type Progress } from '../../engine/index.ts';
import { parameterCount } from '../../models/index.ts';
import { checkpointEpochs, evaluator } from '../../training/index.ts';
import { requireCustomParts } from '../custom/index.ts';
import { describeEnvironment } from '../environment.ts';
import { SCHEMA_VERSION, type EpochRecord, type RunSummary } from '../records.ts';
import { RunFolder } from '../runFolder.ts';
import type { Specification } from '../specification/index.ts';
import { prepare, type Resources } from './prepare.ts';
import { tensorboard } from '../tensorboard/index.ts';
import { test } from './test.ts';
import { train } from './train.ts';

/**
 * Threads that make batches, by default. What a whole training loop with crop and flip takes above the bare step (two
 * cores, which TensorFlow uses as well; medians of interleaved epochs at batch 128): 4 % without a thread, 2.5 % with
 * one, 2.2 % with two for `vgg` 16-32-64; 10 %, 7.5 % and 6 % for `vgg` 4-8, whose step takes 18 ms.
 */
const BATCH_WORKERS = 1;
/** Images of a run for which a thread is not worth its start, which takes as long as making them. */
const FEW_IMAGES = 20_000;

export interface RunOptions {
  readonly specification: Specification;
  /** Where the records go. A run that was stopped goes on from its last checkpoint. */
  readonly folder: string;
  /** Folder of the data sets; default: `MSL_DATA`, else the project's `data`. */
  readonly dataFolder?: string;
  readonly progress?: Progress;
  /** Label of the progress reports; default: the folder. */
  readonly label?: string;
  /** Called with the record of each epoch. */
  readonly onEpoch?: (record: EpochRecord) => void;
  /** Folder of an event file for TensorBoard; default: none is written. */
  readonly tensorboard?: string;
  /** Stops the run between two steps; what was recorded stays. */
  readonly signal?: AbortSignal;
  /** Threads that make batches while the engine computes; default 1, or 0 for a small run. No result depends on it. */
  readonly batchWorkers?: number;
}

/**
 * Trains and evaluates one specification, and writes the records of it. A run that is already complete is not
 * repeated; one that was killed continues from its last checkpoint, with the same result as if it had not been.
 *
 * The test set is used once, at the end, with the weights of the last epoch or of the one that the specification selects.
 *
 * @throws {UserError} for data that is not there, a folder that holds another run, or a precision that the engine
 * lacks; for custom parts that are not those of the specification
 */
export async function runExperiment(options: RunOptions): Promise<RunSummary> {
  const { specification } = options;
  await requireCustomParts(specification.custom ?? []);
  const engine = await loadEngine({ threads: specification.threads });
  requirePrecision(specification.precision, engine.name);
  const records = new RunFolder(options.folder);
  const environment = describeEnvironment(engine, specification.precision);
  records.check(specification, environment);
  const finished = records.summary();
  if (finished !== undefined) {
    if (options.tensorboard !== undefined) tensorboard(options.tensorboard, records.epochs());
    return finished;
  }

  const { dataFolder: dir, progress, signal } = options;
  const prepared = await prepare(specification, { dir, progress, signal });
  const { work } = prepared;
  const release = records.claim(specification, environment);
  const evaluate = evaluator(prepared.network);
  const workers = work.images < FEW_IMAGES ? 0 : BATCH_WORKERS;
  const batches = batchThreads({ workers: options.batchWorkers ?? workers });
  const report = (done: number, note: string): void => {
    options.progress?.({ label: options.label ?? options.folder, done, total: work.total, note });
  };
  const resources: Resources = { records, evaluate, batches, report };
  try {
    const startedAt = new Date();
    const divergence = await train(prepared, resources, {
      signal: options.signal,
      tensorboard: options.tensorboard,
      onEpoch: (record) => options.onEpoch?.(record),
    });
    const evaluationStarted = performance.now();
    const outcome = await test(prepared, resources, options.signal);
    const timings = records.epochs().map((record) => record.timing);
    const evaluationSeconds = (performance.now() - evaluationStarted) / 1000;
    const ended = divergence ?? outcome.divergence;
    const summary: RunSummary = {
      schemaVersion: SCHEMA_VERSION,
      status: ended === undefined ? 'finished' : 'diverged',
      ...(ended === undefined
        ? {}
        : {
            divergence: {
              ...{ epoch: ended.epoch, step: ended.step, measure: ended.measure },
              lastCheckpoint: checkpointEpochs(records.checkpoints)[0] ?? 0,
            },
          }),
      epochs: specification.epochs,
      selection: { rule: specification.selection ?? 'last', epoch: outcome.epoch },
      ...outcome.result.summary,
      parameters: parameterCount(prepared.network),
      timing: {
        startedAt: startedAt.toISOString(),
        finishedAt: new Date().toISOString(),
        seconds: timings.reduce((sum, t) => sum + t.seconds + (t.validationSeconds ?? 0), evaluationSeconds),
        imagesPerSecond: mean(timings.map((t) => t.imagesPerSecond)),
        peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
      },
    };
    records.writeProjection(outcome.result.projection);
    records.writeSummary(summary);
    return summary;
  } finally {
    evaluate.dispose();
    await batches.close();
    release();
  }
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / Math.max(1, values.length);
