import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

import * as tf from '@tensorflow/tfjs';

import { projectRoot, type Dataset } from '../../../src/data/index.ts';
import { makeBatch, normalisationTable } from '../../../src/data/makeBatch.ts';
import { tensorsOf } from '../../../src/engine/index.ts';
import { initialState, learningRateAt } from '../../../src/training/index.ts';
import { batchesOf, networkOf, optimizerOf, scheduleOf } from './training.ts';
import type { OnStep, Outcome, Plan } from './training.ts';

/** Where and how PyTorch runs. */
export interface TorchOptions {
  /** Python of the peers' environment. */
  readonly python: string;
  readonly threads: number;
  readonly format: 'default' | 'channels_last';
  readonly onStep: OnStep;
}

/**
 * Trains with PyTorch, from the same weights on the same batches.
 *
 * @throws {Error} with what Python wrote, where it fails
 */
export async function trainInTorch(
  dataset: Dataset,
  plan: Plan,
  seed: number,
  { python, threads, format, onStep }: TorchOptions,
): Promise<Outcome & { readonly version: string }> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'msl-parity-'));
  try {
    exportTraining(folder, dataset, plan, seed);
    const script = path.join(projectRoot(), 'bench', 'peers', 'torch_training.py');
    const child = spawn(python, ['-B', script, folder, format, String(threads)], {
      stdio: ['ignore', 'pipe', 'pipe'],
      // OpenMP's threads spin while they wait for each other, by default: a step takes sixteen times as long where
      // another program uses one of the cores.
      env: { ...process.env, OMP_WAIT_POLICY: 'PASSIVE' },
    });
    const stopped = () => child.kill();
    process.once('exit', stopped);
    const output: Buffer[] = [];
    const errors: string[] = [];
    child.stdout.on('data', (bytes: Buffer) => output.push(bytes));
    createInterface({ input: child.stderr }).on('line', (line) => {
      const step = /^step (\d+)$/.exec(line);
      if (step === null) errors.push(line);
      else onStep(Number(step[1]));
    });
    const status = await new Promise<number | NodeJS.Signals | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, signal) => {
        resolve(code ?? signal);
      });
    });
    process.off('exit', stopped);
    if (status !== 0) {
      throw new Error(`PyTorch's training ended with ${status}:\n${errors.slice(-8).join('\n')}`);
    }
    return JSON.parse(Buffer.concat(output).toString()) as Outcome & { version: string };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The training as bench/peers/torch_training.py reads it: raw values, and where in them each tensor lies. */
function exportTraining(folder: string, dataset: Dataset, plan: Plan, seed: number): void {
  const network = networkOf(plan);
  const steps = batchesOf(dataset, plan, seed).flat();
  const table = normalisationTable(dataset.normalisation);
  const used = Uint32Array.from(new Set(steps.flatMap((indices) => [...indices])));
  const rows = new Map([...used].map((index, row) => [index, row]));
  const { images, labels, n } = makeBatch(dataset.train, { indices: used }, table);
  const state = initialState(network, optimizerOf(plan, network), seed);
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
    const indices = Uint32Array.from({ length: plan.testImages }, (_, i) => i);
    const batch = makeBatch(dataset.test, { indices }, table);
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
  const { momentum, weightDecay, separability } = plan;
  writeFileSync(
    path.join(folder, 'training.json'),
    JSON.stringify({
      ...{ momentum, weightDecay, separability, tensors },
      batches: steps.map((indices) => [...indices].map((index) => rows.get(index)!)),
      learningRates: steps.map((_, step) => learningRateAt(step, scheduleOf(plan))),
    }),
  );
}
