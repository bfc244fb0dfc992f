import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { loadDataset } from '../../../src/data/index.ts';
import { type ProgressReport, UsageError, UserError } from '../../../src/engine/index.ts';
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
  const few: readonly (readonly [SpecificationInput, RegExp])[] = [
    [
      { split: { train: 190, validation: 40 } },
      /^bad: The split asks for 40 validation and 190 training images; the set has 200/,
    ],
    [{ batchSize: 100 }, /^bad: batchSize is 100, but only 40 images are trained on/],
    [{ split: { train: 4, validation: 0 }, batchSize: 2 }, /^bad: split\.train: only 4 images/],
    // 40 of ten classes: four of each. The good task has the same split, without the sampler.
    [
      { batchSize: 20, sampler: { name: 'perClass', images: 5 } },
      /^bad: A class has 4 images to train on, fewer than the 5 of each class in a batch/,
    ],
    [
      { batchSize: 20, sampler: { name: 'perClass', images: 1 } },
      /^bad: Batches of 20 with 1 images of each class need 20 classes; there are 10/,
    ],
  ];
  for (const [input, problem] of few) {
    await assert.rejects(
      executeTasks({ tasks: [good, task('bad', input)], dataFolder, workers: 2 }),
      (error) => error instanceof UserError && problem.test(error.message),
    );
  }
  const odd = task('bad', { batchSize: 20, sampler: { name: 'perClass', images: 7 } });
  // Also where other machines do the work.
  for (const executor of [undefined, () => Promise.resolve([])]) {
    await assert.rejects(
      executeTasks({ tasks: [good, odd], dataFolder, executor }),
      /bad: Batches of 20 cannot have 7 images of each class: expected a divisor of the batch size/,
    );
    await assert.rejects(
      executeTasks({ tasks: [good, task('bad', { augmentation: { crop: 32 } })], dataFolder, executor }),
      /bad: augmentation\.crop is 32: .* of an image of 32 x 32; it has to be 0 to 31\./,
    );
  }
  assert.ok(!existsSync(good.folder));
  // The images are those of the workers.
  const elsewhere = { tasks: [task('bad', few[0]![0])], dataFolder, executor: () => Promise.resolve([]) };
  assert.deepEqual(await executeTasks(elsewhere), []);
  // Of the memory of a queue's workers nothing is known here.
  const [wide, bad] = [task('wide', { network: { widths: [4e6] } }), task('bad', unfit[0]![0])];
  const executor = () => Promise.resolve([]);
  assert.deepEqual(await executeTasks({ tasks: [wide], dataFolder, executor }), []);
  await assert.rejects(executeTasks({ tasks: [bad], dataFolder, executor }), refused(unfit[0]![1]));
});

test('tasks that are all complete need no data set', async (t) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'msl-execute-'));
  t.after(() => {
    rmSync(folder, { recursive: true });
  });
  const specification = parseSpecification({ dataset: 'long-gone' }, 'gone');
  const tasks = [{ specification, folder, label: 'gone', purpose: 'test' as const }];
  await assert.rejects(executeTasks({ tasks }), /There is no data set 'long-gone'/);
  writeFileSync(path.join(folder, 'summary.json'), '{}');
  const ended: unknown[] = [];
  const outcomes = await executeTasks({ tasks, onEnd: (...end) => ended.push(end) });
  assert.deepEqual([outcomes, ended], [[{ state: 'complete' }], [[0, { state: 'complete' }]]]);
});

test('images that are decoded for a run do not count as work of the run', async (t) => {
  const root = mkdtempSync(path.join(os.tmpdir(), 'msl-execute-'));
  const dataFolder = path.join(root, 'data');
  t.after(() => {
    chmodSync(dataFolder, 0o755);
    rmSync(root, { recursive: true, maxRetries: 5 });
  });
  writeTinyCifar(dataFolder);
  // Nothing decoded can be kept in it.
  chmodSync(dataFolder, 0o555);
  const specification = parseSpecification(
    {
      split: { train: 40, validation: 0 },
      network: { widths: [2], convolutions: 1 },
      epochs: 1,
      batchSize: 20,
    },
    'a run',
  );
  const reports: ProgressReport[] = [];
  await executeTasks({
    tasks: [{ specification, folder: path.join(root, 'run'), label: 'a run', purpose: 'test' }],
    dataFolder,
    progress: (report) => reports.push(report),
  });
  const decoding = reports.filter(({ note }) => note?.startsWith('cifar10 · decode'));
  assert.ok(decoding.length > 0);
  for (const { done } of decoding) assert.equal(done, 0);
  for (const { done, total } of reports) assert.ok(done <= total!, `${done} of ${total}`);
});

test('what has ended is complete where its images are gone, and has failed where they are others now', async (t) => {
  const root = mkdtempSync(path.join(os.tmpdir(), 'msl-execute-'));
  t.after(() => {
    rmSync(root, { recursive: true, maxRetries: 5 });
  });
  const dataFolder = path.join(root, 'data');
  writeTinyCifar(dataFolder);
  const specification = parseSpecification({ split: { train: 40, validation: 0 }, batchSize: 20 }, 'ended');
  const { digest } = await loadDataset('cifar10', { dir: dataFolder });
  const ended = (label: string, sha256: string) => {
    const folder = path.join(root, label);
    mkdirSync(folder);
    const write = (name: string, record: object) => {
      writeFileSync(path.join(folder, name), JSON.stringify({ schemaVersion: 1, ...record }));
    };
    write('spec.json', specification);
    write('environment.json', { data: { official: false, train: 200, test: 60, sha256 } });
    write('summary.json', {});
    return { specification, folder, label, purpose: 'test' as const };
  };
  const tasks = [ended('own', digest), ended('others', '0'.repeat(64))];
  const torn = ended('torn', digest);
  writeFileSync(path.join(torn.folder, 'spec.json'), '{');
  for (const workers of [1, 2]) {
    const told: string[] = [];
    const outcomes = await executeTasks({
      ...{ tasks, dataFolder, workers },
      onEnd: (place, { state }) => told.push(`${place} ${state}`),
    });
    assert.deepEqual(told, ['0 complete', '1 failed']);
    assert.ok(outcomes[1]?.state === 'failed' && outcomes[1].message.includes('a run on other images'));
  }
  const [own, damaged] = await executeTasks({ tasks: [tasks[0]!, torn], dataFolder, workers: 2 });
  assert.equal(own!.state, 'complete');
  assert.ok(damaged?.state === 'failed' && damaged.message.includes('spec.json is damaged'));
  const gone = await executeTasks({ tasks, dataFolder: path.join(root, 'nothing') });
  assert.deepEqual(gone, [{ state: 'complete' }, { state: 'complete' }]);
});
