import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { parseSpecification, RunFolder, specificationHash } from '../../src/experiments/index.ts';
import { engineUnderTest } from '../support/engine.ts';
import { trainTinyRun } from '../support/trainedRun.ts';

describe('probes of a run', () => {
  const root = mkdtempSync(path.join(tmpdir(), 'probes-'));
  before(async () => {
    await engineUnderTest();
  });
  after(() => {
    rmSync(root, { recursive: true });
  });

  test('do not change the training: the same weights, bit for bit', async () => {
    const plain = await trainTinyRun(root, 'plain');
    const probed = await trainTinyRun(root, 'probed', 'probes.every=4');
    const weights = (folder: string) => {
      const { checkpoints } = new RunFolder(folder);
      const file = readdirSync(checkpoints).find((name) => name.endsWith('-2.safetensors'))!;
      return readFileSync(path.join(checkpoints, file));
    };
    assert.deepEqual(weights(probed), weights(plain));
    const [a, b] = [new RunFolder(plain).epochs(), new RunFolder(probed).epochs()];
    assert.ok(a.every(({ probes, timing }) => probes === undefined && timing.probeSeconds === undefined));
    // Six steps an epoch: 0 and 4 of the first, 2 (the ninth) of the second.
    assert.deepEqual(
      b.map(({ probes }) => probes!.steps),
      [2, 1],
    );
    for (const [i, { probes, timing, ...rest }] of b.entries()) {
      assert.deepEqual({ ...rest, timing: 0 }, { ...a[i]!, timing: 0 });
      assert.ok(timing.probeSeconds! > 0 && timing.probeSeconds! < timing.seconds);
      assert.deepEqual(Object.keys(probes!.gradientNorms), ['stage1', 'stage2', 'penultimate', 'logits']);
      assert.deepEqual(Object.keys(probes!.gradientNorms['stage1']!), ['crossEntropy', 'msl', 'total']);
      assert.deepEqual(Object.keys(probes!.saturated), ['0.1', '0.01', '0.001']);
      assert.ok(Math.abs(probes!.cosines['msl']!) <= 1);
    }
  });

  test('are left out of a specification that has none, and every 50 steps by default', () => {
    const parse = (value: unknown) => parseSpecification(value, 'test.json');
    assert.ok(!('probes' in parse({})));
    assert.deepEqual(parse({ probes: {} }).probes, { every: 50 });
    assert.notEqual(specificationHash(parse({ probes: {} })), specificationHash(parse({})));
    assert.throws(() => parse({ probes: { every: 0 } }), /probes.every.*it is 0/);
    assert.throws(() => parse({ probes: { evry: 5 } }), /'probes.evry' \(did you mean 'every'\?\)/);
  });
});
