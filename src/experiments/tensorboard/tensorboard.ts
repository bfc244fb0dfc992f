/** What TensorBoard shows of a run: its epochs, as an event file. */
import path from 'node:path';

import { makeFolder } from '../../engine/index.ts';
import { appendFileWhole, writeFileAtomic } from '../../training/index.ts';
import type { EpochRecord } from '../records.ts';
import { encodeEvent, encodeVersion, type ScalarEvent } from './events.ts';

/** TensorBoard finds files whose names contain `tfevents`. */
const FILE = 'events.out.tfevents.msl';

/**
 * Begins the event file of a run with the epochs that it has, and gives what adds another. The file is a function of the
 * records, so that a run that goes on has no epoch twice.
 *
 * @param folder of the event file, one for each run
 */
export function tensorboard(folder: string, records: readonly EpochRecord[]): (record: EpochRecord) => void {
  makeFolder(folder);
  const file = path.join(folder, FILE);
  const events = records.map(eventOf);
  const begun = events[0]?.wallTime ?? Date.now() / 1000;
  writeFileAtomic(file, Buffer.concat([encodeVersion(begun), ...events.map(encodeEvent)]));
  return (record) => {
    appendFileWhole(file, encodeEvent(eventOf(record)));
  };
}

/** The scalars of an epoch: every part of the loss, accuracies, gradient norm, learning rate, pace. */
function eventOf({ epoch, learningRate, train, validation, timing }: EpochRecord): ScalarEvent {
  const losses = Object.entries(train.losses).map(([name, value]) => [`loss/${name}`, value] as const);
  return {
    wallTime: timing.finishedAt === undefined ? 0 : Date.parse(timing.finishedAt) / 1000,
    step: epoch,
    scalars: {
      ...Object.fromEntries(losses),
      'accuracy/train': train.accuracy,
      ...(validation === undefined
        ? {}
        : { 'accuracy/validation': validation.accuracy, 'crossEntropy/validation': validation.crossEntropy }),
      'gradientNorm/logits': train.gradientNormLogits,
      learningRate,
      imagesPerSecond: timing.imagesPerSecond,
    },
  };
}
