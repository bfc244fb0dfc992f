import { parameterCount } from '../../models/index.ts';
import { checkpointEpochs } from '../../training/index.ts';
import { SCHEMA_VERSION, type RunSummary } from '../records.ts';
import type { Prepared, Resources } from './prepare.ts';
import { tensorboard } from '../tensorboard/index.ts';
import { test } from './test.ts';
import { train } from './train.ts';
import { undertake, type RunOptions } from './undertake.ts';

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
  return await undertake(options, {
    ended: (records) => {
      const summary = records.summary();
      if (summary !== undefined && options.tensorboard !== undefined) {
        tensorboard(options.tensorboard, records.epochs());
      }
      return summary;
    },
    total: ({ total }) => total,
    body: async (prepared, resources) => await trainAndTest(prepared, resources, options),
  });
}

async function trainAndTest(
  prepared: Prepared,
  resources: Resources,
  options: RunOptions,
): Promise<RunSummary> {
  const { specification } = prepared;
  const { records } = resources;
  const startedAt = new Date();
  const divergence = await train(prepared, resources, {
    signal: options.signal,
    tensorboard: options.tensorboard,
    keepEpochs: options.keepEpochs,
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
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / Math.max(1, values.length);
