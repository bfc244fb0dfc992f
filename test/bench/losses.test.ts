import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { before, test } from 'node:test';

import {
  lossAgreements,
  lossesDocument,
  lossFixtures,
  measureLossCosts,
  type LossesRecord,
  type LossFixture,
} from '../../src/bench/index.ts';
import { layerLosses } from '../../src/losses/index.ts';
import { engineUnderTest, withoutLeak } from '../support/engine.ts';

const root = path.join(import.meta.dirname, '..', '..');

before(async () => {
  await engineUnderTest();
});

/** What one computes by an iteration, and the others to float32's rounding. */
const BOUNDS: Readonly<Record<string, number>> = { orthogonalLowRank: 1e-4 };

test('Every loss agrees with PyTorch, and is finite on degenerate batches', () => {
  const agreements = withoutLeak(() => lossAgreements(lossFixtures()));
  assert.deepEqual(
    agreements.map(({ name }) => name),
    layerLosses().map(({ name }) => name),
  );
  for (const { name, value, gradient, differences, notFinite, batches } of agreements) {
    assert.ok(batches >= 3, name);
    for (const error of [value, gradient, differences]) {
      assert.ok(error < (BOUNDS[name] ?? 1e-5), `${name}: ${error}`);
    }
    assert.deepEqual(notFinite, [], name);
  }
});

test('An error in a value, in a gradient or in the gradient by the state is seen', () => {
  const changed = (change: (part: Record<string, unknown>) => void): LossFixture[] => {
    const fixtures = structuredClone(lossFixtures());
    change(fixtures[1]!.losses['center']!.parts['attraction'] as unknown as Record<string, unknown>);
    return fixtures;
  };
  const center = (fixtures: LossFixture[]) =>
    withoutLeak(() => lossAgreements(fixtures)).find(({ name }) => name === 'center')!;
  const value = center(changed((part) => (part['value'] = (part['value'] as number) * 1.01)));
  assert.ok(value.value > 0.009 && value.value < 0.011 && value.gradient < 1e-5);
  for (const by of ['gradient', 'centersGradient']) {
    const { gradient } = center(
      changed((part) => {
        const rows = part[by] as number[][];
        const largest = Math.max(...rows.flat().map(Math.abs));
        rows[0]![0]! += 0.02 * largest;
      }),
    );
    assert.ok(gradient > 0.015 && gradient < 0.025, `${by}: ${gradient}`);
  }
});

test('Losses are timed between steps without them', async () => {
  const costs = await measureLossCosts({ batchSize: 4, rounds: 2, names: ['msl', 'center'] });
  assert.deepEqual(
    costs.losses.map(({ name }) => name),
    ['msl', 'center'],
  );
  for (const { alone, share, step, ratio } of costs.losses) {
    for (const { min, median, max } of [alone, share, step, ratio]) {
      assert.ok(min > 0 && min <= median && median <= max);
    }
  }
});

test('docs/agreement.md is what the committed record gives', () => {
  const file = path.join(root, 'bench', 'results', 'losses.json');
  const record = JSON.parse(readFileSync(file, 'utf8')) as LossesRecord;
  assert.equal(lossesDocument(record), readFileSync(path.join(root, 'docs', 'agreement.md'), 'utf8'));
  assert.throws(() => lossesDocument({ ...record, agreement: [] }), /The record has no msl: measure/);
});
