/**
 * Whole trainings here and in PyTorch, from the same weights on the same batches of CIFAR-10:
 *
 *     node --import tsx test/long/parity.ts losses      300 steps, compared step by step
 *     node --import tsx test/long/parity.ts errors      test errors over six seeds; what is done is kept and not repeated
 *
 * Every option of the optimizer is in use: learning rates that rise and fall, momentum, weight decay on kernels only; in
 * `losses` the last batch of an epoch is short. Results go to bench/results. Exit status 1 where a bound is passed.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';

import * as tf from '@tensorflow/tfjs';

import { ensureBenchPeers } from '../../bench/peers/environment.mjs';
import { epochIndices } from '../../src/data/batches.ts';
import {
  loadDataset,
  projectRoot,
  sequentialBatches,
  splitValidation,
  type Dataset,
} from '../../src/data/index.ts';
import { makeBatch, normalisationTable } from '../../src/data/makeBatch.ts';
import { createStream, loadEngine, tensorsOf, type Precision } from '../../src/engine/index.ts';
import { accuracy, mean, pairedDifferences } from '../../src/measures/index.ts';
import { standardDeviation } from '../../src/measures/statistics.ts';
import { vgg, type Network } from '../../src/models/index.ts';
import { evaluator, initialState, learningRateAt, sgd, trainEpochs } from '../../src/training/index.ts';

const THREADS = 2;
const MOMENTUM = 0.9;
const WEIGHT_DECAY = 5e-4;
const SEPARABILITY = 0.1;
const SIDES = ['float32', 'bfloat16', 'torch'] as const;
type Side = (typeof SIDES)[number];

interface Plan {
  readonly seed: number;
  readonly images: number;
  readonly batchSize: number;
  readonly steps: number;
  readonly peak: number;
  readonly dropLast: boolean;
  /** Images of the test set, from the first on, that the trained network is evaluated on. */
  readonly testImages: number;
}

interface Outcome {
  readonly losses: readonly number[];
  readonly testError: number | null;
}

const results = path.join(projectRoot(), 'bench', 'results');
const network: Network = vgg({ imageShape: [32, 32, 3], classes: 10 });
const optimizer = sgd(network, { momentum: MOMENTUM, weightDecay: WEIGHT_DECAY });

function schedule({ peak, steps }: Plan) {
  return { peak, warmup: 0.2, steps };
}

/** The images of each step. */
function batches(dataset: Dataset, plan: Plan): Uint32Array[][] {
  const { train: indices } = splitValidation(dataset.train, {
    ...{ train: plan.images, validation: 0, stream: createStream(plan.seed, 'split') },
  });
  const epochs: Uint32Array[][] = [];
  for (let left = plan.steps, epoch = 1; left > 0; epoch++) {
    const all = epochIndices({
      ...{ set: dataset.train, indices, batchSize: plan.batchSize, dropLast: plan.dropLast },
      ...{ normalisation: dataset.normalisation, stream: createStream(plan.seed, 'shuffle', epoch) },
    });
    epochs.push(all.slice(0, left));
    left -= epochs.at(-1)!.length;
  }
  return epochs;
}

async function here(dataset: Dataset, plan: Plan, precision: Precision): Promise<Outcome> {
  const table = normalisationTable(dataset.normalisation);
  const epochs = batches(dataset, plan);
  const losses: number[] = [];
  let testError: number | null = null;
  const training = trainEpochs({
    ...{ network, optimizer, precision, schedule: schedule(plan), firstEpoch: 1, epochs: epochs.length },
    objective: {
      separability: network.taps.map((tap) => ({ tap, side: 'activation', weight: SEPARABILITY })),
    },
    state: initialState(network, optimizer, plan.seed),
    stepsPerEpoch: epochs[0]!.length,
    batches: (epoch) => epochs[epoch - 1]!.map((indices) => makeBatch(dataset.train, indices, table)),
    onStep: ({ loss }) => {
      losses.push(loss);
    },
  });
  for await (const { epoch, state } of training) {
    if (epoch < epochs.length || plan.testImages === 0) continue;
    const evaluate = evaluator(network);
    const { testImages: n } = plan;
    const { logits } = await evaluate({
      ...{ parameters: state.parameters, statistics: state.statistics, n },
      batches: sequentialBatches({
        ...{ set: dataset.test, batchSize: 500, normalisation: dataset.normalisation },
        indices: Uint32Array.from({ length: n }, (_, i) => i),
      }),
    });
    testError = 1 - accuracy(logits, dataset.test.labels.subarray(0, n), network.classes);
    evaluate.dispose();
  }
  return { losses, testError };
}

async function inTorch(
  dataset: Dataset,
  plan: Plan,
  format: 'default' | 'channels_last',
  python: string,
): Promise<Outcome & { readonly version: string }> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'msl-parity-'));
  try {
    write(folder, dataset, plan);
    const script = path.join(projectRoot(), 'bench', 'peers', 'torch_training.py');
    const { stdout } = await promisify(execFile)(python, ['-B', script, folder, format, String(THREADS)], {
      maxBuffer: 2 ** 26,
    });
    return JSON.parse(stdout) as Outcome & { version: string };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The training as bench/peers/torch_training.py reads it. */
function write(folder: string, dataset: Dataset, plan: Plan): void {
  const steps = batches(dataset, plan).flat();
  const table = normalisationTable(dataset.normalisation);
  const used = Uint32Array.from(new Set(steps.flatMap((indices) => [...indices])));
  const rows = new Map([...used].map((index, row) => [index, row]));
  const { images, labels, n } = makeBatch(dataset.train, used, table);
  const state = initialState(network, optimizer, plan.seed);
  const blocks: [string, readonly number[], Float32Array | Int32Array][] = [
    ['images', [n, 32, 32, 3], images],
    ['labels', [n], labels],
    ...Object.entries(state.parameters).map(([name, tensor]): (typeof blocks)[number] => [
      name,
      tensor.shape,
      tensor.dataSync<'float32'>(),
    ]),
  ];
  tf.dispose(tensorsOf(state));
  if (plan.testImages > 0) {
    const test = Uint32Array.from({ length: plan.testImages }, (_, i) => i);
    const batch = makeBatch(dataset.test, test, table);
    blocks.push(['testImages', [batch.n, 32, 32, 3], batch.images], ['testLabels', [batch.n], batch.labels]);
  }
  let offset = 0;
  const tensors = Object.fromEntries(
    blocks.map(([name, shape, values]) => {
      const place = { shape, dtype: values instanceof Int32Array ? 'int32' : 'float32', offset };
      offset += values.byteLength;
      return [name, place];
    }),
  );
  const bytes = blocks.map(([, , v]) => Buffer.from(v.buffer, v.byteOffset, v.byteLength));
  writeFileSync(path.join(folder, 'training.bin'), Buffer.concat(bytes));
  writeFileSync(
    path.join(folder, 'training.json'),
    JSON.stringify({
      ...{ momentum: MOMENTUM, weightDecay: WEIGHT_DECAY, separability: SEPARABILITY, tensors },
      batches: steps.map((indices) => [...indices].map((index) => rows.get(index)!)),
      learningRates: steps.map((_, step) => learningRateAt(step, schedule(plan))),
    }),
  );
}

/** Largest difference of two runs' losses over some steps. */
function difference(a: readonly number[], b: readonly number[], from: number, to: number): number {
  return Math.max(...a.slice(from, to).map((loss, i) => Math.abs(loss - b[from + i]!)));
}

async function compareLosses(dataset: Dataset, python: string): Promise<boolean> {
  const plan: Plan = {
    ...{ seed: 1, images: 1000, batchSize: 128, steps: 300, peak: 0.1, dropLast: false, testImages: 0 },
  };
  const own = await here(dataset, plan, 'float32');
  const torch = await inTorch(dataset, plan, 'default', python);
  const channelsLast = await inTorch(dataset, plan, 'channels_last', python);
  // A single step's difference is noise of chaos; the last epochs' mean of them is what two runs are apart.
  const last = (a: Outcome, b: Outcome) =>
    mean(a.losses.slice(-50).map((loss, i) => Math.abs(loss - b.losses[plan.steps - 50 + i]!)));
  const first = difference(own.losses, torch.losses, 0, 10);
  const spread = last(torch, channelsLast);
  const apart = last(own, torch);
  const held = first <= 1e-4 && apart <= 2 * spread;
  save('parity-losses.json', {
    ...{ plan, held, torchVersion: torch.version },
    firstTenSteps: { largest: first, bound: 1e-4 },
    lastFiftySteps: {
      ...{ here: apart, bound: 2 * spread, torchDefaultAgainstChannelsLast: spread },
      means: [own, torch, channelsLast].map(({ losses }) => mean(losses.slice(-50))),
    },
    losses: { here: own.losses, torch: torch.losses, torchChannelsLast: channelsLast.losses },
  });
  console.log(
    `first ten steps ${first.toExponential(1)}; last fifty ${apart.toExponential(2)}, PyTorch's two ${spread.toExponential(2)}`,
  );
  return held;
}

async function compareErrors(dataset: Dataset, python: string): Promise<boolean> {
  // The study early-saturation's training set and batches, in fewer epochs.
  const plan = {
    images: 5000,
    batchSize: 128,
    steps: 39 * 12,
    peak: 0.1,
    dropLast: true,
    testImages: 10_000,
  };
  const file = path.join(results, 'parity-errors.json');
  const kept = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as {
        plan: typeof plan;
        errors: Record<string, Record<Side, number>>;
      })
    : undefined;
  const errors: Record<string, Partial<Record<Side, number>>> = JSON.stringify(kept?.plan) ===
  JSON.stringify(plan)
    ? kept!.errors
    : {};
  const seeds = [1, 2, 3, 4, 5, 6];
  const intervals = () => {
    const done = seeds.filter((seed) => SIDES.every((side) => errors[seed]?.[side] !== undefined));
    const of = (side: Side) => done.map((seed) => errors[seed]![side]!);
    if (done.length < seeds.length) return {};
    return {
      againstTorch: interval(of('float32'), of('torch')),
      bfloat16AgainstFloat32: interval(of('bfloat16'), of('float32')),
    };
  };
  for (const seed of seeds) {
    for (const side of SIDES) {
      if (errors[seed]?.[side] !== undefined) continue;
      const outcome =
        side === 'torch'
          ? await inTorch(dataset, { ...plan, seed }, 'channels_last', python)
          : await here(dataset, { ...plan, seed }, side);
      errors[seed] = { ...errors[seed], [side]: outcome.testError! };
      save('parity-errors.json', { plan, errors, ...intervals() });
      console.log(`seed ${seed}, ${side}: ${(100 * outcome.testError!).toFixed(2)} % wrong`);
    }
  }
  const found = Object.values(intervals());
  for (const { low, high } of found) {
    console.log(
      `95 % interval of the difference: ${(100 * low).toFixed(2)} to ${(100 * high).toFixed(2)} points`,
    );
  }
  return found.every(({ low, high }) => low > -0.01 && high < 0.01);
}

/** Student's t for 95 % and the five degrees of freedom of six pairs. */
const T_OF_SIX = 2.5706;

function interval(a: number[], b: number[]) {
  const { differences, mean } = pairedDifferences(a, b);
  const half = (T_OF_SIX * standardDeviation(differences)) / Math.sqrt(differences.length);
  return { mean, low: mean - half, high: mean + half };
}

function save(name: string, value: object): void {
  mkdirSync(results, { recursive: true });
  writeFileSync(path.join(results, name), `${JSON.stringify(value, null, 2)}\n`);
}

const [what = 'losses'] = process.argv.slice(2);
await loadEngine({ engine: 'tensorflow', threads: THREADS });
const python = await ensureBenchPeers();
const dataset = await loadDataset('cifar10');
const held = what === 'errors' ? await compareErrors(dataset, python) : await compareLosses(dataset, python);
if (!held) process.exitCode = 1;
