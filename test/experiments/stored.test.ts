import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import sharp from 'sharp';

import { tf } from '../../src/engine/tf.ts';
import { UsageError, UserError } from '../../src/engine/index.ts';
import {
  compareRuns,
  evaluateRun,
  findClutter,
  findRun,
  listRuns,
  evaluateImages,
  predictImages,
  readTrainedRun,
  removeClutter,
  RunFolder,
} from '../../src/experiments/index.ts';
import { claimFolder } from '../../src/experiments/claim.ts';
import { measure } from '../../src/experiments/apply/evaluateRun.ts';
import { differences } from '../../src/experiments/stored/compare.ts';
import { engineUnderTest } from '../support/engine.ts';
import { noiseImages, trainTinyRun } from '../support/trainedRun.ts';

describe('runs on disk', () => {
  let root: string;
  let runs: string;
  let run: string;
  before(async () => {
    await engineUnderTest();
    root = mkdtempSync(path.join(os.tmpdir(), 'msl-stored-'));
    runs = path.join(root, 'runs');
    run = await trainTinyRun(root, 'study/quick/ce/seed-1-0123abcd', 'epochs=6');
  });
  after(() => {
    rmSync(root, { recursive: true });
  });

  /** Another run, of which only a part is there. */
  const copy = (name: string, ...without: string[]): string => {
    const folder = path.join(runs, name);
    cpSync(run, folder, { recursive: true });
    for (const file of without) rmSync(path.join(folder, file), { recursive: true });
    return folder;
  };

  test('are listed with their state, and found by folder, end of it, or hash', (t) => {
    const stopped = copy('study/quick/msl/seed-1-4567cdef', 'summary.json');
    const begun = copy('other/seed-2-89abcdef', 'summary.json', 'metrics.jsonl', 'checkpoint');
    const busy = copy('other/seed-3-0123ffff', 'summary.json');
    const claim = claimFolder(busy);
    const broken = copy('other/seed-4-00000000');
    writeFileSync(path.join(broken, 'spec.json'), '{');
    const trial = copy('search/trial-1/seed-9-22222222', 'summary.json', 'metrics.jsonl');
    new RunFolder(trial).writeValidation({
      schemaVersion: 1,
      ...{
        status: 'finished',
        epoch: 4,
        validation: { accuracy: 0.75, crossEntropy: 1 },
        timing: { seconds: 1 },
      },
    });
    t.after(() => {
      claim.release(true);
      for (const folder of [stopped, begun, busy, broken, trial]) rmSync(folder, { recursive: true });
    });
    // Of a run that has ended, that of the epoch which its results are of: here the last of six.
    const { accuracy } = new RunFolder(run).epochs()[5]!.validation!;
    assert.deepEqual(
      listRuns(runs).map(({ id, state, epochs, validationAccuracy }) => [
        id,
        state,
        epochs,
        validationAccuracy,
      ]),
      [
        ['other/seed-2-89abcdef', 'unfinished', 0, undefined],
        ['other/seed-3-0123ffff', 'running', 6, undefined],
        ['other/seed-4-00000000', 'unreadable', 0, undefined],
        ['search/trial-1/seed-9-22222222', 'finished', 0, 0.75],
        ['study/quick/ce/seed-1-0123abcd', 'finished', 6, accuracy],
        ['study/quick/msl/seed-1-4567cdef', 'unfinished', 6, undefined],
      ],
    );
    assert.deepEqual(listRuns(path.join(root, 'nowhere')), []);
    for (const name of ['0123a', '0123abcd', 'ce/seed-1-0123abcd', 'seed-1-0123', run]) {
      assert.equal(findRun(name, runs), run, name);
    }
    for (const [name, said] of [
      ['0123', /names 2 runs; write more of it:\n {2}other\/seed-3-0123ffff\n {2}study/],
      ['seed-1-', /names 2 runs/],
      ['0132abcd', /There is no run '0132abcd'.*Did you mean '0123abcd'\?/],
      ['', /no run/],
    ] as const) {
      assert.throws(
        () => findRun(name, runs),
        (error) => error instanceof UsageError && said.test(error.message),
        name,
      );
    }
  });

  test('what is of no use is found, and nothing else', (t) => {
    const stopped = copy('study/quick/msl/seed-1-4567cdef', 'summary.json');
    const begun = copy('other/seed-2-89abcdef', 'summary.json', 'metrics.jsonl', 'checkpoint');
    const busy = copy('other/seed-3-0123ffff', 'summary.json', 'metrics.jsonl');
    const claim = claimFolder(busy);
    // Trials of a search that diverged in their first epoch.
    const trials = [1, 2].map((n) =>
      copy(`search/trial-${n}/seed-9-22222222`, 'summary.json', 'metrics.jsonl'),
    );
    for (const trial of trials) {
      new RunFolder(trial).writeValidation({ schemaVersion: 1, status: 'diverged', timing: { seconds: 1 } });
    }
    const dead = path.join(run, 'checkpoint', 'epoch-9.safetensors.999999999.partial');
    writeFileSync(dead, 'abc');
    utimesSync(dead, 0, 0);
    // Perhaps of another machine, which writes it at this moment.
    const fresh = path.join(run, 'checkpoint', 'epoch-9.json.999999999.partial');
    writeFileSync(fresh, 'abc');
    const inBusy = path.join(busy, 'checkpoint', 'epoch-9.json.999999999.partial');
    mkdirSync(path.dirname(inBusy), { recursive: true });
    writeFileSync(inBusy, 'abc');
    utimesSync(inBusy, 0, 0);
    writeFileSync(path.join(run, `spec.json.${process.pid}.partial`), 'at work');
    mkdirSync(path.join(run, 'features'));
    writeFileSync(path.join(run, 'features', 'a'), '12345');
    t.after(() => {
      claim.release(true);
      for (const folder of [stopped, busy, ...trials]) rmSync(folder, { recursive: true });
      rmSync(path.join(run, `spec.json.${process.pid}.partial`));
      rmSync(fresh);
      rmSync(dead, { force: true });
    });
    const clutter = findClutter(runs);
    const found = clutter.map(({ path: place, kind, bytes }) => [place, kind, bytes] as const);
    assert.deepEqual(
      found.filter(([, kind]) => kind !== 'run without an epoch'),
      [
        [dead, 'partial file', 3],
        [path.join(run, 'features'), 'cache', 5],
      ],
    );
    assert.deepEqual(
      found.filter(([, kind]) => kind === 'run without an epoch').map(([place]) => place),
      [begun],
    );
    const more = findClutter(runs, { unfinished: true }).filter(({ kind }) => kind === 'unfinished run');
    assert.deepEqual(
      more.map(({ path: place }) => place),
      [stopped],
    );
    assert.ok(more[0]!.bytes > 1000);
    assert.deepEqual(findClutter(path.join(root, 'nowhere')), []);

    // Another machine goes on with it.
    utimesSync(dead, new Date(), new Date());
    assert.deepEqual(removeClutter(clutter.filter(({ kind }) => kind === 'partial file')).removed, []);
    utimesSync(dead, 0, 0);
    const takenUp = claimFolder(begun);
    const removed = removeClutter(clutter).removed.map(({ kind }) => kind);
    takenUp.release(true);
    assert.deepEqual(removed, ['partial file', 'cache'], 'a run that was taken up meanwhile stays');
    assert.ok(existsSync(begun) && !existsSync(dead));
    assert.equal(removeClutter(findClutter(runs)).removed.length, 1);
    assert.ok(!existsSync(begun));

    const among = copy('other/seed-5-11111111', 'summary.json', 'metrics.jsonl');
    writeFileSync(path.join(among, 'thesis.tex'), '');
    assert.equal(removeClutter(findClutter(among)).removed.length, 1);
    assert.deepEqual(readdirSync(among), ['thesis.tex'], 'files of others stay');
    writeFileSync(path.join(among, 'spec.json'), readFileSync(path.join(run, 'spec.json')));
    assert.deepEqual(findClutter(among), [], 'a specification alone is no run');
    rmSync(among, { recursive: true });
  });

  test('what the system refuses to remove is named, and stops nothing else', (t) => {
    const closed = copy('other/seed-6-33333333', 'summary.json', 'metrics.jsonl');
    const open = copy('other/seed-7-44444444', 'summary.json', 'metrics.jsonl');
    // Root may remove anything: files are removed as another user, who owns one of the runs.
    const isRoot = process.geteuid?.() === 0;
    chmodSync(root, 0o755);
    for (const file of isRoot ? [open, ...readdirSync(open, { recursive: true, encoding: 'utf8' })] : []) {
      chownSync(path.resolve(open, file), 65534, 65534);
    }
    if (isRoot) chownSync(path.dirname(open), 65534, 65534);
    chmodSync(closed, 0o555);
    t.after(() => {
      if (isRoot) process.seteuid?.(0);
      chmodSync(closed, 0o755);
      for (const folder of [closed, open]) rmSync(folder, { recursive: true, force: true });
    });
    const found = [closed, open].flatMap((folder) => findClutter(folder));
    if (isRoot) process.seteuid?.(65534);
    const { removed, refused } = removeClutter(found);
    assert.deepEqual(
      [removed, refused.map(({ clutter, error }) => [clutter, error.code])],
      [[found[1]], [[found[0], 'EACCES']]],
    );
    assert.ok(!existsSync(open) && existsSync(path.join(closed, 'spec.json')));
  });

  test('two of them are compared', async () => {
    const other = await trainTinyRun(root, 'other', 'seed=2', 'loss.msl.weight=0.3', 'epochs=1');
    const comparison = compareRuns(run, other);
    assert.deepEqual(comparison.specification, [
      { path: 'loss.msl.weight', a: 0.1, b: 0.3 },
      { path: 'epochs', a: 6, b: 1 },
      { path: 'seed', a: 1, b: 2 },
    ]);
    assert.deepEqual(comparison.environment, []);
    assert.deepEqual(
      comparison.results.find(({ name }) => name === 'epoch evaluated'),
      { name: 'epoch evaluated', a: 6, b: 1 },
    );
    assert.equal(comparison.same, false);
    assert.equal(compareRuns(run, run).same, true);
    // What is left of the summary says the same: one ended otherwise, the other has a tap less.
    const summary = new RunFolder(run).summary()!;
    const taps = { stage1: summary.taps['stage1'] };
    for (const [name, change] of Object.entries({
      'other/ended': { status: 'diverged' },
      'other/less': { taps },
    })) {
      const changed = copy(name);
      writeFileSync(path.join(changed, 'summary.json'), JSON.stringify({ ...summary, ...change }));
      assert.deepEqual(
        [compareRuns(run, changed).same, compareRuns(changed, run).same],
        [false, false],
        name,
      );
      rmSync(changed, { recursive: true });
    }
    assert.deepEqual(differences({ a: [1], b: 1 }, { a: [2], c: { d: 3 } }), [
      { path: 'a', a: [1], b: [2] },
      { path: 'b', a: 1, b: undefined },
      { path: 'c', a: undefined, b: { d: 3 } },
    ]);
    rmSync(other, { recursive: true });
  });

  test('an evaluation says what the summary says, of every part', async () => {
    const tensors = tf.memory().numTensors;
    const dataFolder = path.join(root, 'data');
    const summary = new RunFolder(run).summary()!;
    const again = await evaluateRun({ run, dataFolder });
    assert.equal(again.error, summary.test.error);
    assert.equal(again.crossEntropy, summary.test.crossEntropy);
    assert.deepEqual([again.n, again.testImagesAgain, again.epoch], [60, true, 6]);
    assert.equal(again.confusion.flat().reduce((a, b) => a + b, 0), 60); // prettier-ignore
    const train = await evaluateRun({ run, part: 'train', dataFolder });
    assert.deepEqual([train.n, 1 - train.error], [120, summary.train.accuracy]);
    const validation = await evaluateRun({ run, part: 'validation', dataFolder });
    assert.equal(1 - validation.error, new RunFolder(run).epochs().at(-1)!.validation!.accuracy);
    for (const [options, said] of [
      [{ part: 'tets' }, /no part 'tets'.*Did you mean 'test'/],
      [{ data: 'cifar11' }, /no data set 'cifar11'.*Did you mean 'cifar10'/],
      [{ data: 'mnist' }, /mnist/],
    ] as const) {
      await assert.rejects(
        evaluateRun({ run, dataFolder, ...options }),
        (error) => error instanceof UserError && said.test(error.message),
      );
    }
    assert.equal(tf.memory().numTensors, tensors, 'no tensor is left');
  });

  test('measures of an evaluation, by hand', () => {
    // Classes a, a, b, b, b taken for a, b, b, b, a; nothing is a c.
    const taken = [0, 1, 1, 1, 0];
    const logits = Float32Array.from(taken.flatMap((c) => [0, 1, 2].map((k) => (k === c ? 5 : 0))));
    const result = measure(logits, Uint8Array.from([0, 0, 1, 1, 1]), ['a', 'b', 'c']);
    assert.deepEqual(result.confusion, [
      [1, 1, 0],
      [1, 2, 0],
      [0, 0, 0],
    ]);
    assert.ok(Math.abs(result.error - 0.4) < 1e-12);
    assert.deepEqual(
      result.classes.map(({ recall, precision }) => [recall, precision]),
      [
        [1 / 2, 1 / 2],
        [2 / 3, 2 / 3],
        [null, null],
      ],
    );
    // Each with confidence p, in the last of fifteen bins, and three of five right.
    const p = Math.exp(5) / (Math.exp(5) + 2);
    const q = (1 - p) / 2;
    const { bins, ...calibration } = result.calibration;
    const wanted = {
      ...{ expectedError: p - 0.6, maximumError: p - 0.6, overconfidence: p - 0.6 },
      expectedErrorEqualMass: p - 0.6,
      brierScore: (3 * ((1 - p) ** 2 + 2 * q ** 2) + 2 * (p ** 2 + (1 - q) ** 2 + q ** 2)) / 5,
    };
    assert.deepEqual(Object.keys(calibration).sort(), Object.keys(wanted).sort());
    for (const [name, value] of Object.entries(wanted)) {
      assert.ok(Math.abs(calibration[name as keyof typeof wanted] - value) < 1e-12, name);
    }
    assert.deepEqual(
      bins.map(({ above, upTo, n }) => [above, upTo, n]),
      [[14 / 15, 1, 5]],
    );
    // statsmodels.stats.proportion.proportion_confint(2, 5, method='wilson')
    assert.ok(Math.abs(result.interval[0] - 0.1176207) < 1e-6, String(result.interval[0]));
    assert.ok(Math.abs(result.interval[1] - 0.7692757) < 1e-6, String(result.interval[1]));
  });

  test('images in files are taken for what they show', async () => {
    const dataFolder = path.join(root, 'data');
    const set = noiseImages(2);
    const pixels = set.images as Uint8Array;
    const files = [0, 1].map((i) => path.join(root, `${i}.png`));
    for (const [i, file] of files.entries()) {
      const raw = { width: 32, height: 32, channels: 3 } as const;
      await sharp(pixels.slice(i * 3072, (i + 1) * 3072), { raw })
        .png()
        .toFile(file);
    }
    const tensors = tf.memory().numTensors;
    const predictions = await predictImages({ run, images: files, top: 10, dataFolder });
    assert.equal(tf.memory().numTensors, tensors, 'no tensor is left');
    // What the evaluation says of the same pixels.
    const trained = await readTrainedRun(run, { dataFolder });
    const { probabilities: expected } = await evaluateImages(trained, set);
    tf.dispose([trained.parameters, trained.statistics]);
    predictions.forEach(({ classes }, i) => {
      for (const { name, probability } of classes) {
        assert.equal(probability, expected![i * 10 + trained.data.classes.indexOf(name)]);
      }
    });
    for (const { classes } of predictions) {
      const probabilities = classes.map(({ probability }) => probability);
      assert.deepEqual(
        probabilities,
        [...probabilities].sort((a, b) => b - a),
      );
      assert.ok(Math.abs(probabilities.reduce((a, b) => a + b, 0) - 1) < 1e-5);
    }
    const text = path.join(root, 'text.png');
    writeFileSync(text, 'no image');
    for (const [file, said] of [
      [text, /'.*text\.png' cannot be used: expected a whole JPEG, PNG or WebP/],
      [root, /cannot be read: it is a folder, where a file should be\.$/],
      [path.join(root, 'none.png'), /'.*none\.png' cannot be read: there is no such file\.$/],
    ] as const) {
      await assert.rejects(
        predictImages({ run, images: [file], dataFolder }),
        (error) => error instanceof UsageError && said.test(error.message),
      );
    }
    assert.ok(existsSync(run) && readFileSync(path.join(run, 'spec.json')).length > 0);
  });
});
