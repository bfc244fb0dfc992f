import { readFileSync } from 'node:fs';
import path from 'node:path';

import { defineStudy, studyRuns, type StudyRun } from '../../src/experiments/index.ts';
import { checkpointEpochs } from '../../src/training/index.ts';

/** A study of CE against MSL on tiny CIFAR, a run in well under a second. */
export function tinyRuns(
  root: string,
  seeds: readonly number[],
  settings: readonly string[] = [],
): StudyRun[] {
  const study = defineStudy({
    name: 'tiny',
    base: {
      split: { train: 120, validation: 40 },
      network: { widths: [4, 8], convolutions: 1 },
      loss: { msl: {} },
      batchSize: 20,
      threads: 1,
    },
    arms: [{ name: 'ce', set: ['loss.msl=null'] }, { name: 'msl' }],
    seeds,
  });
  return studyRuns(study, 'full', root, settings);
}

/** All that has to be the same in two runs of one specification: what depends on the clock is left out. */
export function recordsOf(folder: string): unknown {
  const read = (name: string) => readFileSync(path.join(folder, name), 'utf8');
  const withoutTiming = (text: string) => ({ ...(JSON.parse(text) as object), timing: undefined });
  const [last] = checkpointEpochs(path.join(folder, 'checkpoint'));
  return {
    spec: read('spec.json'),
    metrics: read('metrics.jsonl').trim().split('\n').map(withoutTiming),
    summary: withoutTiming(read('summary.json')),
    projection: read('projection.json'),
    weights: readFileSync(path.join(folder, 'checkpoint', `epoch-${last}.safetensors`), 'base64'),
  };
}
