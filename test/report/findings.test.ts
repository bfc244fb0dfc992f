import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  atOneRateText,
  findings,
  pairingText,
  told,
  verdict,
  type StudyRecords,
} from '../../src/report/index.ts';
import { sampleStudy, withMoreArms, type SampleOptions, type SampleRun } from './sample.ts';

const errors = (...values: SampleRun['error'][]): SampleRun[] => values.map((error) => ({ error }));
const result = (options: SampleOptions): string => findings(sampleStudy(options)).result.join(' ');
const tooFew =
  'Three seeds are too few for a claim either way: below six, each difference and the mean are shown, no interval ' +
  'and no test.';

test('findings say what was measured', () => {
  assert.deepEqual(findings(sampleStudy({ ce: errors(0.3, 0.3), msl: errors(0.3, 0.3) })).measured, [
    'A network was trained with CE and CE + MSL, two times each (seeds 1 and 2), the arms of a seed from the same first ' +
      'weights and with the images in the same order. Each saw 5,000 training images for two epochs and was then tested ' +
      'once, on 10,000 images it had not seen.',
    // sqrt(0.3 * 0.7 / 10,000)
    'So many images tell an error to ±0.46 points (one standard error), whatever the seeds do.',
  ]);
  assert.deepEqual(findings(sampleStudy({ ce: errors('diverged'), msl: [] })).measured, [
    'No run has finished, so there is nothing to compare.',
  ]);
});

test('findings name no arm as trained that has no run yet', () => {
  assert.equal(
    findings(sampleStudy({ ce: errors(0.3), msl: [] })).measured[0],
    'A network was trained with CE, once (seed 1). Each saw 5,000 training images for two epochs and was then tested ' +
      'once, on 10,000 images it had not seen.',
  );
});

test('findings do not say that a few images without a mistake tell an error exactly', () => {
  // Wilson's interval of 0 of n ends at z^2 / (n + z^2), z^2 = 3.8415: 3.8415 / 10,003.8415.
  assert.equal(
    findings(sampleStudy({ ce: errors(0), msl: errors(0) })).measured[1],
    'So many images, none of them mistaken, leave an error between 0.00 % and 0.04 % possible (95 %), whatever the seeds do.',
  );
  assert.equal(
    findings(sampleStudy({ ce: errors(1), msl: errors(1) })).measured[1],
    'So many images, all of them mistaken, leave an error between 99.96 % and 100.00 % possible (95 %), whatever the seeds do.',
  );
});

test('findings: arms that differ in images, epochs, order or network are not said to share them', () => {
  const study = sampleStudy({ ce: errors(0.3, 0.3), msl: errors(0.3, 0.3) });
  const measured = (more: object, summary: { epochs?: number; n?: number } = {}): string => {
    const { epochs = 2, n = 5000 } = summary;
    const runs = study.runs.map((run) =>
      run.arm === 'ce'
        ? run
        : {
            ...run,
            spec: { ...(run.spec as object), ...more },
            summary: { ...run.summary, epochs, train: { ...run.summary.train, n } },
          },
    );
    return findings({ ...study, runs }).measured[0]!;
  };
  const weights = 'the arms of a seed from the same first weights';
  assert.match(measured({ epochs: 4 }, { epochs: 4 }), /5,000 training images for two to four epochs and/);
  assert.match(measured({ sampler: { name: 'balanced' } }), new RegExp(`2\\), ${weights}\\. Each`));
  assert.match(
    measured({ split: { train: 1000 } }, { n: 1000 }),
    new RegExp(`2\\), ${weights}\\. Each saw 1,000 to 5,000 training images for two epochs`),
  );
  assert.match(
    measured({ network: { widths: [8, 8] } }),
    /2\), the arms of a seed with the images in the same order\. Each/,
  );
  assert.match(measured({ dataset: 'cifar100' }), /\(seeds 1 and 2\)\. Each/);
  // Held out in whole blocks: a seed's number is its own.
  assert.match(measured({}, { n: 4990 }), /Each saw 4,990 to 5,000 training images/);
  // What changes neither.
  assert.match(
    measured({ optimizer: { learningRate: 1 }, batchSize: 64 }),
    new RegExp(`${weights} and with the`),
  );
});

test('findings: better in every seed', () => {
  // Differences -1, -0.5, -0.3: mean -0.6.
  assert.equal(
    result({ ce: errors(0.35, 0.36, 0.34), msl: errors(0.34, 0.355, 0.337) }),
    `CE + MSL had the lower test error in all three seeds, by 0.60 points on average (34.40 % against 35.00 %). ${tooFew}`,
  );
});

test('findings: worse in every seed', () => {
  assert.equal(
    result({ ce: errors(0.34, 0.355, 0.337), msl: errors(0.35, 0.36, 0.34) }),
    `CE + MSL had the higher test error in all three seeds, by 0.60 points on average (35.00 % against 34.40 %). ${tooFew}`,
  );
});

test('findings: mixed, with the mean pointing either way or nowhere', () => {
  assert.equal(
    result({ ce: errors(0.35, 0.36, 0.34), msl: errors(0.34, 0.35, 0.345) }),
    'Compared with CE, the test error of CE + MSL was lower in 2 and higher in 1 of three seeds; on average it was 0.50 ' +
      `points lower (34.50 % against 35.00 %). ${tooFew}`,
  );
  assert.match(
    result({ ce: errors(0.35, 0.36, 0.34), msl: errors(0.34, 0.38, 0.34) }),
    /was lower in 1, higher in 1 and the same in 1 of three seeds; on average it was 0\.33 points higher/,
  );
  assert.match(
    result({ ce: errors(0.35, 0.36), msl: errors(0.34, 0.37) }),
    /lower in 1 and higher in 1 of two seeds; on average there was no difference \(35\.50 %\)\. Two seeds are too few/,
  );
  assert.match(
    result({ ce: errors(0.3, 0.3), msl: errors(0.3001, 0.29997) }),
    /on average it was less than 0\.01 points higher/,
  );
});

test('findings: equal, and a single seed', () => {
  assert.match(
    result({ ce: errors(0.3, 0.3), msl: errors(0.3, 0.3) }),
    /^CE \+ MSL had the same test error as CE in both seeds: 30\.00 %\./,
  );
  assert.equal(
    result({ ce: errors(0.3), msl: errors(0.31) }),
    'CE + MSL had the higher test error in the one seed, by 1.00 points (31.00 % against 30.00 %). One seed is too few for ' +
      'a claim either way: below six, each difference and the mean are shown, no interval and no test.',
  );
});

test('findings: a diverged run leaves both arms, is named, and is counted at the worst', () => {
  // Seed 2 is left out: -1 and -1. Two classes: guessing is 50 %; (-1 + 14 - 1) / 3 = 4.
  assert.equal(
    result({ ce: errors(0.35, 0.36, 0.34), msl: errors(0.34, 'diverged', 0.33) }),
    'CE + MSL had the lower test error in both seeds, by 1.00 points on average (33.50 % against 34.50 %). Two seeds are ' +
      'too few for a claim either way: below six, each difference and the mean are shown, no interval and no test. CE + MSL ' +
      'diverged at seed 2; this seed is left out of both arms. With a diverged run counted as guessing (50.00 % error) the ' +
      'mean difference is +4.00 points.',
  );
  assert.match(
    result({ ce: errors('diverged', 0.3), msl: errors(0.3, 'diverged') }),
    /^There is no seed at which both CE \+ MSL and CE finished.*CE \+ MSL diverged at seed 2 and CE diverged at seed 1; these seeds are left out/,
  );
});

test('findings: a run that is missing is said to be', () => {
  assert.match(
    result({ ce: errors(0.35, 0.36, 0.34), msl: [{ error: 0.34 }, undefined, undefined] }),
    /lower test error in the one seed, .* Seeds 2 and 3 are not finished in both arms yet and are left out\.$/,
  );
  // An arm without any run differs in no setting.
  assert.deepEqual(findings(sampleStudy({ ce: errors(0.3), msl: [] })).result, [
    'There is no seed at which both CE + MSL and CE finished, so their test errors cannot be compared.',
    'Seed 1 is not finished in both arms yet and is left out.',
  ]);
});

test('findings: from six seeds on intervals and the exact test', () => {
  // Differences -1, -1, -1, -1, -1, 1 points: mean -4/6; sd = sqrt((5 (1/3)^2 + (5/3)^2) / 5) = sqrt(2/3) = 0.82.
  // |sum| >= 4 in 14 of the 64 sign patterns: 2 with no and 12 with one sign turned.
  const text = result({
    ce: errors(...new Array<number>(6).fill(0.3)),
    msl: errors(0.29, 0.29, 0.29, 0.29, 0.29, 0.31),
  });
  assert.match(text, /lower in 5 and higher in 1 of six seeds; on average it was 0\.67 points lower/);
  assert.match(
    text,
    // t(0.975, 5) * 0.8165 / sqrt(6) = 0.857.
    /95 % interval −1\.52 to \+0\.19 points \(t; BCa bootstrap −\d\.\d\d to [+−]\d\.\d\d\); the exact sign-flip test gives p = 0\.219/,
  );
  assert.match(text, /six seeds cannot give less than 0\.0313/);
  assert.match(text, /This comparison explores/);
  assert.doesNotMatch(text, /too few/);
});

test('findings on saturation: four ways it can go', () => {
  const saturation = (ce: number, msl: number): string =>
    findings(
      sampleStudy({
        ce: [{ error: 0.3, gradientNorms: [0.8, 0.4, ce] }],
        msl: [{ error: 0.3, gradientNorms: [0.9, 0.4, msl] }],
      }),
    ).saturation.join(' ');
  assert.match(
    saturation(0.008, 0.45),
    /went from 0\.800 to 0\.00800 \(1\.0 % of it\) with CE and from 0\.900 to 0\.450 \(50 % of it\) with CE \+ MSL\. CE saturated and CE \+ MSL did not, which is what the paper’s abstract describes; it ended 56\.3 times as large/,
  );
  assert.match(
    saturation(0.008, 0.016),
    /Both saturated: CE \+ MSL did not prevent it; it ended 2\.00 times as large/,
  );
  assert.match(
    saturation(0.2, 0.009),
    /CE \+ MSL saturated and CE did not, the opposite of what the paper’s abstract/,
  );
  assert.match(
    saturation(0.2, 0.2),
    /Neither saturated, so these runs cannot show whether CE \+ MSL prevents it; it ended about as large with/,
  );
  // 0.04 is 5 % of 0.8.
  assert.match(saturation(0.041, 0.2), /Neither saturated/);
  assert.match(saturation(0.039, 0.2), /CE saturated and CE \+ MSL did not/);
});

test('findings on saturation say once what holds for several arms', () => {
  const of = (ce: number, msl: number, more: number) =>
    findings(
      withMoreArms(
        sampleStudy({
          ce: [{ error: 0.3, gradientNorms: [0.8, ce] }],
          msl: [{ error: 0.3, gradientNorms: [0.8, msl] }],
        }),
        ['a'],
        [{ error: 0.3, gradientNorms: [0.8, more] }],
      ),
    ).saturation.slice(1, -1);
  assert.deepEqual(of(0.2, 0.4, 0.2), [
    'None of CE, CE + MSL and CE + a saturated, so these runs cannot show whether CE + MSL or CE + a prevents it; it ended 2.00 times ' +
      'as large with CE + MSL and about as large with CE + a as with CE.',
  ]);
  assert.deepEqual(of(0.01, 0.02, 0.03), [
    'CE, CE + MSL and CE + a all saturated: none of the others prevented it; it ended 2.00 times as large with CE + MSL and 3.00 times ' +
      'as large with CE + a as with CE.',
  ]);
  // 5 % of 0.8 is 0.04: one did not.
  assert.equal(of(0.01, 0.02, 0.4).length, 2);
  assert.match(of(0.01, 0.02, 0.4)[0]!, /^Both saturated: CE \+ MSL did not prevent it;/);
});

test('findings say once of several arms that their seeds are too few', () => {
  const told = (seeds: readonly number[]) =>
    findings(
      withMoreArms(sampleStudy({ ce: errors(0.3, 0.3), msl: errors(0.29, 0.29) }), ['a'], errors(...seeds)),
    ).result;
  const same = told([0.31, 0.31]);
  assert.equal(same.filter((sentence) => sentence.includes('too few')).length, 1);
  assert.match(same.at(-1)!, /^Two seeds are too few for a claim either way: below six,/);
  assert.deepEqual(
    told([0.31])
      .filter((sentence) => sentence.includes('too few'))
      .map((sentence) => sentence.split(':')[0]),
    [
      'Two seeds are too few for a claim on CE + MSL either way',
      'One seed is too few for a claim on CE + a either way',
    ],
  );
});

test('findings on saturation need two epochs, and leave diverged runs out', () => {
  const one: SampleRun = { error: 0.3, gradientNorms: [0.8] };
  assert.match(
    findings(sampleStudy({ ce: [one], msl: [one] })).saturation.join(' '),
    /needs a finished run of two epochs/,
  );
  const { saturation } = findings(
    sampleStudy({
      ce: [{ error: 0.3 }, { error: 'diverged', gradientNorms: [1, NaN] }],
      msl: errors(0.3, 0.3),
    }),
  );
  assert.match(saturation.join(' '), /from 1\.00 to 0\.0100 \(1\.0 % of it\) with CE and/);
});

test('findings on saturation: an arm without a finished run is named, and no other takes its place', () => {
  const study = sampleStudy({ ce: [{ error: 'diverged' }], msl: errors(0.3) });
  const third = study.runs.filter(({ arm }) => arm === 'msl').map((run) => ({ ...run, arm: 'third' }));
  const text = findings({
    ...study,
    arms: [...study.arms, { name: 'third', title: 'Third' }],
    runs: [...study.runs, ...third],
  }).saturation.join(' ');
  assert.match(text, /Without a finished run of two epochs or more, and so not compared: CE\./);
  assert.doesNotMatch(text, /[Bb]oth saturated|as with/);
});

/** A run with these values at stages 1 and 2. */
const taps = (knn: [number, number], ratio: [number, number]): SampleRun => ({
  error: 0.3,
  taps: {
    stage1: { knnAccuracy: knn[0], betweenWithinRatio: ratio[0] },
    stage2: { knnAccuracy: knn[1], betweenWithinRatio: ratio[1] },
  },
});

test('findings on separability: below six seeds by the means, which are told as such', () => {
  const { separability } = findings(
    sampleStudy({ ce: [taps([0.5, 0.6], [1, 2])], msl: [taps([0.4, 0.6], [2, 3])] }),
  );
  assert.equal(
    separability[0],
    'Compared with CE, on held-out images and by the means alone, the between/within ratio of CE + MSL was higher at two of two taps; its ' +
      'nearest-neighbour accuracy was higher at none of two taps, lower at stage1 (−10.00 points) and the same at stage2.',
  );
});

test('findings on separability: from six seeds on a difference counts by its interval', () => {
  const seeds = [1, 2, 3, 4, 5, 6];
  // At stage 1 the neighbours lose 1 and 2 points by turns: -1.5, 0.575 to either side (t(0.975, 5) = 2.571, s = 0.548). At stage 2
  // they gain 1 and lose 0.5: +0.25, which is far within s = 0.822.
  const { separability } = findings(
    sampleStudy({
      ce: seeds.map(() => taps([0.5, 0.6], [1, 2])),
      msl: seeds.map((n) => taps([n % 2 ? 0.49 : 0.48, n % 2 ? 0.61 : 0.595], [2, 1.5])),
    }),
  );
  assert.equal(
    separability[0],
    'Compared with CE, on held-out images and by the 95 % intervals of the paired differences (t), the between/within ratio of CE + MSL was ' +
      'higher at one of two taps and lower at stage2 (−0.500, −0.500 to −0.500); its nearest-neighbour accuracy was higher at none of two taps, ' +
      'lower at stage1 (−1.50 points, −2.07 to −0.93) and undecided at stage2.',
  );
});

test('told: of more arms than can be told apart, the two of the question and a sentence on the others', () => {
  const two = sampleStudy({ ce: errors(0.3), msl: errors(0.29) });
  assert.deepEqual(told(two), findings(two));
  const study = withMoreArms(two, ['a', 'b', 'c'], errors(0.28));
  const { measured, result, saturation } = told(study);
  assert.match(measured.join(' '), /with CE and CE \+ MSL, once each/);
  assert.match(measured.at(-1)!, /^Three more arms were trained in the same way/);
  assert.match(result.join(' '), /three of the three other arms had as low a mean test error as CE \+ MSL/);
  const without = { ...study, runs: study.runs.filter((run) => run.arm !== 'a' && run.arm !== 'b') };
  assert.deepEqual(told(without).measured.slice(-2), [
    'One more arm was trained in the same way.',
    'Two more arms have no run yet.',
  ]);
  assert.doesNotMatch([...result, ...saturation].join(' '), /Compared with CE, CE \+ [abc]/);
});

test('findings: what two arms differ in besides the loss has a part in the difference', () => {
  const study = sampleStudy({ ce: errors(0.3, 0.31), msl: errors(0.29) });
  const rate = (of: Record<string, number>) => ({
    ...study,
    runs: study.runs.map((run) => ({
      ...run,
      spec: {
        seed: run.seed,
        optimizer: { learningRate: of[run.arm] },
        ...(run.arm === 'ce' ? { loss: { msl: null } } : { loss: { msl: 1 }, custom: [{ kind: 'loss' }] }),
      },
    })),
  });
  assert.match(
    findings(rate({ ce: 0.3, msl: 0.17 })).result.join(' '),
    /Besides the loss the two differ in learning rate \(0\.3 with CE and 0\.17 with CE \+ MSL\), so that/,
  );
  // Other seeds, the loss itself, and where it is from are no such difference.
  assert.doesNotMatch(findings(rate({ ce: 0.3, msl: 0.3 })).result.join(' '), /Besides/);
});

test('told: CE and MSL at one learning rate, where each has runs at the rate of the other', () => {
  const two = sampleStudy({ ce: errors(0.3, 0.31), msl: errors(0.32, 0.33) });
  const borrowed = withMoreArms(two, ['msl-ce-rate'], errors(0.29, 0.28));
  const rates: Record<string, number> = { ce: 0.3, msl: 0.1, 'msl-ce-rate': 0.3, 'ce-msl-rate': 0.1 };
  const withRates = (study: StudyRecords): StudyRecords => ({
    ...study,
    runs: study.runs.map((run) => ({ ...run, spec: { optimizer: { learningRate: rates[run.arm] } } })),
  });
  // 0.29 - 0.30 and 0.28 - 0.31, on average; the other pair has no CE at MSL's rate.
  assert.equal(atOneRateText(withRates(borrowed)), '−2.00 points at 0.3, two seeds');
  const study = withRates(withMoreArms(borrowed, ['ce-msl-rate', 'other'], errors(0.325)));
  assert.equal(atOneRateText(study), '−2.00 points at 0.3, two seeds and −0.50 points at 0.1, one seed');
  assert.equal(atOneRateText(withRates(two)), '');
  const { result } = told(study);
  assert.ok(
    result.some((sentence) => sentence.includes(`for both (below zero MSL has the lower error): −2.00`)),
  );
  const { exploratory } = verdict(study);
  assert.ok(exploratory.some((sentence) => sentence.includes('at one learning rate for both')));
  // The two at another rate are no other losses, with which MSL is compared.
  assert.match(result.at(-1)!, /^Exploratory: CE \+ other had a higher mean test error than CE \+ MSL/);
});

test('pairingText: what equal seeds are good for', () => {
  // Errors of CE 30 and 32 by turns; those of CE + MSL 1 higher or lower: s = 1.10 and 2.19, r = 1, differences ±1.
  const ce = errors(0.3, 0.32, 0.3, 0.32, 0.3, 0.32);
  assert.equal(
    pairingText(sampleStudy({ ce, msl: errors(0.29, 0.33, 0.29, 0.33, 0.29, 0.33) })),
    'Six seeds: the test errors of CE and CE + MSL have a correlation of 1.00, which so few tell only roughly. Their difference deviates by ' +
      // 0.447 times t(0.975, 5) / t(0.975, 10) = 2.571 / 2.228.
      '1.10 points from seed to seed, and would by 2.45 if the two shared nothing. With the degrees of freedom of each, pairing shortens the ' +
      'interval to 52 % here.',
  );
  const opposite = errors(0.32, 0.3, 0.32, 0.3, 0.32, 0.3);
  assert.match(
    pairingText(sampleStudy({ ce, msl: opposite })),
    /of −1\.00, .*, pairing gains nothing here\.$/,
  );
  // By Python's statistics module r = 0.186 and a deviation of 0.903 times the one without pairs: an interval of 1.04 times.
  const loose = errors(0.31, 0.31, 0.29, 0.31, 0.32, 0.31);
  assert.match(pairingText(sampleStudy({ ce, msl: loose })), /of 0\.19, .*, pairing gains nothing here\.$/);
  // r = 0.342, 0.825 times the deviation and 0.952 times the interval.
  const tighter = errors(0.29, 0.29, 0.29, 0.29, 0.3, 0.33);
  assert.match(pairingText(sampleStudy({ ce, msl: tighter })), /of 0\.34, .*, pairing gains little here\.$/);
  assert.equal(pairingText(sampleStudy({ ce: ce.slice(1), msl: ce.slice(1) })), '');
  assert.equal(pairingText(sampleStudy({ ce, msl: errors(0.3, 0.3, 0.3, 0.3, 0.3, 0.3) })), '');
});

test('findings: where the test set is small a difference is told in images, too', () => {
  const study = sampleStudy({ ce: errors(0.15, 0.16), msl: errors(0.14, 0.144) });
  const of = (n: number) =>
    findings({
      ...study,
      runs: study.runs.map((run) => ({
        ...run,
        summary: { ...run.summary, test: { ...run.summary.test, n } },
      })),
    }).result.join(' ');
  // 1 and 1.6 points: 1.3 points of 500 images.
  assert.match(
    of(500),
    /by 1\.30 points on average .*\. That is a difference of 6\.5 of the 500 test images\./,
  );
  assert.doesNotMatch(of(2000), /That is a difference/);
});

test('verdict: where there is no test, nothing is said of its p', () => {
  const seeds = (n: number, error: number) => errors(...new Array<number>(n).fill(error));
  const study = (n: number) =>
    withMoreArms(sampleStudy({ ce: seeds(n, 0.3), msl: seeds(n, 0.29) }), ['a', 'b'], seeds(n, 0.28));
  // Three of six seeds: 3 * 2/64.
  assert.match(verdict(study(6)).exploratory.join(' '), /the smallest possible is 0\.094\./);
  // The exact test goes through at most 40.
  assert.doesNotMatch(verdict(study(41)).exploratory.join(' '), /Holm|possible/);
});

test('verdict: an end of the interval next to zero is no effect of 0.00 points', () => {
  // Differences of -0.01, 0.1, 0.1, 0.1, 0.2 and 0.42 points: 0.152 less t(0.975, 5) = 2.571 times 0.148 / sqrt(6), that is -0.003.
  const msl = errors(0.2999, 0.301, 0.301, 0.301, 0.302, 0.3042);
  const { primary } = verdict(sampleStudy({ ce: errors(...new Array<number>(6).fill(0.3)), msl }));
  assert.match(
    primary.at(-1)!,
    /against is a gain that two decimals of a point would show, and a harm of more than 0\.31 points\.$/,
  );
});
