import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  columnValues,
  epochsFrame,
  frameCsv,
  groupRows,
  loadDanfo,
  parseCsv,
  runsFrame,
  withoutGaps,
} from '../../src/report/index.ts';
import { mean } from '../../src/measures/index.ts';
import { sampleStudy } from './sample.ts';

test('groupRows: two keys with hyphens, which danfojs merges', async () => {
  const { DataFrame } = await loadDanfo();
  const frame = new DataFrame(
    [
      ['a', 'b-c', 1],
      ['a-b', 'c', 10],
      ['a', 'b-c', 2],
    ],
    { columns: ['arm', 'profile', 'x'] },
  );
  // The fault: one group of three rows.
  assert.equal(Object.keys(frame.groupby(['arm', 'profile']).colDict).length, 1);
  const groups = await groupRows(frame, ['arm', 'profile']);
  assert.deepEqual(
    groups.map(({ keys, frame: own }) => [keys, columnValues(own, 'x')]),
    [
      [
        ['a', 'b-c'],
        [1, 2],
      ],
      [['a-b', 'c'], [10]],
    ],
  );
  await assert.rejects(groupRows(frame, ['arms']), /no column 'arms'; it has arm, profile, x/);
});

test('frameCsv: quotes, which danfojs does not', async () => {
  const { DataFrame, toCSV } = await loadDanfo();
  const frame = new DataFrame([['x, "y"', 1]], { columns: ['name, of it', 'n'] });
  assert.equal((toCSV(frame) as unknown as string).split('\n')[1], 'x, "y",1');
  assert.deepEqual(parseCsv(frameCsv(frame)), [
    ['name, of it', 'n'],
    ['x, "y"', '1'],
  ]);
});

test('withoutGaps: a new frame, where danfojs’s fillNa changes the old one', async () => {
  const { DataFrame } = await loadDanfo();
  const frame = new DataFrame([[1], [NaN]], { columns: ['x'] });
  const filled = await withoutGaps(frame, 0);
  assert.deepEqual(columnValues(filled, 'x'), [1, 0]);
  assert.ok(Number.isNaN((frame.values as number[][])[1]![0]));
  frame.fillNa(0, { columns: ['x'] });
  assert.equal((frame.values as number[][])[1]![0], 0, 'the fault');
});

test('columnValues: float64, where danfojs’s arithmetic is float32', async () => {
  const { DataFrame } = await loadDanfo();
  const values = [0.1, 0.2, 0.4];
  const frame = new DataFrame(
    values.map((value) => [value]),
    { columns: ['x'] },
  );
  const sum = (frame.add(0.3).values as number[][])[0]![0]!;
  assert.ok(sum !== 0.1 + 0.3 && Math.abs(sum - 0.4) < 1e-6, `the fault: ${sum}`);
  assert.equal(mean(columnValues(frame, 'x')), (0.1 + 0.2 + 0.4) / 3);
});

test('runsFrame and epochsFrame: a row a run, a row an epoch', async () => {
  const study = sampleStudy({ ce: [{ error: 0.35 }], msl: [{ error: 0.34 }] });
  const runs = await runsFrame(study);
  assert.deepEqual(runs.shape[0], 2);
  assert.deepEqual(columnValues(runs, 'test.error'), [0.34, 0.35]);
  assert.ok(runs.columns.includes('taps.stage1.knnAccuracy'));
  const epochs = await epochsFrame(study);
  assert.equal(epochs.shape[0], 4);
  assert.deepEqual(columnValues(epochs, 'train.losses.crossEntropy'), [2, 1, 2, 1]);
});
