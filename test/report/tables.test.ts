import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  readableCells,
  separabilityTable,
  studyTables,
  testErrorTable,
  trainingTable,
} from '../../src/report/index.ts';
import { sampleStudy, type SampleRun } from './sample.ts';

const errors = (...values: SampleRun['error'][]): SampleRun[] => values.map((error) => ({ error }));

test('testErrorTable: three seeds by hand, with a mean and no spread', () => {
  const table = testErrorTable(sampleStudy({ ce: errors(0.35, 0.36, 0.34), msl: errors(0.34, 0.365, 0.34) }));
  assert.deepEqual(
    table.columns.map((column) => column.name),
    ['CE (%)', 'CE + MSL (%)', 'difference (points)'],
  );
  assert.deepEqual(table.rows, ['seed 1', 'seed 2', 'seed 3', 'mean']);
  assert.equal(table.summaryRows, 1);
  assert.deepEqual(readableCells(table), [
    ['35.00', '34.00', '−1.00'],
    ['36.00', '36.50', '+0.50'],
    ['34.00', '34.00', '0.00'],
    // (34 + 36.5 + 34) / 3 = 34.833; (-1 + .5 + 0) / 3 = -.1667
    ['35.00', '34.83', '−0.17'],
  ]);
  assert.match(table.note, /below 6 seeds no spread is given/);
});

test('testErrorTable: six seeds bring a standard deviation', () => {
  // CE alternates 30 and 32: mean 31, deviation sqrt(6 / 5) = 1.10. MSL is 1 lower, then 1 higher: differences ±1 likewise.
  const ce = errors(0.3, 0.32, 0.3, 0.32, 0.3, 0.32);
  const msl = errors(0.29, 0.33, 0.29, 0.33, 0.29, 0.33);
  const table = testErrorTable(sampleStudy({ ce, msl }));
  assert.deepEqual(table.rows.slice(-2), ['mean', 'standard deviation']);
  // MSL: 29 and 33: sqrt(6 * 4 / 5) = 2.19. A deviation has no sign.
  assert.deepEqual(readableCells(table).slice(-2), [
    ['31.00', '31.00', '0.00'],
    ['1.10', '2.19', '1.10'],
  ]);
});

test('testErrorTable: a diverged and a missing run', () => {
  const table = testErrorTable(
    sampleStudy({ ce: errors(0.35, 0.36, 0.34), msl: [{ error: 0.34 }, { error: 'diverged' }, undefined] }),
  );
  assert.deepEqual(table.rows, ['seed 1', 'seed 2', 'seed 3', 'mean', 'mean, diverged = guessing']);
  assert.deepEqual(readableCells(table), [
    ['35.00', '34.00', '−1.00'],
    ['36.00', 'diverged', '–'],
    ['34.00', '–', '–'],
    // Means over seed 1 only, the one that both finished.
    ['35.00', '34.00', '−1.00'],
    // Two classes: guessing is 50 %. Over seeds 1 and 2, which ended in both arms: 35.5, 42 and the difference 6.5.
    ['35.50', '42.00', '+6.50'],
  ]);
});

test('testErrorTable: no seed that both finished has no mean', () => {
  const table = testErrorTable(
    sampleStudy({ ce: [undefined, { error: 0.3 }], msl: [{ error: 0.3 }, undefined] }),
  );
  assert.deepEqual(table.rows, ['seed 1', 'seed 2']);
});

test('trainingTable: means over the finished runs of each arm', () => {
  const table = trainingTable(
    sampleStudy({
      ce: [
        { error: 0.3, gradientNorms: [1, 0.02] },
        { error: 0.3, gradientNorms: [1, 0.04] },
        { error: 'diverged' },
      ],
      msl: [{ error: 0.3 }],
    }),
  );
  assert.deepEqual(table.rows, ['CE', 'CE + MSL']);
  // The sample's norm at the end is half of the last epoch's: (.01 + .02) / 2. Seconds 60 and 120, speeds 1,000 and 2,000.
  assert.deepEqual(readableCells(table), [
    ['99.75', '0.0123', '0.0150', '90', '1,500'],
    ['99.75', '0.0123', '0.00500', '60', '1,000'],
  ]);
});

test('separabilityTable: each tap, both arms side by side', () => {
  const taps = (knn: number, ratio: number): SampleRun => ({
    error: 0.3,
    taps: { stage1: { knnAccuracy: knn, betweenWithinRatio: ratio } },
  });
  const table = separabilityTable(
    sampleStudy({ ce: [taps(0.5, 1), taps(0.6, 2)], msl: [taps(0.7, 12.345), taps(0.7, Infinity)] }),
  );
  assert.deepEqual(
    table.columns.map((column) => column.name),
    ['kNN accuracy (%), CE', 'kNN accuracy (%), CE + MSL', 'scatter ratio, CE', 'scatter ratio, CE + MSL'],
  );
  // A class collapsed to a point has no finite ratio, and then the mean has none.
  assert.deepEqual(readableCells(table), [['55.00', '70.00', '1.50', '∞']]);
});

test('studyTables leaves out tables without rows', () => {
  const study = sampleStudy({ ce: errors('diverged'), msl: errors('diverged') });
  assert.deepEqual(
    studyTables(study).map((table) => table.title),
    ['Test error'],
  );
});
