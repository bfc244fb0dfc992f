import assert from 'node:assert/strict';
import { test } from 'node:test';

import { saturationFindings, saturationTable, settingsFindings } from '../../src/report/index.ts';
import { sampleStudy, withProbes } from './sample.ts';

const study = withProbes(
  sampleStudy({
    ce: [{ error: 0.35, gradientNorms: [1, 0.04] }],
    msl: [{ error: 0.34, gradientNorms: [1, 0.06] }],
  }),
);

test('what probes saw, in words', () => {
  const { samples, taps, pull, weights, clipped } = saturationFindings(study);
  assert.deepEqual(samples, [
    'When the probes looked last, the gradient at the logits was below 0.1 for 50 % of the samples with CE and 50 % of the samples with ' +
      'CE + MSL, and below 0.01 for 25 % and 13 %.',
  ]);
  // Cross-entropy's part goes from 0.1 to 0.05, MSL's stays at 0.01; nothing of it reaches the logits.
  assert.deepEqual(taps, [
    'With CE + MSL, from the first look (epoch 1) to the last (epoch 2), cross-entropy’s gradient at stage1 went to 50 % of what it was, ' +
      'and that of MSL to 100 %: MSL outlasted cross-entropy at one of one.',
    'Beside cross-entropy’s it was 10 % as long at first, and 20 % at last.',
  ]);
  assert.deepEqual(pull, [
    'With CE + MSL, on the weights that cross-entropy reaches too, MSL’s gradient pointed more with it than against it: the cosine of the two was 0.100 ' +
      'at first, 0.200 at last and 0.150 on average, above zero in 2 of 2 epochs.',
  ]);
  // 0.25 by epoch at stage1/conv1; the last layer gets none.
  assert.deepEqual(weights, [
    'With CE + MSL, at the last look (epoch 2) MSL gave 50 % of the gradient of the weights in the layers that it reaches (stage1/conv1 50 %); ' +
      'the rest is that of the losses beside it, cross-entropy first.',
  ]);
  // ln(1e7 - 1) = 16.118, of two classes as of one other.
  assert.match(
    clipped.join(),
    /between −1\.00 and 6\.00 in every epoch\. .* below −16\.1 at the earliest \(two classes\) and above 16\.1, so the clipped form would have changed nothing/,
  );
});

test('margins beyond the clip are told', () => {
  const wrong = {
    ...study,
    runs: study.runs.map((run) => ({
      ...run,
      epochs: run.epochs.map((epoch) => ({
        ...epoch,
        probes: { ...epoch.probes!, margins: { '0.05': -20, '0.95': 3 } },
      })),
    })),
  };
  assert.match(
    saturationFindings(wrong).clipped.join(),
    /between −20\.0 and 3\.00 .* would have cut gradients here/,
  );
});

test('without probes nothing is said', () => {
  const plain = sampleStudy({ ce: [{ error: 0.3 }], msl: [{ error: 0.3 }] });
  assert.deepEqual(saturationFindings(plain), { samples: [], taps: [], pull: [], weights: [], clipped: [] });
});

test('where cross-entropy saturated, whether MSL did not, and what it gained', () => {
  const six = (error: number, last: number) =>
    Array.from({ length: 6 }, () => ({ error, gradientNorms: [1, last] }));
  const normed = sampleStudy({ ce: six(0.35, 0.04), msl: six(0.34, 0.06) });
  const slow = sampleStudy({
    ce: [{ error: 0.3, gradientNorms: [1, 0.5] }],
    msl: [{ error: 0.32, gradientNorms: [1, 0.5] }],
  });
  const settings = [
    { label: 'with batch norm', study: normed },
    { label: 'plain', study: slow },
  ];
  const samples =
    'Below six seeds, and so shown and not counted: plain (n = 1, 5,000 training images): neither saturated; +2.00 points.';
  assert.deepEqual(settingsFindings(settings), [
    'CE saturated (the gradient at the logits ended below 5 % of the first epoch’s) in the one setting with so many seeds (with batch norm).',
    'With CE + MSL one of these stayed above that (with batch norm).',
    'The test error of CE + MSL minus that of CE, with its 95 % interval (t): −1.00 points (−1.00 to −1.00) with batch norm (n = 6).',
    samples,
  ]);
  assert.deepEqual(settingsFindings(settings.slice(1)), [samples]);
  assert.match(
    settingsFindings([{ label: 'sample', study }]).join(),
    /sample \(n = 1, .*\): CE saturated, CE \+ MSL did not; −1\.00 points\.$/,
  );
  assert.match(settingsFindings([]).join(), /No setting has finished runs/);
  const diverged = sampleStudy({ ce: [{ error: 'diverged' }], msl: [{ error: 0.32 }] });
  const [left, judged] = settingsFindings([{ label: 'fast', study: diverged }, ...settings]);
  assert.equal(left, 'Left out, without finished runs of both arms at a seed: fast.');
  assert.match(judged!, /in the one setting with so many seeds/);

  const { rows, columns } = saturationTable([
    { label: 'with batch norm', study },
    { label: 'plain', study: slow },
  ]);
  assert.deepEqual(rows, [
    'with batch norm: CE',
    'with batch norm: CE + MSL',
    'plain: CE',
    'plain: CE + MSL',
  ]);
  const column = (name: string) => columns.find((of) => of.name === name)?.values;
  assert.deepEqual(column('left (%)'), [0.04, 0.06, 0.5, 0.5]);
  assert.deepEqual(column('vanished (%)'), [0.25, 0.125, null, null]);
});
