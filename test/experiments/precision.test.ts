import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { loadEngine, UserError, vectorInstructions, type Engine } from '../../src/engine/index.ts';
import { parseSpecification, RunFolder, runExperiment } from '../../src/experiments/index.ts';
import { writeTinyCifar } from '../support/tinyCifar.ts';

describe('the precision of a run', () => {
  let engine: Engine;
  let root: string;
  before(async () => {
    engine = await loadEngine();
    root = mkdtempSync(path.join(os.tmpdir(), 'msl-precision-'));
    writeTinyCifar(path.join(root, 'data'));
  });
  after(() => {
    rmSync(root, { recursive: true });
  });

  const run = async (precision: 'float32' | 'bfloat16') => {
    const folder = path.join(root, precision);
    const specification = parseSpecification(
      {
        split: { train: 120, validation: 40 },
        network: { widths: [4, 8], convolutions: 1 },
        loss: { msl: {} },
        epochs: 2,
        batchSize: 20,
        precision,
      },
      'test',
    );
    const summary = await runExperiment({ specification, folder, dataFolder: path.join(root, 'data') });
    return { summary, records: new RunFolder(folder) };
  };

  test('decides how the step computes, and stands in the record of the environment', async (t) => {
    if (engine.name !== 'tensorflow') {
      t.skip('this engine computes in float32 only');
      return;
    }
    const float32 = await run('float32');
    const bfloat16 = await run('bfloat16');
    for (const [precision, { records }] of Object.entries({ float32, bfloat16 })) {
      const environment = records.environment();
      assert.equal(environment?.precision, precision);
      assert.deepEqual(environment.cpuFlags, vectorInstructions() ?? null);
    }
    const losses = [float32, bfloat16].map(({ records }) => records.epochs()[0]!.train.losses['total']!);
    assert.notEqual(losses[0], losses[1], 'the precision did not reach the step');
    assert.ok(Math.abs(losses[1]! / losses[0]! - 1) < 1e-2, losses.join(' and '));
    assert.equal(bfloat16.summary.status, 'finished');
  });

  test('is refused by engines that lack it, before anything is written', async (t) => {
    if (engine.name === 'tensorflow') {
      t.skip('TensorFlow has it');
      return;
    }
    await assert.rejects(
      run('bfloat16'),
      (error) => error instanceof UserError && error.message.includes('computes in float32 only'),
    );
    assert.ok(!existsSync(path.join(root, 'bfloat16')));
  });
});
