import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { withBlock } from '../../src/bench/index.ts';
import { openKept } from '../long/parity/kept.ts';
import {
  compareErrors,
  compareLosses,
  errorsTable,
  lossesTable,
  type ErrorsRecord,
  type LossesRecord,
} from '../long/parity/records.ts';
import type { Plan } from '../long/parity/training.ts';

const PLAN = { steps: 60, images: 10 } as Plan;

/** Losses of 60 steps, moved by `first` in the tenth step and by `last` in the last 50. */
function moved(first: number, last: number): number[] {
  return Array.from({ length: 60 }, (_, step) => 2 + (step === 9 ? first : step >= 10 ? last : 0));
}

test('Losses are compared at most in the first ten steps, on average in the last fifty', () => {
  const compare = (first: number, last: number) =>
    compareLosses({
      losses: { here: moved(first, last), torch: moved(0, 0), torchChannelsLast: moved(0, 0.01) },
    } as unknown as LossesRecord);
  const { here, torch, held } = compare(5e-5, -0.019);
  assert.ok(Math.abs(here.first - 5e-5) < 1e-9 && Math.abs(here.last - 0.019) < 1e-9);
  assert.ok(Math.abs(torch.last - 0.01) < 1e-9);
  assert.equal(held, true);
  assert.equal(compare(2e-4, 0.019).held, false);
  assert.equal(compare(5e-5, 0.021).held, false);
});

test('The interval of paired differences is the one of t with five degrees of freedom', () => {
  const torch = [0.3, 0.3, 0.3, 0.3, 0.3, 0.3];
  // Differences -1, 1, -1, 1, 0, 0 hundredths: deviation sqrt(4 / 5), half width 2.570582 sqrt(4 / 5) / sqrt(6) = 0.9386.
  const float32 = [0.29, 0.31, 0.29, 0.31, 0.3, 0.3];
  const record = { seeds: [1, 2, 3, 4, 5, 6], errors: { float32, bfloat16: float32, torch } };
  const [first, , third] = compareErrors(record as unknown as ErrorsRecord);
  assert.ok(Math.abs(first!.mean) < 1e-12);
  assert.ok(Math.abs(first!.high - 0.009386) < 1e-6 && Math.abs(first!.low + 0.009386) < 1e-6);
  assert.equal(first!.held, true);
  assert.deepEqual([third!.low, third!.high], [0, 0]);
  const apart = { ...record, errors: { ...record.errors, bfloat16: float32.map((e) => e + 0.001) } };
  assert.equal(compareErrors(apart as unknown as ErrorsRecord)[1]!.held, false);
  assert.throws(
    () => compareErrors({ ...record, seeds: [1, 2] } as unknown as ErrorsRecord),
    /6 to 10 seeds, not of 2/,
  );
});

test('What was trained counts again only where that is wanted, and for the same plan', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'msl-kept-'));
  const file = path.join(folder, 'deep', 'kept.json');
  try {
    openKept<number>(file, PLAN, false).add('a', 1);
    assert.deepEqual(openKept<number>(file, PLAN, true).outcomes, { a: 1 });
    assert.throws(() => openKept<number>(file, { ...PLAN, steps: 61 }, true), /another plan/);
    assert.deepEqual(openKept<number>(file, PLAN, false).outcomes, {});
    assert.deepEqual(openKept<number>(file, PLAN, true).outcomes, {});
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('The tables of whole trainings in bench/README.md are those of the committed results', () => {
  const folder = path.join(import.meta.dirname, '..', '..', 'bench');
  const readme = readFileSync(path.join(folder, 'README.md'), 'utf8');
  const read = (name: string): unknown => {
    const file = path.join(folder, 'results', `${name}.json`);
    return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  };
  const losses = read('parity-losses') as LossesRecord | undefined;
  if (losses !== undefined) assert.equal(withBlock(readme, 'parity-losses', lossesTable(losses)), readme);
  const errors = read('parity-errors') as ErrorsRecord | undefined;
  if (errors !== undefined) assert.equal(withBlock(readme, 'parity-errors', errorsTable(errors)), readme);
});
