import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  comparisonTable,
  errorTable,
  costTable,
  otherMeasuresTable,
  otherMethodsTable,
  provenanceTable,
  readableCells,
  separabilityTable,
  studyTables,
  testErrorTable,
  resultsTable,
  type StudyRecords,
} from '../../src/report/index.ts';
import { commitOf, instructionsOf } from '../../src/report/study/machine.ts';
import { sampleStudy, withMoreArms, type SampleRun } from './sample.ts';

const TAP = { knnAccuracy: 0.625, betweenWithinRatio: 1.5 };

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

test('testErrorTable: of three arms a row each, a diverged run as guessing at last', () => {
  const two = sampleStudy({ ce: errors(0.35, 0.36), msl: errors(0.34, 'diverged') });
  const table = testErrorTable(withMoreArms(two, ['third'], errors(0.33)));
  assert.deepEqual(table.rows, ['CE', 'CE + MSL', 'CE + third']);
  assert.deepEqual(
    table.columns.map((column) => column.name),
    ['seed 1', 'seed 2', 'mean, diverged = guessing'],
  );
  assert.deepEqual(readableCells(table), [
    ['35.00', '36.00', '35.50'],
    // Two classes: guessing is 50 %, (34 + 50) / 2 = 42.
    ['34.00', 'diverged', '42.00'],
    ['33.00', '–', '33.00'],
  ]);
});

test('resultsTable and costTable: means over the finished runs of each arm', () => {
  const study = sampleStudy({
    ce: [
      { error: 0.3, gradientNorms: [1, 0.02] },
      { error: 0.32, gradientNorms: [1, 0.04] },
      { error: 'diverged' },
    ],
    msl: [{ error: 0.3 }],
  });
  const table = resultsTable(study);
  assert.deepEqual(table.rows, ['CE', 'CE + MSL']);
  // The sample's norm at the end is half of the last epoch's: (.01 + .02) / 2. Seconds 60 and 120, speeds 1,000 and 2,000.
  assert.deepEqual(readableCells(table), [
    ['2', '31.00', '99.75', '0.0123', '0.0150'],
    ['1', '30.00', '99.75', '0.0123', '0.00500'],
  ]);
  assert.deepEqual(readableCells(costTable(study)), [
    ['90', '1,500', '0', '1,000'],
    ['60', '1,000', '0', '1,000'],
  ]);
  assert.doesNotMatch(table.note, /±|Bold/);
  assert.match(table.note, /^Means over the finished runs, after the last epoch; all/);
  const runs = study.runs.map((run) => ({
    ...run,
    summary: { ...run.summary, selection: { rule: 'validation' as const, epoch: 1 } },
  }));
  assert.match(
    resultsTable({ ...study, runs }).note,
    /^Means over the finished runs, with the weights of the epoch that is evaluated; all/,
  );
});

/** Six seeds with differences of -1, -1, -1, -1, -1 and 1 points. */
const six = {
  ce: errors(...new Array<number>(6).fill(0.3)),
  msl: errors(0.29, 0.29, 0.29, 0.29, 0.29, 0.31),
};

test('comparisonTable: six seeds by hand', () => {
  const table = comparisonTable(sampleStudy(six));
  assert.deepEqual(table.rows, ['CE + MSL']);
  // Mean -2/3, sd sqrt(2/3), t(0.975, 5) = 2.5706: -0.667 ± 2.5706 * 0.8165 / sqrt(6) = ± 0.857. p = 14/64.
  assert.deepEqual(readableCells(table), [['6', '−0.67', '−1.52 to +0.19', '0.219', '0.219', 'exploratory']]);
  assert.match(table.note, /6 seeds cannot give less than p = 0\.0313/);
  // Ranks are all tied at 3.5: 21 of 21 positive but one; the t test has t = -2, 5 degrees of freedom.
  const [row] = readableCells(otherMethodsTable(sampleStudy(six)));
  assert.deepEqual([row![0], ...row!.slice(2)], ['0.82', '0.219', '0.102', '5 of 6', '–']);
  assert.match(row![1]!, /^−\d\.\d\d to [+−]\d\.\d\d$/);
  // The same differences have the same bootstrap interval, whatever the study is called.
  assert.deepEqual(
    readableCells(otherMethodsTable({ ...sampleStudy(six), name: 'again', profile: 'full' }))[0],
    row,
  );
});

test('below six seeds there is no interval, no test and no deviation', () => {
  const few = sampleStudy({ ce: six.ce.slice(1), msl: six.msl.slice(1) });
  assert.deepEqual(readableCells(comparisonTable(few)), [
    ['5', '−0.60', '−1.00, −1.00, −1.00, −1.00, +1.00', 'exploratory'],
  ]);
  assert.deepEqual(otherMethodsTable(few).rows, []);
  assert.deepEqual(otherMeasuresTable(few).rows, []);
  for (const table of studyTables(few)) assert.doesNotMatch(readableCells(table).flat().join(' '), /±/);
});

test('bold: only the lower error of the primary comparison, where the corrected test supports it', () => {
  const better = { ce: six.ce, msl: errors(0.29, 0.28, 0.29, 0.27, 0.29, 0.295) };
  const bold = (study: StudyRecords): unknown =>
    resultsTable(study).columns.find(({ name }) => name === 'test error (%)')?.bold;
  const primary = (runs: typeof six): StudyRecords => ({ ...sampleStudy(runs), primary: 'msl' });
  assert.deepEqual(bold(primary(better)), [false, true]);
  // All the same where it is CE that is better.
  assert.deepEqual(bold(primary({ ce: better.msl, msl: better.ce })), [true, false]);
  // Not where the comparison explores, nor where p is 0.219.
  assert.deepEqual(bold(sampleStudy(better)), [false, false]);
  assert.deepEqual(bold(primary(six)), [false, false]);
  assert.deepEqual(readableCells(resultsTable(primary(better)))[1]!.slice(0, 2), ['6', '28.58 ± 0.92']);
  assert.equal(readableCells(comparisonTable(primary(better)))[0]!.at(-1), 'primary');
});

test('Holm’s correction is over the comparisons of one kind', () => {
  // Three arms against CE: the primary one with p = 2/64, and two that explore with 2/64 and 14/64.
  const better = errors(0.29, 0.28, 0.29, 0.27, 0.29, 0.295);
  const base = sampleStudy({ ce: six.ce, msl: better });
  const more = (name: string, runs: readonly SampleRun[]) =>
    sampleStudy({ ce: [], msl: runs }).runs.map((run) => ({ ...run, arm: name }));
  const study: StudyRecords = {
    ...base,
    primary: 'msl',
    arms: [...base.arms, { name: 'a', title: 'A' }, { name: 'b', title: 'B', seeds: [1, 2, 3, 4, 5, 6] }],
    runs: [...base.runs, ...more('a', better), ...more('b', six.msl)],
  };
  assert.deepEqual(
    readableCells(comparisonTable(study)).map((row) => row.slice(3)),
    // Beside the p: to MSL, which a is equal to; b has 29.33 % against 28.58 %.
    [
      ['0.031', '0.031', '–', 'primary'],
      ['0.031', '0.063', '0.00', 'exploratory'],
      ['0.219', '0.219', '+0.75', 'exploratory'],
    ],
  );
  // Two comparisons of six seeds: 2 * 2/64. The primary one stands alone and can reach 0.031.
  assert.match(
    comparisonTable(study).note,
    /a corrected p cannot be below 0\.063 for the two that explore, whatever/,
  );
  assert.deepEqual(comparisonTable(study).columns[1]?.bold, [true, false, false]);
  // In the family of four, three of which are missing, it cannot be below 4 * 2/64.
  assert.match(
    comparisonTable({ ...study, name: 'svhn' }).note,
    /below 0\.063 for the two that explore and 0\.125 for the primary one, whatever/,
  );
});

test('Holm’s correction counts comparisons whose runs are still to come', () => {
  const base = sampleStudy({ ce: six.ce, msl: errors(0.29, 0.28, 0.29, 0.27, 0.29, 0.295) });
  const other = (title: string, seeds: readonly number[]) => ({ name: title, title, seeds });
  const of = (...others: StudyRecords['arms'][number][]) =>
    comparisonTable({ ...base, arms: [...base.arms, ...others] });
  const corrected = (...others: StudyRecords['arms'][number][]) => readableCells(of(...others))[0]![4];
  const awaited = other('a', [1, 2, 3, 4, 5, 6]);
  // Alone 2/64; five seeds are never tested; of three comparisons 3 * 2/64.
  assert.deepEqual([corrected(), corrected(other('few', [1, 2, 3, 4, 5]))], ['0.031', '0.031']);
  assert.deepEqual([corrected(awaited), corrected(awaited, { ...awaited, name: 'b' })], ['0.063', '0.094']);
  assert.match(
    of(awaited).note,
    /that do \(one whose runs are not all there counts as p = 1\)\..* below 0\.063 for the two that explore, whatever/,
  );
  assert.doesNotMatch(of().note, /counts as p = 1/);
});

test('comparisonTable: the column to CE + MSL is over the seeds that both have', () => {
  // CE + MSL at 28 in seeds 1 and 2 and at 34 in seed 3; the other arm at 29 in the first two: 1 point above it, though its mean is lower.
  const two = sampleStudy({ ce: errors(0.3, 0.3, 0.3), msl: errors(0.28, 0.28, 0.34) });
  const table = comparisonTable(withMoreArms(two, ['other'], errors(0.29, 0.29)));
  assert.deepEqual(
    table.columns.map(({ name }) => name),
    ['seeds', 'difference (points)', 'by seed (points)', 'to CE + MSL (points)', 'kind'],
  );
  assert.deepEqual(
    readableCells(table).map((row) => [row[1], row[3]]),
    [
      ['0.00', '–'],
      ['−1.00', '+1.00'],
    ],
  );
  assert.match(
    table.note,
    /Differences are of unrounded means\. “to CE \+ MSL \(points\)”: the difference to/,
  );
  // An arm without a run, and a study of two, have no such column.
  for (const study of [two, withMoreArms(two, ['other'], [])]) {
    assert.equal(comparisonTable(study).columns.length, 4);
  }
});

test('comparisonTable: which differences are not of the loss alone', () => {
  const study = sampleStudy(six);
  const withRate = (rate: number, msl: unknown): StudyRecords => ({
    ...study,
    runs: study.runs.map((run) => ({
      ...run,
      spec:
        run.arm === 'ce'
          ? { optimizer: { rate: 0.3 }, loss: { msl: null } }
          : { optimizer: { rate }, loss: { msl } },
    })),
  });
  const cells = (of: StudyRecords, table = comparisonTable(of)) =>
    table.columns.find(({ name }) => name === 'besides the loss')?.values;
  const mixed = withRate(0.1, { weight: 0.1 });
  assert.deepEqual(cells(mixed), ['rate 0.1, not 0.3']);
  assert.deepEqual(cells(mixed, errorTable([mixed])), ['–', 'rate 0.1, not 0.3']);
  assert.equal(cells(withRate(0.3, { weight: 0.1 })), undefined);
  // Where the losses are the same, the rest is what is compared.
  assert.equal(cells(withRate(0.1, null)), undefined);
});

test('comparisonTable: says where an arm was run on another processor than its baseline', () => {
  const flags = { ce: ['avx', 'avx2', 'avx512f'], msl: ['avx', 'avx2'] };
  const study = sampleStudy(six);
  const on = (of: Readonly<Record<string, readonly string[] | null>>): StudyRecords => ({
    ...study,
    runs: study.runs.map((run) => ({
      ...run,
      spec: { loss: run.arm === 'ce' ? {} : { msl: { weight: 0.1 } } },
      environment: { cpuFlags: of[run.arm] },
    })),
  });
  const table = comparisonTable(on(flags));
  const cells = table.columns.find(({ name }) => name === 'besides the loss')?.values;
  assert.deepEqual(cells, ['processor AVX2, not AVX-512']);
  assert.match(table.note, /Other vector instructions, .* round otherwise/);
  // Records that do not say whether oneDNN was used: as TensorFlow decides by itself.
  const older = (cpuFlags: string[]) => instructionsOf({ engine: 'tensorflow', cpuFlags });
  assert.equal(older(flags.msl), 'AVX2 without oneDNN');
  assert.equal(older([...flags.ce, 'avx512_vnni']), 'AVX-512');
  assert.equal(instructionsOf({ engine: 'tensorflow', cpuFlags: flags.msl, oneDnn: true }), 'AVX2');
  // Not known of one of them, or the same.
  for (const other of [
    { ...flags, msl: null },
    { ...flags, msl: flags.ce },
  ]) {
    assert.ok(comparisonTable(on(other)).columns.every(({ name }) => name !== 'besides the loss'));
  }
});

test('a commit is told by its first digits, and whether files were changed since', () => {
  const commit = '0123456789abcdef';
  assert.equal(commitOf({ commit, dirty: false }), '01234567');
  assert.equal(commitOf({ commit, dirty: true }), '01234567+');
  // Outside of git, and in records that do not say.
  assert.equal(commitOf({ commit: null, dirty: null }), undefined);
  assert.equal(commitOf({}), undefined);
});

test('otherMeasuresTable: each measure with its own digits', () => {
  const study = sampleStudy({
    ce: six.ce,
    msl: six.msl.map((run) => ({
      ...run,
      taps: { stage1: { knnAccuracy: 0.51, betweenWithinRatio: 0.5 }, stage2: TAP },
    })),
  });
  const table = otherMeasuresTable(study);
  const row = (name: string) => readableCells(table)[table.rows.indexOf(name)];
  assert.deepEqual(row('5-NN accuracy (%), stage1'), [
    ...['50.00', '51.00', '+1.00', '+1.00 to +1.00'],
    // Seven measures; the two that differ have 2/64, the others 1: 7 * 2/64.
    ...['0.031', '0.219'],
  ]);
  assert.deepEqual(row('between/within ratio, stage1')?.slice(0, 3), ['0.250', '0.500', '+0.250']);
  assert.match(
    table.note,
    /corrected over this table\. .*a corrected p cannot be below 0\.219 for these seven, whatever/,
  );
  // An arm whose runs are still to come: fourteen comparisons, seven of which count as 1.
  const awaited = otherMeasuresTable({
    ...study,
    arms: [...study.arms, { name: 'later', title: 'later', seeds: [1, 2, 3, 4, 5, 6] }],
  });
  assert.match(
    awaited.note,
    /this table \(one whose runs are not all there counts as p = 1\)\. .* below 0\.438 for these 14, whatever/,
  );
  assert.equal(
    readableCells(awaited)[awaited.rows.indexOf('5-NN accuracy (%), stage1: CE + MSL')]?.at(-1),
    '0.438',
  );
  assert.deepEqual(row('training accuracy (%)')?.slice(2, 5), ['0.00', '0.00 to 0.00', '1.000']);
});

test('provenanceTable: a row a run', () => {
  const table = provenanceTable(sampleStudy({ ce: errors(0.3), msl: errors(0.3) }));
  assert.deepEqual(table.rows, ['CE, seed 1', 'CE + MSL, seed 1']);
  const [row] = readableCells(table);
  assert.match(row![0]!, /^[0-9a-f]{8}$/);
  assert.deepEqual(row!.slice(1), ['finished', '–', '', '–', 'Model 1', '60', '']);
  assert.ok(table.ofMachine);

  const study = sampleStudy({ ce: errors(0.3), msl: [] });
  const [run] = study.runs;
  const environment = {
    ...{ cpu: 'a', cores: 2, commit: '0123456789', dirty: false },
    later: [{ firstEpoch: 3, cpu: 'b', cores: 2, commit: 'abcdef0123', dirty: true }],
  };
  const [continued] = readableCells(provenanceTable({ ...study, runs: [{ ...run!, environment }] }));
  assert.deepEqual([continued![2], continued![5]], ['01234567; abcdef01+', 'a, 2 cores; b, 2 cores']);
});

test('separabilityTable: a row a tap, both arms side by side; of three arms a row each', () => {
  const taps = (knn: number, ratio: number): SampleRun => ({
    error: 0.3,
    taps: { stage1: { knnAccuracy: knn, betweenWithinRatio: ratio } },
  });
  const two = sampleStudy({
    ce: [taps(0.5, 1), taps(0.6, 2)],
    msl: [taps(0.7, 12.345), taps(0.7, Infinity)],
  });
  const table = separabilityTable(two);
  assert.deepEqual(
    table.columns.map((column) => column.name),
    ['5-NN (%), CE', '5-NN (%), CE + MSL', 'ratio, CE', 'ratio, CE + MSL'],
  );
  // A class collapsed to a point has no finite ratio, and then the mean has none.
  assert.deepEqual(readableCells(table), [['55.00', '70.00', '1.50', '∞']]);
  // As it is read from a record: JSON has no infinity.
  const read = JSON.parse(JSON.stringify(two)) as typeof two;
  assert.deepEqual(readableCells(separabilityTable(read)), readableCells(table));

  const three = separabilityTable(withMoreArms(two, ['third'], [taps(0.5, 1), taps(0.6, 2)]));
  assert.deepEqual(three.rows, ['CE', 'CE + MSL', 'CE + third']);
  assert.deepEqual(
    three.columns.map((column) => column.name),
    ['5-NN (%), stage1', 'ratio, stage1'],
  );
  assert.deepEqual(readableCells(three), [
    ['55.00', '1.50'],
    ['70.00', '∞'],
    ['55.00', '1.50'],
  ]);
});

test('studyTables leaves out tables without rows', () => {
  const study = sampleStudy({ ce: errors('diverged'), msl: errors('diverged') });
  assert.deepEqual(
    studyTables(study).map((table) => table.title),
    ['Test error', 'Provenance'],
  );
});
