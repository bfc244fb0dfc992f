/** The training of a run, epoch by epoch, with its records and checkpoints. */

import { tf } from '../../engine/tf.ts';
import { createStream, tensorsOf } from '../../engine/index.ts';
import { accuracy, crossEntropy } from '../../measures/index.ts';
import {
  DivergenceError,
  isSoundCheckpoint,
  loadCheckpoint,
  removeCheckpointsAfter,
  saveCheckpoint,
  saveWeights,
  trainEpochs,
  type EpochResult,
  type Evaluation,
  type TrainingState,
} from '../../training/index.ts';
import { evaluateSet, isFiniteEvaluation } from '../evaluateSet.ts';
import { SCHEMA_VERSION, type EpochRecord } from '../records.ts';
import { refuseKept } from '../stored/keep.ts';
import { labelsAt } from '../summarise.ts';
import type { RunFolder } from '../runFolder.ts';
import { tensorboard } from '../tensorboard/index.ts';
import { stepNote } from './note.ts';
import { newState, optimizerOf, type Prepared, type Resources } from './prepare.ts';
import { bestEpoch } from './selection.ts';

export interface TrainOptions {
  readonly onEpoch: (record: EpochRecord) => void;
  /** Folder of an event file; default: none. */
  readonly tensorboard?: string | undefined;
  /** Epochs whose weights are kept, 0 = before the first step; default none. */
  readonly keepEpochs?: readonly number[] | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Trains what is left of the run. Returns the divergence that ended it, if one did. */
export async function train(
  prepared: Prepared,
  { records, environment, evaluate, batches, report }: Resources,
  { signal, onEpoch, keepEpochs = [], ...options }: TrainOptions,
): Promise<DivergenceError | undefined> {
  const { specification, dataset, network, split, stepsPerEpoch, work } = prepared;
  const { normalisation } = dataset;
  const { epochs, batchSize, seed, augmentation, optimizer } = specification;
  const checkpoint = resumable(prepared, records);
  const firstEpoch = (checkpoint?.epoch ?? 0) + 1;
  records.truncateEpochs(firstEpoch - 1);
  records.noteSitting(environment, firstEpoch);
  for (const folder of [records.checkpoints, records.weights]) {
    removeCheckpointsAfter(folder, firstEpoch - 1);
  }
  const state = checkpoint?.state ?? newState(prepared);
  const keepWeights = (epoch: number, { parameters, statistics }: TrainingState) => {
    if (keepEpochs.includes(epoch)) saveWeights(records.weights, epoch, { parameters, statistics });
  };
  // A run may have been stopped between a checkpoint and these.
  keepWeights(firstEpoch - 1, state);
  const addEvent =
    options.tensorboard === undefined ? undefined : tensorboard(options.tensorboard, records.epochs());
  const steps = epochs * stepsPerEpoch;
  const training = trainEpochs({
    network,
    objective: prepared.objective,
    optimizer: optimizerOf(prepared),
    precision: specification.precision,
    schedule: {
      peak: optimizer.learningRate,
      warmup: optimizer.warmup,
      shape: optimizer.schedule,
      steps,
    },
    state,
    firstEpoch,
    epochs,
    stepsPerEpoch,
    probeEvery: specification.probes?.every,
    seed,
    batches: (epoch) =>
      batches.epoch({
        set: dataset.train,
        indices: split.train,
        batchSize,
        stream: createStream(seed, 'shuffle', epoch),
        sampler: specification.sampler,
        augmentation,
        augmentStream: [seed, 'augment', epoch],
        normalisation,
        dropLast: true,
      }),
    onStep: (step) => {
      report((step.epoch - 1) * work.epoch + step.step * work.step, stepNote(step, epochs));
    },
    ...(signal === undefined ? {} : { signal }),
  });
  const validate = async ({ epoch, state }: EpochResult): Promise<Validation | undefined> => {
    const images = split.validation.length;
    if (images === 0) return undefined;
    const started = performance.now();
    const evaluation = await evaluateSet({
      ...{ evaluate, batches, state, normalisation, signal },
      ...{ set: dataset.train, indices: split.validation },
      onBatch: (done) => {
        const note = `epoch ${epoch} of ${epochs}, validation, ${done} of ${images} images`;
        report(epoch * work.epoch - images + done, note);
      },
    });
    return { evaluation, seconds: (performance.now() - started) / 1000 };
  };
  try {
    for await (const result of training) {
      const validation = await validate(result);
      if (validation !== undefined && !isFiniteEvaluation(validation.evaluation)) {
        throw new DivergenceError(result.epoch, stepsPerEpoch, 'outputs on validation images', NaN);
      }
      const record = epochRecord(result, validation, prepared);
      records.appendEpoch(record);
      const keep = specification.selection === 'validation' ? bestEpoch(records.epochs()) : undefined;
      saveCheckpoint(records.checkpoints, result.epoch, result.state, { keep });
      keepWeights(result.epoch, result.state);
      addEvent?.(record);
      onEpoch(record);
    }
  } catch (error) {
    if (error instanceof DivergenceError) return error;
    throw error;
  }
  return undefined;
}

/**
 * The checkpoint that the run goes on from: the newest sound one of an epoch that is recorded; where the best epoch counts and
 * its checkpoint is damaged, one before that. What follows is made again.
 */
function resumable(
  { specification }: Prepared,
  records: RunFolder,
): { epoch: number; state: TrainingState } | undefined {
  const { checkpoints } = records;
  const recorded = records.epochs();
  const last = loadCheckpoint(checkpoints, { newest: recorded.length });
  if (last === undefined) refuseKept(records);
  if (last === undefined || specification.selection !== 'validation') return last;
  const best = bestEpoch(recorded.filter(({ epoch }) => epoch <= last.epoch));
  if (best === undefined || isSoundCheckpoint(checkpoints, best)) return last;
  tf.dispose(tensorsOf(last.state));
  return loadCheckpoint(checkpoints, { newest: best - 1 });
}

interface Validation {
  readonly evaluation: Evaluation;
  readonly seconds: number;
}

function epochRecord(
  { epoch, learningRate, measures, images, seconds, probes, probeSeconds }: EpochResult,
  validation: Validation | undefined,
  { dataset, split }: Prepared,
): EpochRecord {
  const { accuracy: trainAccuracy, gradientNormLogits, ...losses } = measures;
  const labels = validation && labelsAt(dataset.train, split.validation);
  const classes = dataset.train.classes.length;
  return {
    schemaVersion: SCHEMA_VERSION,
    epoch,
    learningRate,
    train: { losses, accuracy: trainAccuracy!, gradientNormLogits: gradientNormLogits! },
    ...(probes === undefined ? {} : { probes }),
    ...(validation === undefined || labels === undefined
      ? {}
      : {
          validation: {
            accuracy: accuracy(validation.evaluation.logits, labels, classes),
            crossEntropy: crossEntropy(validation.evaluation.logits, labels, classes),
          },
        }),
    timing: {
      ...{ seconds, imagesPerSecond: images / seconds, finishedAt: new Date().toISOString() },
      ...(probes === undefined ? {} : { probeSeconds }),
      ...(validation === undefined ? {} : { validationSeconds: validation.seconds }),
    },
  };
}
