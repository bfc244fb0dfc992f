/**
 * A process that trains one variant, told what to do line by line: `{"command": "load", ...}`, then `{"command": "round",
 * ...}` any number of times; it ends with its input. Each line is answered by one line. The peers in bench/peers speak the
 * same.
 */
import { createInterface } from 'node:readline';

import { loadEngine } from '../engine/index.ts';
import { engineText } from './circumstances.ts';
import { bareStep, wholeEpochs, wholeLoop, type Training } from './loop.ts';
import { stockTrainee } from './stock.ts';
import { projectTrainee, type Trainee } from './trainee.ts';
import type { OwnSettings } from './variants.ts';
import { readWorkload } from './workload.ts';

interface Load {
  readonly command: 'load';
  readonly folder: string;
  readonly threads: number;
  readonly variant: OwnSettings;
}

interface Round {
  readonly command: 'round';
  readonly steps: number;
  readonly inferences: number;
}

/** The answer to `load`. */
export interface Loaded {
  /** E.g. `TensorFlow 2.21.0`. */
  readonly version: string;
  /** Seconds from the first call of the step to its first result: for a graph, tracing and loading it. */
  readonly firstStep: number;
}

/** The answer to `round`: from the initial weights, `steps` training steps, then `inferences`. */
export interface RoundResult {
  readonly losses: readonly number[];
  /** Seconds of each. */
  readonly train: readonly number[];
  readonly infer: readonly number[];
  /** Classes of the last inference, for the shape only: weights have diverged by rounding then. */
  readonly classes: number;
  /** Resident memory now and at most, in bytes. */
  readonly memory: { readonly now: number; readonly peak: number };
}

let trainee: Trainee | undefined;
let training: Training | undefined;

async function load({ folder, threads, variant }: Load): Promise<Loaded> {
  const engine = await loadEngine({ engine: variant.engine, threads });
  const workload = readWorkload(folder);
  const started = performance.now();
  if (variant.way === 'step' || variant.way === 'loop' || variant.way === 'epoch') {
    training = { step: bareStep, loop: wholeLoop, epoch: wholeEpochs }[variant.way](workload);
    await training(variant.way === 'epoch' ? 0 : 1);
  } else {
    trainee = variant.way === 'stock' ? stockTrainee(workload) : projectTrainee(workload, variant.precision);
    await trainee.train(0);
  }
  const firstStep = (performance.now() - started) / 1000;
  await trainee?.infer(0);
  return { version: engineText(engine), firstStep };
}

async function round({ steps, inferences }: Round): Promise<RoundResult> {
  if (training !== undefined) {
    return { losses: [], train: await training(steps), infer: [], classes: 0, memory: memory() };
  }
  if (trainee === undefined) throw new Error('load comes first');
  const trained = trainee;
  trained.reset();
  const losses: number[] = [];
  const train = await timed(steps, async (k) => {
    losses.push(await trained.train(k));
  });
  let classes = 0;
  const infer = await timed(inferences, async (k) => {
    classes = (await trained.infer(k)).length;
  });
  return { losses, train, infer, classes, memory: memory() };
}

function memory(): RoundResult['memory'] {
  return { now: process.memoryUsage.rss(), peak: process.resourceUsage().maxRSS * 1024 };
}

async function timed(times: number, body: (k: number) => Promise<void>): Promise<number[]> {
  const seconds: number[] = [];
  for (let k = 0; k < times; k++) {
    const started = performance.now();
    await body(k);
    seconds.push((performance.now() - started) / 1000);
  }
  return seconds;
}

for await (const line of createInterface({ input: process.stdin })) {
  let answer: object;
  try {
    const request = JSON.parse(line) as Load | Round;
    answer = request.command === 'load' ? await load(request) : await round(request);
  } catch (error) {
    answer = { error: error instanceof Error ? error.message : String(error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
