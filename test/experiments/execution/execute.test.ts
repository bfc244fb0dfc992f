import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { UsageError } from '../../../src/engine/index.ts';
import { executeTasks } from '../../../src/experiments/execution/index.ts';
import { parseSpecification, type SpecificationInput } from '../../../src/experiments/index.ts';
import { writeTinyCifar } from '../../support/tinyCifar.ts';

test('what does not fit together is refused before the first task, not when its turn comes', async (t) => {
  const root = mkdtempSync(path.join(os.tmpdir(), 'msl-execute-'));
  t.after(() => {
    rmSync(root, { recursive: true, maxRetries: 5 });
  });
  const dataFolder = path.join(root, 'data');
  writeTinyCifar(dataFolder);
  const task = (label: string, input: SpecificationInput) => ({
    specification: parseSpecification({ split: { train: 40, validation: 0 }, ...input }, label),
    folder: path.join(root, label),
    label,
    purpose: 'test' as const,
  });
  const good = task('good', { epochs: 1, batchSize: 20 });
  const unfit: readonly (readonly [SpecificationInput, RegExp])[] = [
    [{ loss: { msl: { taps: ['stage9'] } } }, /^bad: loss\.msl\.taps: There is no tap 'stage9'/],
    [{ network: { widths: [1e9] } }, /^bad: network: .* has [\d,]+ parameters/],
  ];
  const refused = (problem: RegExp) => (error: unknown) =>
    error instanceof UsageError && problem.test(error.message);
  for (const [input, problem] of unfit) {
    await assert.rejects(executeTasks({ tasks: [good, task('bad', input)], dataFolder }), refused(problem));
  }
  assert.ok(!existsSync(good.folder));
  // Of the memory of a queue's workers nothing is known here.
  const [wide, bad] = [task('wide', { network: { widths: [4e6] } }), task('bad', unfit[0]![0])];
  const executor = () => Promise.resolve([]);
  assert.deepEqual(await executeTasks({ tasks: [wide], dataFolder, executor }), []);
  await assert.rejects(executeTasks({ tasks: [bad], dataFolder, executor }), refused(unfit[0]![1]));
});
