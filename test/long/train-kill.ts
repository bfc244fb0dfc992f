/**
 * Kills trainings of several kinds with SIGKILL at random moments, again and again, and checks that each ends as one that was
 * never killed: the same metrics, weights, summary and TensorBoard scalars, bit for bit. Run by `npm run test:long`.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { createStream } from '../../src/engine/index.ts';
import { writeTinyCifar } from '../support/tinyCifar.ts';

/** Of each kind; 30 together. */
const KILLS = 6;
const EPOCHS = 40;

const base = {
  split: { train: 120, validation: 40 },
  network: { widths: [4, 8], convolutions: 1 },
  loss: { msl: {} },
  epochs: EPOCHS,
  batchSize: 20,
};
const KINDS: Readonly<Record<string, object>> = {
  'the mixture separability loss': base,
  'losses with state, label smoothing and schedules of weights': {
    ...base,
    loss: {
      layers: [
        { name: 'center', weight: 0.01, schedule: 'linearRamp' },
        { name: 'island', weight: 0.01 },
        { name: 'deepSupervision', weight: 0.3, taps: ['stage1'] },
      ],
      labelSmoothing: 0.1,
    },
  },
  'dropout and augmentation': {
    ...base,
    network: { name: 'wrn', depth: 10, widen: 0.25, dropout: 0.3 },
    augmentation: { crop: 4, flip: true },
  },
  'selection by validation, with a rate that makes it go up and down': {
    ...base,
    selection: 'validation',
    optimizer: { learningRate: 0.5, schedule: 'constant', nesterov: true, clipNorm: 5 },
  },
  bfloat16: { ...base, precision: 'bfloat16' },
};
const bin = fileURLToPath(new URL('../../bin/msl', import.meta.url));

for (const [kind, specification] of Object.entries(KINDS))
  test(`killed ${KILLS} times: ${kind}`, async (t) => {
    const root = mkdtempSync(path.join(os.tmpdir(), 'msl-train-kill-'));
    t.after(() => {
      rmSync(root, { recursive: true });
    });
    writeTinyCifar(path.join(root, 'data'));
    const spec = path.join(root, 'tiny.json');
    writeFileSync(spec, JSON.stringify(specification));

    /** Trains into a folder, killed after some milliseconds if it is still at work; whether it ended by itself. */
    const train = (folder: string, killAfter?: number): Promise<boolean> =>
      new Promise((resolve, reject) => {
        const child = spawn(
          process.execPath,
          [bin, 'train', spec, '--tensorboard', '--out', path.join(root, folder)],
          {
            env: { ...process.env, MSL_DATA: path.join(root, 'data') },
            stdio: ['ignore', 'ignore', 'pipe'],
          },
        );
        let errors = '';
        child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
        const timer =
          killAfter === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfter);
        child.on('error', reject).on('close', (status, signal) => {
          clearTimeout(timer);
          if (signal === 'SIGKILL') resolve(false);
          else if (status === 0) resolve(true);
          else reject(new Error(`status ${status}: ${errors}`));
        });
      });
    const records = (folder: string) => {
      const read = (name: string) => readFileSync(path.join(root, folder, name), 'utf8');
      const withoutTiming = (text: string) => ({ ...(JSON.parse(text) as object), timing: undefined });
      return {
        metrics: read('metrics.jsonl').trim().split('\n').map(withoutTiming),
        summary: withoutTiming(read('summary.json')),
        projection: read('projection.json'),
        checkpoints: readdirSync(path.join(root, folder, 'checkpoint')).map((name) => [
          name,
          readFileSync(path.join(root, folder, 'checkpoint', name), 'base64'),
        ]),
        // Without the time of day and the pace, two numbers of a fixed size each: as many scalars in as many events.
        events: readFileSync(path.join(root, folder, 'tensorboard', 'events.out.tfevents.msl')).length,
      };
    };

    const started = performance.now();
    await train('whole');
    const whole = performance.now() - started;
    const random = createStream(1, 'kills', kind);
    let kills = 0;
    for (let round = 0; kills < KILLS; round++) {
      const folder = `killed-${round}`;
      // Several kills in the life of one run, each a random share of the time that a whole one takes.
      let complete = false;
      while (!complete) {
        complete = await train(folder, kills < KILLS ? random.next() * whole : undefined);
        if (!complete) kills++;
      }
      assert.deepEqual(records(folder), records('whole'), `round ${round}`);
    }
    t.diagnostic(`${kills} kills, a whole training takes ${(whole / 1000).toFixed(1)} s`);
  });
