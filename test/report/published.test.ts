/** What is published of all studies together: family, verdicts, ablations, blocks of documents, rows that are run again. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { createStream, UserError } from '../../src/engine/index.ts';
import { findStudy, studyRuns, tuningFile } from '../../src/experiments/index.ts';
import {
  ablationTable,
  againstArm,
  answers,
  choicesTable,
  claims,
  claimsTable,
  claimText,
  comparisons,
  dataSentence,
  differencesByStudy,
  drawRows,
  extractFiles,
  fillBlocks,
  precisionTable,
  primaryFamily,
  publishedFigures,
  readPublication,
  repeated,
  resultBlocks,
  runDifference,
  studySection,
  verdictOf,
  withFamily,
  type Publication,
  type PublishedStudy,
  type StudyRecords,
} from '../../src/report/index.ts';
import { notRun } from '../../src/report/published/notRun.ts';
import { without } from '../../src/report/study/leaves.ts';
import { sampleStudy, withMoreArms, withProbes, type SampleRun } from './sample.ts';

const TAPS = (knn: number, ratio: number): NonNullable<SampleRun['taps']> => ({
  stage1: { knnAccuracy: knn, betweenWithinRatio: ratio },
});

/** CE at 0.36 and MSL at 0.36 minus `gain`, a thousandth more or less by seed; specifications are those of the study. */
function published(name: string, seeds: number, gain: number): PublishedStudy {
  const numbers = Array.from({ length: seeds }, (_, i) => i);
  const error = (i: number): number => 0.36 + 0.001 * (i % 3);
  const sample = sampleStudy({
    ce: numbers.map((i) => ({ error: error(i), taps: TAPS(0.5, 1) })),
    msl: numbers.map((i) => ({
      error: error(i) - gain - 0.0002 * i,
      taps: TAPS(0.5 - 0.001 * i, 2 + 0.1 * i),
    })),
  });
  const { specification } = studyRuns(findStudy(name), 'full', '.')[0]!;
  const runs = sample.runs.map((run) => ({ ...run, spec: { ...specification, seed: run.seed } }));
  const records: StudyRecords = { ...sample, name, title: `Study ${name}`, runs, primary: 'msl' };
  return { name, title: records.title, records, left: [] };
}

const publication = (...studies: PublishedStudy[]): Publication => ({
  published: studies.map((one) => ({ ...one, records: withFamily(one.records, studies) })),
  missing: [],
  searches: [],
});

test('the family of primary comparisons is corrected over all data sets, those that are missing as p = 1', () => {
  const family = primaryFamily(publication(published('svhn', 10, 0.01), published('cifar10-5k', 6, 0.01)));
  const holm = Object.fromEntries(family.map(({ study, holmP }) => [study, holmP]));
  // Ten of ten lower: 2 / 1024, times 4. Six of six: 2 / 64, times 3.
  assert.deepEqual(holm, { 'cifar10-5k': 0.09375, cifar100: null, svhn: 0.0078125, gender: null });
});

test('tables of a study are corrected with the other data sets: nothing is bold that RESULTS.md leaves plain', () => {
  const [svhn, other] = [published('svhn', 6, 0.01), published('cifar10-5k', 10, 0.01)];
  const report = (...studies: PublishedStudy[]) =>
    extractFiles(publication(...studies).published[0]!.records).find(({ name }) => name === 'report.md')!
      .text;
  // 2 / 64 alone, times four; with 2 / 1024 beside it times three.
  assert.match(report(svhn), /\| 0\.031 \| 0\.125 \| primary \|/);
  assert.match(report(svhn, other), /\| 0\.031 \| 0\.094 \| primary \|/);
  assert.doesNotMatch(report(svhn, other), /\| \*\*/);
  assert.match(report(other, svhn), /\| \*\*35\.00/);
  // What a publication holds is found from a folder, too, and never written into the records.
  assert.doesNotMatch(extractFiles(publication(svhn).published[0]!.records)[0]!.text, /family/);
});

test('verdicts follow from evidence by their rule', () => {
  const verdict = (...holds: (boolean | null)[]) => verdictOf(holds.map((one) => ({ holds: one })));
  assert.equal(verdict(), 'not yet run');
  assert.equal(verdict(null), 'not testable here');
  assert.equal(verdict(true, null), 'supported here');
  assert.equal(verdict(true, false), 'supported in part');
  assert.equal(verdict(false, null), 'not supported here');
});

test('each sentence of the abstract gets its verdict from the records', () => {
  const of = (...studies: PublishedStudy[]) =>
    claims(publication(...studies)).map(({ sentence, verdict }) => [sentence.slice(0, 28), verdict] as const);
  assert.deepEqual(of(published('svhn', 10, 0.01)), [
    ['Well-known networks change t', 'not testable here'],
    // Training accuracy 99.75 %, gradient at the logits from 1 to 0.01.
    ['With cross-entropy alone a n', 'supported here'],
    // No probes.
    ['MSL updates the weights even', 'not yet run'],
    // Both saturate.
    ['A network with MSL deepens t', 'not supported here'],
    // 2 to 2.9 against 1.
    ['The between-class part makes', 'supported here'],
    // 0.5 to 0.491 against 0.5.
    ['Attached to different convol', 'not supported here'],
    ['Promising results on CIFAR-1', 'not yet run'],
    ['Promising results on CIFAR-1', 'not yet run'],
    ['Promising results on SVHN.', 'supported here'],
    ['Promising results on faces (', 'not yet run'],
    ['Promising results on the aut', 'not testable here'],
  ]);
  // Higher in every seed: significant, and not what is claimed. Five seeds: no test.
  assert.equal(of(published('svhn', 10, -0.01))[8]?.[1], 'contradicted here');
  assert.deepEqual(
    of(published('svhn', 5, 0.01)).map(([, verdict]) => verdict),
    [
      ...['not testable here', 'not yet run', 'not yet run', 'not yet run', 'not yet run', 'not yet run'],
      ...['not yet run', 'not yet run', 'not testable here', 'not yet run', 'not testable here'],
    ],
  );
  // Six of six lower: p = 0.031, which what is missing can bring to 0.125, or leave; then three others that show nothing did.
  const six = published('svhn', 6, 0.01);
  assert.equal(of(six)[8]?.[1], 'undecided');
  const others = ['cifar10-5k', 'cifar100', 'gender'].map((name) => published(name, 6, -0.01));
  assert.equal(of(six, ...others)[8]?.[1], 'not shown here');
  // Six of six higher: the same, of a contradiction.
  assert.equal(of(published('svhn', 6, -0.01))[8]?.[1], 'undecided');
  // With p = 1 of faces two are missing, which leave 2 * 0.031 at best.
  assert.equal(of(six, published('gender', 6, -0.0005))[8]?.[1], 'not shown here');
  // The study of ablations varies the loss: it is no evidence.
  assert.equal(of(published('ablations', 10, 0.01))[1]?.[1], 'not yet run');
});

test('sentences of the abstract in short, and with rule and evidence', () => {
  const of = publication(published('svhn', 10, 0.01), published('gender', 10, 0.01));
  const [, saturates, , , , , , , svhn] = claimsTable(of).columns[0]!.values;
  assert.equal(saturates, 'holds in 2 of 2 studies that can say');
  assert.match(String(svhn), /^35\.00 % against 36\.09 % test error, difference −1\.09 points/);
  const text = claimText(claims(of)[1]!).split('\n');
  assert.match(text[0]!, /^\*\*With cross-entropy alone .* early saturation\.\*\* Supported here\.$/);
  assert.equal(text[4], '  - `svhn` holds: 99.75 %, 1.00 %');
});

test('what the rules do not look at stands beside the evidence: gradients at the taps, and how much of them is the loss’s', () => {
  const { records } = published('early-saturation', 6, 0.01);
  const probed = {
    ...published('early-saturation', 6, 0.01),
    records: withProbes(records, (epoch) => 1 / epoch ** 2),
  };
  const [, saturates, updates] = claims(publication(probed));
  // Cross-entropy's length is 0.1 / epoch: after two epochs half of it, and a quarter at the logits.
  assert.deepEqual(saturates!.besides, [
    'At the layers more of a sample’s gradient of cross-entropy is left than at the logits: in `early-saturation` 50.0 % at stage1.',
  ]);
  // All of it is left at the logits.
  const constant = { ...probed, records: withProbes(records) };
  assert.deepEqual(claims(publication(constant))[1]!.besides, [
    'At the layers not everywhere more of a sample’s gradient of cross-entropy is left than at the logits: in `early-saturation` ' +
      '50.0 % at stage1 and 100 % at the logits.',
  ]);
  // The loss's share of stage1/conv1 is 0.25 * epoch; it has none in the dense layer.
  assert.deepEqual(updates!.besides, [
    'MSL’s own gradient at the taps in the last epoch of `early-saturation` is 0.0100 long.',
    'In the last epoch of `early-saturation`, MSL gives 50 % of the gradient of the weights that it reaches; cross-entropy gives the rest.',
    'Of cross-entropy’s alone a sample has in the two arms 0.0500 against 0.0500.',
  ]);
  assert.ok(claimText(saturates!).includes('\n- Besides: At the layers more'));
  // Five seeds are too few, and without probes nothing is said.
  const few = { ...probed, records: withProbes(published('early-saturation', 5, 0.01).records) };
  for (const of of [few, published('early-saturation', 6, 0.01)]) {
    assert.deepEqual(claims(publication(of))[1]!.besides, []);
  }
});

test('a claim cannot be said to hold or not where one of the two arms has no numbers', () => {
  const original = published('early-saturation', 6, 0.01);
  const probed = withProbes(original.records);
  const verdictsOf = (of: StudyRecords, i: number) => {
    const { evidence, verdict } = claims(publication({ ...original, records: of }))[i]!;
    assert.doesNotMatch(evidence.map(({ numbers }) => numbers).join(), /NaN/);
    return [evidence[0]?.holds, verdict];
  };
  // Probes of MSL alone; the sample's whole gradient is the same in both arms.
  const alone = probed.runs.map((run) =>
    run.arm === 'ce' ? original.records.runs.find((own) => own.arm === 'ce' && own.seed === run.seed)! : run,
  );
  assert.deepEqual(verdictsOf({ ...probed, runs: alone }, 2), [null, 'not testable here']);
  assert.deepEqual(verdictsOf(probed, 2), [false, 'not supported here']);
  // No ratio of CE is a number: no pair is left for an interval, which was above zero.
  const broken = original.records.runs.map((run) =>
    run.arm === 'ce' ? { ...run, summary: { ...run.summary, taps: TAPS(0.5, NaN) } } : run,
  );
  assert.deepEqual(verdictsOf(original.records, 4), [true, 'supported here']);
  assert.deepEqual(verdictsOf({ ...original.records, runs: broken }, 4), [null, 'not testable here']);
});

test('the report’s answers count as the claims do', () => {
  const of = (...studies: PublishedStudy[]) => answers(publication(...studies)).split('\n');
  const [saturation, separability, errors] = of(published('svhn', 10, 0.01), published('gender', 10, -0.01));
  assert.match(
    saturation!,
    /^1\. .* falls below 5 % of the first epoch’s in two of the two studies that can say\. With MSL it stays above that in none of the two studies that can say; .* in no study, since none can say\.$/,
  );
  assert.match(
    separability!,
    /every layer in two of the two studies that can say; .* does not optimise, in none of the two studies that can say\. Studies of one data set share images/,
  );
  assert.equal(
    errors,
    '3. **Test error.** Corrected over the data sets it is lower with MSL on SVHN, and higher on faces (gender). Not yet run: CIFAR-10 and CIFAR-100.',
  );
  assert.match(
    of(published('svhn', 6, 0.01))[2]!,
    /on no data set, and higher on no data set\. Undecided: SVHN\./,
  );
  // 0.0002 more for each seed, so that an interval at 0 holds it.
  const others = [
    published('cifar10-5k-plain', 6, -0.01),
    published('cifar10-augmented', 6, -0.01),
    published('ablations', 6, 0.01),
    published('cifar10-50k', 6, -0.0005),
    { ...published('early-saturation', 6, 0.01), repeats: 'cifar10-5k' },
    published('early-saturation-plain', 5, 0.01),
  ];
  assert.match(
    of(...others)[2]!,
    /In the four studies without .* below zero in `ablations` and above it in `cifar10-5k-plain` and `cifar10-augmented`\. Not yet run/,
  );
});

test('the report’s answers: a study that is published and not tested is not one that is still to run', () => {
  const errorsOf = (study: PublishedStudy) => answers(publication(study)).split('\n')[2]!;
  const untuned = without(published('svhn', 10, 0.01).records, 'primary') as unknown as StudyRecords;
  for (const study of [{ ...published('svhn', 10, 0.01), records: untuned }, published('svhn', 5, 0.01)]) {
    assert.match(
      errorsOf(study),
      /higher on no data set\. Not testable here, for want of a search of both or of seeds: SVHN\. Not yet run: CIFAR-10, CIFAR-100 and faces/,
    );
  }
});

test('the report’s answers: of a study of other arms nothing is said of MSL', () => {
  const { records, ...rest } = published('cifar10-5k-plain', 6, -0.01);
  const rename = (name: string) => (name === 'ce' ? 'sgd' : 'adam');
  const foreign = {
    ...rest,
    name: 'mine',
    records: {
      ...records,
      name: 'mine',
      arms: records.arms.map((arm) => ({ ...arm, name: rename(arm.name) })),
      runs: records.runs.map((run) => ({ ...run, arm: rename(run.arm) })),
    },
  };
  assert.doesNotMatch(answers(publication(foreign)), /without a primary comparison/);
});

test('what the primary comparisons can tell: by hand', () => {
  const { rows, columns } = precisionTable(
    publication(published('svhn', 10, 0.01), published('gender', 5, 0.01)),
  );
  assert.deepEqual(rows, ['SVHN'], 'five seeds have no interval');
  const [, difference, joint, found] = columns;
  // MSL is better by 0.01 and by 0.0002 more for each seed: the deviation of 0 to 9 is sqrt(55 / 6).
  assert.ok(Math.abs(Number(difference!.values[0]) + 0.0109) < 1e-12);
  const deviation = 0.0002 * Math.sqrt(55 / 6);
  // t of 9 degrees: 0.99375 and 0.975 + 0.8.
  assert.ok(Math.abs(Number(joint!.values[0]) - (-0.0109 - (3.11091 * deviation) / Math.sqrt(10))) < 1e-7);
  assert.ok(Math.abs(Number(found!.values[0]) - ((2.262157 + 0.883404) * deviation) / Math.sqrt(10)) < 1e-8);
});

test('what each choice of the reconstruction matters, and what is not yet run', () => {
  const { records, ...rest } = published('ablations', 6, 0.01);
  // MSL has 0.3505 on average: 0.36 and 0.001 for the seed, less 0.01 and 0.0005.
  const runs = Array.from({ length: 6 }, () => ({ error: 0.3605 }));
  const of = publication({ ...rest, records: withMoreArms(records, ['msl-margin-0.5'], runs) });
  const { rows, columns } = choicesTable(of);
  const row = (name: string) => String(columns[1]!.values[rows.indexOf(name)]);
  assert.match(row('margin'), /^margin 0\.5 \+1\.00 \(\+0\.\d\d to \+1\.\d\d\); margin 1\.4: not yet run$/);
  assert.equal(row('the two parts'), 'within-class part: not yet run; between-class part: not yet run');
  assert.equal(row('side of the rectifier'), 'side preActivation: not yet run');
  assert.ok(columns[1]!.values.every((text) => typeof text === 'string' && !text.includes('CE')));
});

test('arms against the loss as it is', () => {
  const { records } = published('ablations', 6, 0.01);
  const against = againstArm(records, 'msl');
  assert.deepEqual(
    against.arms.map(({ name, baseline }) => [name, baseline]),
    [
      ['msl', 'msl'],
      ['ce', 'msl'],
    ],
  );
  assert.equal(against.primary, undefined);
  const { rows, columns, note } = ablationTable(records);
  // Six seeds: 2/64.
  assert.match(note, /Holm over all rows\. All of it explores\.$/);
  const more = Array.from({ length: 2 }, (_, i) => ({
    name: `m${i}`,
    title: `m${i}`,
    seeds: [1, 2, 3, 4, 5, 6],
  }));
  assert.match(
    ablationTable({ ...records, arms: [...records.arms, ...more] }).note,
    /all rows \(one whose runs are not all there counts as p = 1\)\. .* below 0\.094 for these three, whatever/,
  );
  assert.deepEqual(rows, ['CE', 'CE + MSL']);
  const values = (name: string) => columns.find((column) => column.name === name)?.values;
  // Seeds 0 to 5: 0.01 and 0.0005 on average.
  assert.deepEqual(values('less its baseline'), [null, -0.0105]);
  assert.deepEqual(values('less the loss as it is'), [0.0105, null]);
  assert.throws(() => againstArm(records, 'msi'), /has no arm 'msi'; it has ce, msl/);
});

test('blocks of a document are filled, and all else stays', () => {
  const open = '<!-- results: state -->';
  const close = '<!-- end of results -->';
  const filled = fillBlocks(`a\n${open}\nold $1\n${close}\nz`, { state: 'new $1\n' }, 'x.md');
  assert.equal(filled, `a\n${open}\n\nnew $1\n\n${close}\nz`);
  assert.equal(fillBlocks(filled, { state: 'new $1' }, 'x.md'), filled);
  assert.throws(
    () => fillBlocks(`${open}\n`, { state: '' }, 'x.md'),
    /x\.md: a block of results does not end/,
  );
  assert.throws(
    () => fillBlocks(`${open}\n${close}`, { claims: '' }, 'x.md'),
    (error) =>
      error instanceof UserError && error.message.includes("no block 'state' of results; there are claims"),
  );
});

test('every block is made of what is there, also of nothing', () => {
  const none = resultBlocks({ published: [], missing: [findStudy('svhn')], searches: [] });
  assert.equal(none['state'], 'No study is published yet. **Not yet run**: `svhn`, 44 runs.');
  const one = { ...published('svhn', 2, 0.01), left: [{ arm: 'CE', seed: 3 }] };
  assert.match(
    resultBlocks({ published: [one], missing: [], searches: [] })['state']!,
    /`svhn`, 4 runs\. Incomplete: `svhn`, 1 run is left\./,
  );
  assert.match(none['estimates']!, /\| svhn \|.*\| 44 \| 9\.88 \| – \|/);
  const svhn = published('svhn', 10, 0.01);
  const blocks = resultBlocks({ published: [svhn], missing: [findStudy('full-scale-wrn28')], searches: [] });
  assert.match(
    blocks['primary']!,
    /\| SVHN \| svhn \| 5,000 \| 10,000 \| 10 \| 36\.09 ± 0\.09 \| \*\*35\.00 ± 0\.\d\d\*\* \| −1\.09 \|/,
  );
  assert.match(
    blocks['studies']!,
    /They are \*\*a part\*\* of the published set, which has 73,257 and 26,032/,
  );
  assert.match(
    blocks['studies']!,
    /corrected over the four data sets, three of which are missing and count as p = 1, its p is 0\.008\./,
  );
  assert.match(
    blocks['contents']!,
    /^- \[Study svhn\]\(#study-svhn\) \(`svhn`\): 20 runs, −1\.09 points \(−1\.13 to −1\.05\)$/,
  );
  assert.ok(blocks['studies']!.startsWith('### Study svhn\n'));
  assert.match(blocks['studies']!, /npx msl study run svhn --profile tiny --arm ARM --seed SEED/);
  // GitHub's name of the second heading of one title.
  const again = { ...svhn, name: 'again' };
  assert.match(
    resultBlocks({ published: [svhn, again], missing: [], searches: [] })['contents']!,
    /\(#study-svhn\) .*\n.*\(#study-svhn-1\) /,
  );
  for (const { name } of publishedFigures(svhn)) {
    assert.ok(blocks['studies']!.includes(`(results/figures/${name}.png)`));
  }
  // A study whose corrected p does not support it has nothing bold.
  const six = resultBlocks(publication(published('svhn', 6, 0.01)));
  assert.doesNotMatch(six['studies']! + six['primary']!, /\| \*\*/);
  assert.doesNotMatch(JSON.stringify(blocks), /undefined|NaN|\[object/);
});

test('a study of other arms, and one without a run, have a section, too', () => {
  const { records } = published('svhn', 2, 0.01);
  const rename = (name: string) => `my-${name}`;
  const mine: StudyRecords = {
    ...records,
    name: 'mine',
    arms: records.arms.map((arm) => ({ ...arm, name: rename(arm.name) })),
    runs: records.runs.map((run) => ({ ...run, arm: rename(run.arm) })),
  };
  const section = (of: StudyRecords) =>
    studySection({ name: of.name, title: of.title, records: of, left: [] });
  assert.match(section(mine), /CE \+ MSL had the lower test error in both seeds/);
  // What is known of a part stands beside its size, of another part nothing.
  const ofTests = (n: number) =>
    dataSentence({
      records: {
        ...records,
        runs: records.runs.map((run) => ({
          ...run,
          summary: { ...run.summary, test: { ...run.summary.test, n } },
        })),
      },
    });
  assert.match(
    ofTests(5000),
    /\*\*a part\*\* of the published set, .* so that the two come from different croppers\.$/,
  );
  assert.match(ofTests(4000), /which has 73,257 and 26,032\.$/);
  assert.match(section(mine), /of which no list is published: .*\n\n {4}npx msl study run mine /);
  const listed = {
    name: 'mine',
    title: mine.title,
    records: mine,
    left: [],
    images: 'results/images/svhn.csv',
  };
  assert.match(
    studySection(listed),
    /msl data part svhn --list results\/images\/svhn\.csv --to parts\n {4}MSL_DATA=parts npx msl study run mine /,
  );
  assert.match(section({ ...mine, runs: [] }), /There is no run\. 0 runs, 0\.0 hours\.\n/);
  const left = [8, 9, 10].map((seed) => ({ arm: 'CE', seed }));
  const runs = [...left, ...left.map((run) => ({ ...run, arm: 'CE + MSL' })), { arm: 'within', seed: 2 }];
  assert.match(
    studySection({ ...listed, left: [...runs, { arm: 'between', seed: 2 }, { arm: 'centre_1', seed: 1 }] }),
    / 4 of 13 runs, [\d.]+ hours\. \*\*Not run yet\*\*: CE and CE \+ MSL with seeds 8, 9 and 10; within and between with seed 2; centre\\_1 with seed 1\.\n/,
  );
});

test('what is published is read from a folder; a study outside of the family explores', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'msl-published-'));
  try {
    assert.deepEqual(readPublication(path.join(folder, 'none')).published, []);
    for (const name of ['svhn', 'early-saturation']) {
      const place = path.join(folder, name, 'full');
      mkdirSync(place, { recursive: true });
      for (const file of extractFiles(published(name, 6, 0.01).records)) {
        writeFileSync(path.join(place, file.name), file.text);
      }
    }
    mkdirSync(path.join(folder, 'images'));
    writeFileSync(path.join(folder, 'images', 'svhn.csv'), '');
    mkdirSync(path.join(folder, 'tuning'));
    const search = readFileSync(tuningFile('gender'), 'utf8');
    for (const name of ['mine', 'gender'])
      writeFileSync(path.join(folder, 'tuning', `${name}.json`), search.replaceAll('"gender"', `"${name}"`));
    const read = readPublication(folder);
    const lists = read.published.map(({ images }) => images);
    assert.deepEqual(lists, [undefined, path.join(path.basename(folder), 'images', 'svhn.csv')]);
    assert.deepEqual(
      read.published.map(({ name, records, left }) => [name, records.family, left.length]),
      [
        ['early-saturation', undefined, 20 - 12],
        ['svhn', [null, null, null], 44 - 12],
      ],
    );
    assert.equal(
      notRun(read.published[0]!.left),
      ' **Not run yet**: CE and CE + MSL with seeds 7 to 10.',
      'the sample has six',
    );
    const [outside, svhn] = read.published.map(({ records }) => comparisons(records)[0]!.primary);
    assert.deepEqual([outside, svhn], [false, true]);
    assert.ok(read.missing.every(({ name }) => name !== 'svhn'));
    assert.deepEqual(
      read.searches.map(({ study }) => study),
      ['gender', 'mine'],
      'a search may be there before any run',
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a study that trains the networks of another again is no further evidence', () => {
  const original = published('cifar10-5k', 6, 0.01);
  const again = (error: (error: number) => number): PublishedStudy => ({
    ...published('early-saturation', 6, 0.01),
    records: {
      ...original.records,
      name: 'early-saturation',
      runs: original.records.runs.map((run) => ({
        ...run,
        spec: { ...(run.spec as object), probes: { every: 39 } },
        summary: { ...run.summary, test: { ...run.summary.test, error: error(run.summary.test.error) } },
      })),
    },
  });
  const [same, other] = [again((error) => error), again((error) => error + 0.0001)];
  assert.equal(repeated(same.records, [same.records, original.records]), 'cifar10-5k');
  assert.equal(repeated(other.records, [other.records, original.records]), undefined);
  assert.equal(repeated(original.records, [same.records, original.records]), undefined);
  assert.equal(repeated({ ...same.records, runs: [] }, [original.records]), undefined);

  const both = { ...publication(original), published: [{ ...same, repeats: 'cifar10-5k' }, original] };
  const shown = (of: Publication) => claims(of)[1]!.evidence.map(({ study }) => study);
  assert.deepEqual(shown(both), ['cifar10-5k']);
  // Alone it is what there is.
  assert.deepEqual(shown({ ...both, published: both.published.slice(0, 1) }), ['early-saturation']);
  assert.match(studySection(both.published[0]!), /are those of `cifar10-5k`, made again with probes/);
  const { data, layout, description } = differencesByStudy(both);
  assert.doesNotMatch(JSON.stringify(layout), /early-saturation/);
  assert.match(JSON.stringify(layout), /<b>Test error of CE \+ MSL against CE<\/b>/);
  assert.deepEqual((data[1] as { text: string[] }).text, ['cifar10-5k: CE + MSL − CE']);
  assert.match(
    description,
    /^Differences of test error of CE \+ MSL to CE for 1 study.*left of zero CE \+ MSL is better/,
  );
});

test('a row that is run again: what differs, and from which epoch on', () => {
  const [run] = published('svhn', 2, 0.01).records.runs;
  const later = { ...run!.summary, timing: { ...run!.summary.timing, seconds: 1 } };
  assert.deepEqual(runDifference(run!, { ...run!, summary: later }), {
    ...{ identical: true, testError: 0, testCrossEntropy: 0 },
    largest: { path: '', share: 0 },
  });
  const epochs = run!.epochs.map((epoch, i) => (i === 1 ? { ...epoch, learningRate: 0.2 } : epoch));
  const summary = { ...run!.summary, test: { ...run!.summary.test, crossEntropy: 2 } };
  const changed = runDifference(run!, { epochs, summary });
  assert.equal(changed.identical, false);
  assert.equal(changed.firstEpoch, 2);
  assert.equal(changed.testCrossEntropy, 0.5);
  assert.deepEqual(changed.largest, { path: 'test.crossEntropy', share: 0.25 });
  // What one of the two has alone is a difference, whichever has it.
  const more = run!.epochs.map((epoch, i) =>
    i === 1 ? withProbes(published('svhn', 2, 0.01).records).runs[0]!.epochs[1]! : epoch,
  );
  for (const [one, two] of [
    [run!.epochs, more],
    [more, run!.epochs],
    [run!.epochs.slice(0, 1), run!.epochs],
  ] as const) {
    const { identical, firstEpoch } = runDifference({ ...run!, epochs: one }, { ...run!, epochs: two });
    assert.deepEqual([identical, firstEpoch], [false, 2]);
  }
});

test('rows are drawn from all studies, none twice', () => {
  const studies = [published('svhn', 2, 0.01), published('gender', 1, 0.01)];
  const drawn = drawRows(studies, { rows: 10, stream: createStream(1, 'rows') });
  const names = drawn.map(({ study, run }) => `${study.name} ${run.arm} ${run.seed}`);
  assert.equal(new Set(names).size, 6);
  assert.equal(drawRows(studies, { rows: 2, stream: createStream(1, 'rows') }).length, 2);
});
