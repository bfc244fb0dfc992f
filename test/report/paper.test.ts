/** Tables, figures and sentences of the notebooks on the paper's experiments. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { TunedArm, TuningRecord } from '../../src/experiments/index.ts';
import {
  againstArm,
  armTitles,
  classCountsFigure,
  confusedPairsTable,
  confusionComparison,
  confusionsOf,
  costSentences,
  errorTable,
  protocolTable,
  readableCells,
  searchFigure,
  searchFindings,
  searchTable,
  sharedMistakes,
  verdict,
  withArms,
  type Figure,
  type StudyRecords,
} from '../../src/report/index.ts';
import { sampleStudy, type SampleRun } from './sample.ts';

const errors = (...values: number[]): SampleRun[] => values.map((error) => ({ error }));
/** Cross-entropy at 0.3 at every seed. */
const against = (...msl: number[]): StudyRecords =>
  sampleStudy({ ce: errors(...msl.map(() => 0.3)), msl: errors(...msl) });
const primary = (study: StudyRecords): StudyRecords => ({ ...study, primary: 'msl' });
const traces = (figure: Figure): Record<string, unknown>[] => figure.data;
const better = against(0.29, 0.28, 0.29, 0.28, 0.29, 0.28);

test('errorTable: below six seeds means and differences, from six on deviation, interval and test', () => {
  const few = errorTable([against(0.29, 0.28)]);
  assert.deepEqual(
    few.columns.map(({ name }) => name),
    ['seeds', 'test error (%)', 'difference (points)', 'kind'],
  );
  assert.deepEqual(readableCells(few), [
    ['2', '30.00', '–', 'baseline'],
    ['2', '28.50', '−1.50', 'exploratory'],
  ]);
  // Six differences of -1 and -2: mean -1.5, deviation 0.5477, t(0.975, 5) = 2.571: 0.575. 2 of the 64 sign patterns.
  const six = errorTable([primary(better)]);
  assert.deepEqual(readableCells(six), [
    ['6', '30.00 ± 0.00', '–', '–', '–', '–', 'baseline'],
    ['6', '28.50 ± 0.55', '−1.50', '−2.07 to −0.93', '0.031', '0.031', 'primary'],
  ]);
  assert.deepEqual(six.columns[1]?.bold, [false, true]);
  // What explores is not bold, whatever its p.
  assert.deepEqual(errorTable([better]).columns[1]?.bold, [false, false]);
  // A study of the family is corrected with the others: 0.031 times four.
  const svhn = errorTable([{ ...primary(better), name: 'svhn' }]);
  assert.deepEqual(svhn.columns[1]?.bold, [false, false]);
  assert.equal(readableCells(svhn)[1]![5], '0.125');
  assert.match(svhn.note, /a primary one over those of the 4 data sets \(.* counts as p = 1\)\./);
  const worse = errorTable([primary(against(0.31, 0.32, 0.31, 0.32, 0.31, 0.32))]);
  assert.deepEqual(worse.columns[1]?.bold, [true, false]);
});

test('errorTable: several studies, some arms', () => {
  const table = errorTable([better, { ...better, name: 'other' }], { title: 'Regimes', arms: ['msl'] });
  assert.deepEqual([table.title, table.rows], ['Regimes', ['sample: CE + MSL', 'other: CE + MSL']]);
});

test('verdict: lower, higher, and not shown', () => {
  const says = (study: StudyRecords): string => verdict(study).primary.join(' ');
  assert.match(says(primary(better)), /So CE \+ MSL lowers the test error of CE here\.$/);
  assert.match(
    says(better),
    /lowers the test error of CE here, as far as a comparison that explores can say\./,
  );
  const worse = against(0.31, 0.32, 0.31, 0.32, 0.31, 0.32);
  assert.match(says(primary(worse)), /raises the test error of CE here: a result against the loss\./);
  // Where the search gave each arm a learning rate of its own, no result is that of the loss alone.
  const tuned = (study: StudyRecords): StudyRecords => ({
    ...primary(study),
    runs: study.runs.map((run) => ({
      ...run,
      spec: { optimizer: { learningRate: run.arm === 'ce' ? 0.3 : 0.2 } },
    })),
  });
  assert.match(
    says(tuned(worse)),
    /raises .* here: a result against CE \+ MSL as it was tuned, not against the loss alone\.$/,
  );
  assert.match(
    says(tuned(better)),
    /lowers .* here: a result for CE \+ MSL as it was tuned, not for the loss alone\.$/,
  );
  // Differences -1, -1, -1, -1, -1, 1: the interval is -1.52 to +0.19.
  assert.match(
    says(primary(against(0.29, 0.29, 0.29, 0.29, 0.29, 0.31))),
    /no effect of CE \+ MSL is shown here: p is above 0\.05\. .* is a gain of more than 1\.52 points, and a harm of more than 0\.19 points\.$/,
  );
  // Of the four data sets six seeds reach p = 2/64 and no less, so 0.125 as long as the others are missing.
  const svhn = { ...primary(better), name: 'svhn' };
  assert.match(
    says(svhn),
    /primary comparison; corrected over the four data sets, three of which are missing and count as p = 1, its p is 0\.125\. Alone its p would be at most 0\.05, corrected over the data sets it is 0\.125 as long as some are missing: whether CE \+ MSL lowers the test error of CE here is undecided\.$/,
  );
  assert.match(
    says({ ...svhn, family: [0.5, 0.5, 0.5] }),
    /corrected over the data sets it is 0\.125: that CE \+ MSL lowers the test error of CE is not shown here\.$/,
  );
  // The largest of four small ones keeps its p.
  assert.match(
    says({ ...svhn, family: [0.001, 0.002, 0.003] }),
    /corrected over the four data sets, its p is 0\.031\. So CE \+ MSL lowers .* here, also after the correction over the data sets\.$/,
  );
  // Another study of the workbook has no primary comparison.
  assert.match(says({ ...svhn, name: 'cifar10-augmented' }), /This comparison explores/);
  assert.match(says(against(0.29, 0.28)), /Two seeds are too few/);
  assert.doesNotMatch(says(against(0.29, 0.28)), /So /);
});

test('verdict: the other arms are listed, and what Holm’s correction leaves', () => {
  const runs = better.runs.filter(({ arm }) => arm === 'msl');
  const arm = (name: string, shift: number) => ({
    arms: [{ name, title: name }],
    runs: runs.map((run) => ({
      ...run,
      arm: name,
      summary: { ...run.summary, test: { ...run.summary.test, error: run.summary.test.error + shift } },
    })),
  });
  const [low, high] = [arm('low', -0.0025), arm('high', 0.05)];
  const study = primary({
    ...better,
    arms: [...better.arms, ...low.arms, ...high.arms],
    runs: [...better.runs, ...low.runs, ...high.runs],
  });
  assert.deepEqual(verdict(study).exploratory, [
    'Of the two other arms one had a lower mean error than CE, in points: low (−1.75).',
    'Not lower: high (+3.50).',
    // Each has 0.031, the smallest that six seeds can give, times two.
    'After Holm’s correction none of them has a p of at most 0.05, nor could so few seeds reach it: the smallest possible is 0.063.',
    'Exploratory: one of the two other arms had as low a mean test error as CE + MSL, or a lower one, at the seeds that both have: low ' +
      '(−0.25 points, n = 6). So a gain over CE of this size is not particular to CE + MSL.',
  ]);
  assert.match(
    verdict(study).separability.join(' '),
    /nearest-neighbour accuracy was higher at none of two taps/,
  );
  // What explores is corrected, too, before it is called an effect: three of 0.031, 0.031 and 0.031.
  assert.match(
    verdict(againstArm(study, 'ce')).primary.join(' '),
    /Alone its p would be at most 0\.05, corrected over the comparisons of this study that explore it is 0\.094: that CE \+ MSL lowers the test error of CE is not shown here\.$/,
  );
  const three = withArms(study, ['ce', 'msl', 'high']);
  assert.equal(
    verdict(three).exploratory[0],
    'The one other arm had no lower mean error than CE, in points: high (+3.50).',
  );
  // `high` is compared with `low`: 0.0525 more, and no difference to CE.
  const arms = study.arms.map((one) => (one.name === 'high' ? { ...one, baseline: 'low' } : one));
  assert.deepEqual(verdict({ ...study, arms }).exploratory.slice(0, 2), [
    'Of the two other arms one had a lower mean error than the baseline of each, in points: low (−1.75).',
    'Not lower: high (+5.25).',
  ]);
  assert.deepEqual(verdict(study, 'absent').primary, []);
  assert.deepEqual(armTitles(withArms(study, ['msl', 'ce'])), { ce: 'CE', msl: 'CE + MSL' });
});

test('protocolTable names a part of a set as one', () => {
  const spec = {
    dataset: 'svhn',
    split: { train: null, validation: 500 },
    augmentation: { crop: 2, flip: false },
    network: { name: 'vgg', widths: [16, 32], convolutions: 2 },
    optimizer: { learningRate: 0.1, warmup: 0.2, momentum: 0.9, weightDecay: 5e-4 },
    ...{ epochs: 2, batchSize: 128, loss: { msl: null } },
  };
  const study = { ...better, runs: better.runs.map((run) => ({ ...run, spec })) };
  const [column] = protocolTable([{ study, published: { train: 73257, test: 26032 } }]).columns;
  assert.deepEqual(column!.values.slice(0, 4), [
    'svhn, 2 classes: a part of the published 73,257 and 26,032',
    '5,000 to train on, 500 to validate, 10,000 to test',
    'shifts up to 2 pixels',
    '128 images, in random order',
  ]);
  const cells = (of: Parameters<typeof protocolTable>[0][number]) => {
    const { rows, columns } = protocolTable([of]);
    return Object.fromEntries(rows.map((row, r) => [row, columns[0]!.values[r]]));
  };
  const usual = cells({ study, published: { train: 5500, test: 10000 } });
  assert.equal(usual['data set'], 'svhn, 2 classes');
  assert.equal(usual['network'], 'vgg, widths 16-32, convolutions 2; 1,000 parameters');
  assert.equal(
    usual['optimizer'],
    'SGD, momentum 0.9, weight decay 0.0005, the rate rises over 20 % of the steps, falls straight to 0',
  );
  assert.equal(usual['seeds'], '6 of every arm');
  const unfinished = { ...study, runs: study.runs.filter(({ arm }) => arm === study.arms[0]!.name) };
  assert.match(String(cells({ study: unfinished })['seeds']), /^6 of .*; not run: /);
  // All test images, and fewer to train on than there are, though all that validation leaves were taken.
  assert.match(
    String(cells({ study, published: { train: 50000, test: 10000 } })['data set']),
    /a part of the published 50,000 and 10,000/,
  );
});

test('protocolTable: a study without a run moves no row, and it is the first arm that is told', () => {
  const none = { ...better, name: 'none', runs: [] };
  const [first] = better.arms;
  // As an extract has them that was made in parts.
  const last = better.runs.filter(({ arm }) => arm !== first!.name);
  const spec = (epochs: number) => ({
    ...{ dataset: 'svhn', batchSize: 8, network: { name: 'vgg' }, loss: { msl: null } },
    epochs,
    split: { train: 1, validation: 1 },
    augmentation: { crop: 0, flip: false },
    optimizer: { learningRate: 1, warmup: 0, momentum: 0, weightDecay: 0 },
  });
  const some = {
    ...better,
    runs: [
      ...last.map((run) => ({ ...run, spec: spec(9) })),
      ...better.runs.filter(({ arm }) => arm === first!.name).map((run) => ({ ...run, spec: spec(2) })),
    ],
  };
  for (const order of [
    [none, some],
    [some, none],
  ]) {
    const { rows, columns } = protocolTable(order.map((study) => ({ study })));
    const cells = (study: StudyRecords) => {
      const { values } = columns.find(({ name }) => name === study.name)!;
      return ['data set', 'epochs', 'seeds'].map((row) => values[rows.indexOf(row)]);
    };
    assert.deepEqual(cells(some), ['svhn, 2 classes', '2; evaluated: the last', '6 of every arm']);
    assert.deepEqual(cells(none), [null, null, 'no run']);
  }
  assert.deepEqual(protocolTable([]).rows, []);
});

test('protocolTable says what the specification says, and not what is usual', () => {
  const spec = (arm: string) => ({
    ...{ dataset: 'cifar10', epochs: 2, batchSize: 64, split: { train: 5000, validation: 0 } },
    augmentation: {
      crop: 0,
      flip: true,
      jitter: { brightness: 0.2, contrast: 0, saturation: 0.1 },
      cutout: 8,
    },
    network: { name: 'vgg' },
    sampler: { name: 'perClass', images: 16 },
    loss: { msl: null, ...(arm === 'msl' ? { labelSmoothing: 0.1 } : {}) },
    optimizer: {
      ...{ learningRate: arm === 'msl' ? 0.2 : 0.1, warmup: 0, momentum: 0.8, weightDecay: 0 },
      ...{ schedule: 'cosine', nesterov: true, clipNorm: 5 },
    },
    selection: 'validation',
  });
  const study = { ...better, runs: better.runs.map((run) => ({ ...run, spec: spec(run.arm) })) };
  const { rows, columns } = protocolTable([{ study }]);
  const cells = Object.fromEntries(rows.map((row, r) => [row, columns[0]!.values[r]]));
  assert.equal(
    cells['augmentation'],
    'mirrored, brightness ± 0.2, saturation ± 0.1, a square of 8 pixels blank',
  );
  assert.equal(cells['batches'], '64 images, 16 of each of their classes');
  assert.equal(
    cells['optimizer'],
    'SGD, Nesterov’s momentum 0.8, weight decay 0, the rate falls by a cosine to 0, gradients clipped at a norm of 5',
  );
  assert.equal(cells['learning rate'], '0.1 with CE; 0.2 with CE + MSL');
  assert.equal(cells['smoothed labels'], '0 with CE; 0.1 with CE + MSL');
  assert.equal(cells['epochs'], '2; evaluated: the best on validation');
  const more = ['a', 'b'].map((name) => ({ name, title: name }));
  const runs = more.flatMap(({ name }) =>
    study.runs.filter(({ arm }) => arm === 'ce').map((run) => ({ ...run, arm: name })),
  );
  const table = protocolTable([
    { study: { ...study, arms: [...study.arms, ...more], runs: [...study.runs, ...runs] } },
  ]);
  assert.equal(
    table.columns[0]!.values[table.rows.indexOf('smoothed labels')],
    '0.1 with CE + MSL; 0 with the others',
  );
});

const trial = (number: number, accuracy: number | null, rate: number) => ({
  ...{ trial: number, accuracy, crossEntropy: 1, runs: [] },
  values: number === 1 ? {} : { 'optimizer.learningRate': rate },
});
const search: TuningRecord = {
  ...{ schemaVersion: 1, study: 'sample', environment: {}, timing: { finishedAt: '', seconds: 1 } },
  search: { kind: 'random', trials: 3, seeds: [1001], criterion: 'validation accuracy' },
  arms: {
    ce: {
      hash: '',
      best: { trial: 2, values: { 'optimizer.learningRate': 0.2 } },
      trials: [trial(1, 0.5, 0), trial(2, 0.6, 0.2), trial(3, null, 0.5)],
    },
    msl: { hash: '', best: { trial: 1, values: {} }, trials: [trial(1, 0.7, 0)] },
  },
};

test('a search: what it took, and every trial', () => {
  const titles = { ce: 'CE', msl: 'CE + MSL', other: 'not searched' };
  const table = searchTable(search, titles);
  assert.deepEqual(table.rows, ['CE', 'CE + MSL']);
  assert.deepEqual(readableCells(table), [
    ['learningRate 0.2↓', '50.00', '60.00', '1'],
    ['as written', '70.00', '70.00', '0'],
  ]);
  const drawn = traces(searchFigure(search, titles)).map(({ name, x, y }) => [name, x, y]);
  assert.deepEqual(drawn, [
    ['trial', [], []],
    ['as written', [50], [0]],
    ['taken', [60, 70], [0, 1]],
    // By learning rate: the trial that diverged is a gap, what is written has no rate of its own.
    ['CE', [0.2, 0.5], [60, null]],
    ['CE + MSL', [], []],
  ]);
});

test('a search that chose the learning rate alone says so', () => {
  const rates = [0.1, 0.5, 0.02];
  const arm = (best: number, values: readonly object[]): TunedArm => ({
    ...{ hash: '', best: { trial: best, values: { ...values[best - 1] } } },
    trials: values.map((own, i) => ({ ...trial(i + 1, 0.5, 0), values: { ...own } })),
  });
  const rate = (more: (at: number) => object = () => ({})) => [
    {},
    ...rates.map((value, at) => ({ 'optimizer.learningRate': value, ...more(at) })),
  ];
  const record = {
    ...search,
    arms: {
      ce: arm(3, rate()),
      msl: arm(
        3,
        rate((at) => ({ 'loss.msl.weight': [0.2, 0.1, 0.3][at] })),
      ),
      other: arm(1, rate()),
    },
  };
  const two = { ce: 'CE', msl: 'CE + MSL' };
  assert.deepEqual(searchFindings(record, two), [
    'In all two arms the same trial won, that with learningRate 0.5↑.',
    'What they share decided: weight had been drawn beside it and came along, and cannot be said to be chosen.',
  ]);
  // CIFAR-100 is written with a rate of 0.1, a weight of 0.1 and a margin of 1: 0.08 and 1.5 are at an edge, 0.2 lies between.
  const [drawn] = readableCells(
    searchTable(
      {
        ...{ ...search, study: 'cifar100' },
        arms: {
          msl: arm(2, [
            {},
            { 'optimizer.learningRate': 0.08, 'loss.msl.weight': 0.2, 'loss.msl.margin': 1.5 },
            { 'optimizer.learningRate': 0.07, 'loss.msl.weight': 0.3, 'loss.msl.margin': 1.2 },
          ]),
        },
      },
      two,
    ),
  );
  assert.equal(drawn![0], 'learningRate 0.08, weight 0.2, margin 1.5↑');
  assert.match(searchTable(record, two).note, /may lie beyond\. In all two arms the same trial won/);
  assert.match(
    searchFindings(record, { ...two, other: 'Other' })[0]!,
    /^In two of three arms \(CE; CE \+ MSL\) the same trial/,
  );
  assert.deepEqual(searchFindings(record, { ce: 'CE', other: 'Other' }), []);
  assert.deepEqual(
    searchFindings({ ...record, arms: { a: arm(1, rate()), b: arm(1, rate()) } }, { a: '', b: '' }),
    ['In all two arms the values as written won.'],
  );
  // Of each study its own epochs, by its definition.
  assert.match(
    searchTable({ ...record, study: 'cifar100' }, two).note,
    /trained 15 epochs on 5,000 images, a run of cifar100 20;/,
  );
  assert.match(
    searchTable({ ...record, study: 'svhn' }, two).note,
    // sqrt(0.5 * 0.5 / 1,000)
    /trained 15 epochs on 500 images fewer, a run of svhn 30; .* 1,000 validation images, which tell an accuracy to ±1\.58 points/,
  );
});

const pair = confusionsOf(
  {
    ...{ schemaVersion: 1, dataset: 'cifar10', classes: ['cat', 'dog'] },
    arms: {
      ce: {
        seeds: [1],
        mistakes: [],
        confusion: [
          [6, 4],
          [5, 5],
        ],
      },
      msl: {
        seeds: [1],
        mistakes: [],
        confusion: [
          [7, 3],
          [5, 5],
        ],
      },
    },
  },
  better,
  ['ce', 'msl'],
)!;

test('confusions of two arms: matrices, difference, pairs', () => {
  const figure = confusionComparison(...pair);
  assert.deepEqual(
    traces(figure).map(({ z }) => z),
    [
      [
        [60, 40],
        [50, 50],
      ],
      [
        [70, 30],
        [50, 50],
      ],
      [
        [10, -10],
        [0, 0],
      ],
    ],
  );
  const table = confusedPairsTable(...pair, 1);
  assert.deepEqual(table.rows, ['dog → cat']);
  assert.deepEqual(readableCells(table), [['50.00', '50.00', '0.00']]);
});

test('confusions of many classes: an error a class, the farthest from the diagonal named', () => {
  const classes = Array.from({ length: 30 }, (_, c) => `class ${c}`);
  const counts = (right: (c: number) => number) =>
    classes.map((_, c) =>
      classes.map((__, p) => (p === c ? right(c) : p === (c + 1) % 30 ? 10 - right(c) : 0)),
    );
  const first = { title: 'A', classes, counts: counts(() => 5) };
  const second = { title: 'B', classes, counts: counts((c) => (c === 7 ? 9 : 5)) };
  const [, dots] = traces(confusionComparison(first, second));
  assert.deepEqual([(dots!['x'] as number[])[7], (dots!['y'] as number[])[7]], [50, 10]);
  for (const layout of ['layout', 'narrowLayout'] as const) {
    const labels = (confusionComparison(first, second)[layout].annotations ?? []).filter(
      ({ ay }) => ay !== undefined,
    );
    assert.equal(labels.length, 8);
    const label = labels.find(({ text }) => text === 'class 7');
    // It points at its dot, the lowest, and stands below all others.
    assert.deepEqual([label?.x, label?.y], [50, 10]);
    assert.ok(labels.every(({ ay }) => Number(ay) >= Number(label?.ay)));
  }
  assert.match(confusionComparison(first, second).description, /30 classes .* 1 lie below/);
});

test('shared mistakes get their pictures, and other images are refused', () => {
  const images = {
    images: Uint8Array.of(10, 20, 30, 40, 50, 60),
    labels: Uint8Array.of(1, 0),
    classes: ['cat', 'dog'],
    ...{ n: 2, height: 1, width: 1, channels: 3 as const },
  };
  const mistake = { index: 1, label: 0, predicted: 1, probability: 0.75 };
  const [found] = sharedMistakes({ mistakes: [mistake] }, images, 5);
  assert.deepEqual([found!.label, found!.predicted, found!.probability], ['cat', 'dog', 0.75]);
  assert.match(found!.image, /^data:image\/png;base64,/);
  assert.throws(() => sharedMistakes({ mistakes: [{ ...mistake, index: 0 }] }, images, 5), /other images/);
});

test('class counts: training and test images beside each other', () => {
  const set = (...labels: number[]) => ({
    ...{ images: new Uint8Array(labels.length), labels: Uint8Array.from(labels), n: labels.length },
    ...{ height: 1, width: 1, channels: 1, classes: ['cat', 'dog'] },
  });
  const figure = classCountsFigure({ name: 'pets', train: set(0, 1, 1), test: set(0) });
  assert.deepEqual(
    traces(figure).map(({ name, x, y }) => [name, x, y]),
    [
      ['training', ['cat', 'dog'], [1, 2]],
      ['test', ['cat', 'dog'], [1, 0]],
    ],
  );
});

test('costs: hours together, machines, commands', () => {
  // 60, 120, ... 360 seconds in each of two arms.
  const [cost, command] = costSentences({ ...better, runs: better.runs.filter(({ seed }) => seed > 4) });
  assert.match(cost!, /^4 runs took 22 min of training and evaluation together, on Model 5, .* and Model 6/);
  const [single] = costSentences({ ...better, runs: better.runs.slice(0, 1) });
  assert.match(single!, /^1 run took 60 s of training and evaluation, on Model 1/);
  assert.equal(costSentences(better, search)[1], 'The search of sample took 1 s.');
  assert.match(command!, /`npx msl study run sample --profile tiny --arm ce --seed 5`/);
});
