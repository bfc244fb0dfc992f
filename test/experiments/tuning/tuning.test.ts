import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { UsageError } from '../../../src/engine/index.ts';
import {
  defineStudy,
  readTuned,
  refuseStale,
  SCHEMA_VERSION,
  studyRuns,
  trialsOf,
  tuneStudy,
  tuningFile,
  type StudyTuning,
} from '../../../src/experiments/index.ts';
import { writeTinyCifar } from '../../support/tinyCifar.ts';

describe('a search for hyper-parameters', () => {
  const root = mkdtempSync(path.join(os.tmpdir(), 'msl-tuning-'));
  const dataFolder = path.join(root, 'data');
  const results = path.join(root, 'results');
  before(() => {
    writeTinyCifar(dataFolder);
  });
  after(() => {
    rmSync(root, { recursive: true });
  });
  const study = defineStudy({
    name: 'tiny',
    base: {
      split: { train: 120, validation: 40 },
      network: { widths: [4, 8], convolutions: 1 },
      loss: { msl: {} },
      batchSize: 20,
      epochs: 2,
    },
    arms: [
      { name: 'ce', set: ['loss.msl=null'] },
      {
        name: 'msl',
        space: {
          'loss.msl.margin': { values: [0.5, 1] },
          'loss.msl.weight': { from: 0.01, to: 1, scale: 'log' },
        },
        oneAtATime: { 'loss.msl.center': [true] },
      },
      { name: 'borrowed', tunedAs: { arm: 'msl', except: { 'optimizer.learningRate': 'ce' } } },
    ],
    seeds: [1],
    tune: {
      trials: 2,
      seeds: [7, 8],
      space: { 'optimizer.learningRate': { from: 0.01, to: 0.2, scale: 'log' } },
    },
  });

  test('has the same budget for each arm, within its space, the same every time', () => {
    const trials = trialsOf(study, root, { trials: 20 });
    for (const arm of ['ce', 'msl']) {
      const own = trials.filter((trial) => trial.arm === arm);
      assert.equal(own.length, 20);
      assert.deepEqual(own[0]!.values, {});
      for (const { values, runs } of own.slice(1)) {
        const rate = Number(values['optimizer.learningRate']);
        assert.ok(rate >= 0.01 && rate <= 0.2);
        assert.deepEqual(
          runs.map(({ seed, specification }) => [
            seed,
            specification.seed,
            specification.optimizer.learningRate,
          ]),
          [
            [7, 7, rate],
            [8, 8, rate],
          ],
        );
        assert.equal('loss.msl.margin' in values, arm === 'msl');
      }
    }
    assert.deepEqual(trialsOf(study, root, { trials: 20 }), trials);
    // Each of 19 equal parts of the logarithmic scale is drawn once, in no order; to three digits a value may leave its part.
    const rates = (of: string) =>
      trials
        .filter(({ arm }) => arm === of)
        .slice(1)
        .map(({ values }) => Number(values['optimizer.learningRate']));
    const places = rates('ce').map((rate) => (19 * Math.log(rate / 0.01)) / Math.log(20));
    assert.notDeepEqual(
      places,
      [...places].sort((a, b) => a - b),
    );
    places
      .sort((a, b) => a - b)
      .forEach((place, part) => {
        assert.ok(place > part - 0.1 && place < part + 1.1, `${place} in part ${part}`);
      });
    assert.deepEqual(rates('msl'), rates('ce'));
    // As many of each value of a list.
    const margins = trials
      .filter(({ arm, number }) => arm === 'msl' && number > 1)
      .map(({ values }) => values['loss.msl.margin']);
    assert.ok([9, 10].includes(margins.filter((margin) => margin === 0.5).length));
    assert.throws(
      () => trialsOf(study, root, { search: 'grid' }),
      /a grid needs lists, and optimizer\.learningRate/,
    );
  });

  test('a grid is every combination, in random order, as far as the budget goes', () => {
    const grid = defineStudy({
      name: 'grid',
      tune: {
        search: 'grid',
        trials: 4,
        space: { batchSize: { values: [32, 64] }, epochs: { values: [1, 2] } },
      },
    });
    const combinations = trialsOf(grid, root).map(({ values }) => JSON.stringify(values));
    assert.equal(new Set(combinations).size, 4);
    assert.equal(combinations[0], '{}');
    assert.equal(trialsOf(grid, root, { trials: 9 }).length, 5);
    assert.throws(() => trialsOf(defineStudy({ name: 'none' }), root), /none says nothing of tuning/);
  });

  test('gives no arm a loss that it is without', () => {
    const trials = (msl: { margin: number } | null, space: StudyTuning['space'] = {}) =>
      trialsOf(
        defineStudy({
          name: 'switched',
          base: { loss: { msl: {} } },
          arms: [{ name: 'ce', set: { 'loss.msl': msl }, space }, { name: 'msl' }],
          tune: { trials: 2, space: { 'loss.msl.weight': { from: 0.1, to: 1 } } },
        }),
        root,
      );
    const isOurs = (error: unknown) =>
      error instanceof UsageError &&
      error.message.includes('loss.msl.weight in every arm, but the arm ce has no loss.msl');
    assert.throws(() => trials(null), isOurs);
    // Where an arm says so itself, it is meant.
    assert.equal(trials(null, { 'loss.msl.weight': { values: [0.2] } })[2]!.values['loss.msl.weight'], 0.2);
    assert.equal(trials({ margin: 0.5 }).length, 4);
  });

  test('sets no arm a loss that it is without and another has, as a study’s runs do not', () => {
    const trials = ({ ce = [], tuneSet = [], profile = [] }: Record<string, string[]>) =>
      trialsOf(
        defineStudy({
          name: 'switched',
          arms: [
            { name: 'ce', set: ce },
            { name: 'msl', set: ['loss.msl.weight=0.2'] },
          ],
          profiles: { full: { set: profile } },
          tune: { trials: 1, set: tuneSet, space: { 'optimizer.learningRate': { from: 0.1, to: 1 } } },
        }),
        root,
      ).map(({ arm, runs }) => [arm, runs[0]!.specification.loss.msl?.margin]);
    for (const changes of [{ tuneSet: ['loss.msl.margin=0.5'] }, { profile: ['loss.msl.margin=0.5'] }]) {
      assert.throws(() => trials(changes), {
        name: 'UserError',
        message:
          /^switched: loss\.msl\.margin is set in every arm, and would give loss\.msl to the arm ce, .* as it is in msl\./,
      });
      const expected = [
        ['ce', undefined],
        ['msl', 0.5],
      ];
      assert.deepEqual(trials({ ...changes, ce: ['loss.msl=null'] }), expected);
    }
    // What every arm has by itself may be set.
    assert.equal(trials({ tuneSet: ['epochs=1'] }).length, 2);
  });

  test('needs validation images', () => {
    const none = { ...study, tune: { ...study.tune!, set: ['split.validation=0'] } };
    assert.throws(
      () => trialsOf(none, root),
      /tiny, search, arm ce, trial 1: .* split\.validation is 0\. Set/,
    );
  });

  test('is not recorded where every trial of an arm diverged, and such a record of before is refused', async () => {
    const wild = defineStudy({
      name: 'wild',
      base: { ...study.base, loss: { msl: null } },
      arms: [
        {
          name: 'calm',
          set: ['optimizer.learningRate=0.01'],
          space: { 'optimizer.momentum': { values: [0] } },
        },
        // The weights themselves overflow.
        {
          name: 'wild',
          set: ['optimizer.learningRate=1e38'],
          space: { 'optimizer.momentum': { values: [0] } },
        },
      ],
      seeds: [1],
      tune: { trials: 2, seeds: [7], set: ['epochs=1'] },
    });
    const reached: (number | null)[] = [];
    await assert.rejects(
      tuneStudy({
        ...{ study: wild, root, results, dataFolder },
        onTrial: (_, { accuracy }) => reached.push(accuracy),
      }),
      {
        name: 'UserError',
        message:
          /^wild: every trial of the arm wild diverged, so that there are no best values, .* is not recorded\./,
      },
    );
    assert.deepEqual(
      reached.map((accuracy) => accuracy === null),
      [false, true, false, true],
    );
    assert.equal(readTuned('wild', results), undefined);

    // As releases before recorded it.
    const runs = [{ seed: 7, hash: 'h', accuracy: null, crossEntropy: null }];
    const trial = { trial: 1, values: {}, accuracy: null, crossEntropy: null, runs };
    const found = { hash: 'h', best: { trial: 1, values: {} }, trials: [trial] };
    const sound = { ...found, trials: [{ ...trial, accuracy: 0.5, crossEntropy: 1 }] };
    const record = { schemaVersion: SCHEMA_VERSION, study: 'wild', arms: { calm: sound, wild: found } };
    mkdirSync(path.dirname(tuningFile('wild', results)), { recursive: true });
    writeFileSync(tuningFile('wild', results), JSON.stringify(record));
    const tuned = readTuned('wild', results)!;
    assert.throws(() => {
      refuseStale({ ...wild, tuned });
    }, /wild\.json: every trial of wild diverged, .* `npx msl study tune wild`/);
    // A study that takes the values of another, too.
    assert.throws(() => {
      refuseStale({ ...defineStudy({ name: 'other', tuning: 'wild' }), tuned });
    }, /every trial of wild diverged/);
  });

  test('says before any trial that its record cannot be written', async () => {
    const file = path.join(root, 'in-the-way');
    writeFileSync(file, '');
    const onTrial = () => assert.fail('a trial was made');
    await assert.rejects(
      tuneStudy({ study, root, results: path.join(file, 'results'), dataFolder, onTrial }),
      ({ code, path: place }: NodeJS.ErrnoException) =>
        ['ENOTDIR', 'EEXIST'].includes(String(code)) && place!.startsWith(file),
    );
    rmSync(file);
  });

  test('is recorded whole, looks at no test image, goes on, and its best values are the study’s', async () => {
    const ended: string[] = [];
    const controller = new AbortController();
    await assert.rejects(
      tuneStudy({
        ...{ study, root, results, dataFolder, signal: controller.signal },
        onTrial: ({ arm, number }) => {
          ended.push(`${arm} ${number}`);
          controller.abort(new Error('enough'));
        },
      }),
      /enough/,
    );
    assert.deepEqual(ended, ['ce 1']);
    assert.equal(readTuned('tiny', results), undefined);

    const again: string[] = [];
    const { file, record } = await tuneStudy({
      ...{ study, root, results, dataFolder },
      onTrial: ({ arm, number }) => again.push(`${arm} ${number}`),
    });
    assert.deepEqual(again, ['ce 1', 'msl 1', 'ce 2', 'msl 2'], 'each once, also what was complete');
    assert.deepEqual(Object.keys(record.arms), ['ce', 'msl']);
    for (const { best, trials } of Object.values(record.arms)) {
      assert.equal(trials.length, 2);
      const accuracies = trials.map(({ accuracy }) => accuracy!);
      assert.equal(trials[best.trial - 1]!.accuracy, Math.max(...accuracies));
      for (const { runs, accuracy } of trials) {
        assert.equal(accuracy, runs[0]!.accuracy! / 2 + runs[1]!.accuracy! / 2);
      }
    }
    for (const { runs } of trialsOf(study, root)) {
      for (const { folder } of runs) assert.ok(!existsSync(path.join(folder, 'summary.json')));
    }
    assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), record);
    const tuned = readTuned('tiny', results)!;
    assert.equal(tuned.file, 'results/tuning/tiny.json');
    refuseStale({ ...study, tuned });
    const changed = { ...study, base: { ...study.base, batchSize: 30 }, tuned };
    assert.throws(() => {
      refuseStale(changed);
    }, /tiny\.json was made when the arm ce of tiny was another/);
    const arms = { ce: tuned.arms['ce']! };
    assert.throws(() => {
      refuseStale({ ...study, tuned: { ...tuned, arms } });
    }, /tiny\.json has no values of the arm msl, which tiny searches/);
    const runs = studyRuns({ ...study, tuned }, 'full', root).filter(({ arm }) => arm.name !== 'borrowed');
    const rate = record.arms['msl']!.best.values['optimizer.learningRate'] ?? 0.1;
    assert.deepEqual(
      runs.map(({ arm, specification }) => [arm.name, specification.optimizer.learningRate]),
      [
        ['ce', record.arms['ce']!.best.values['optimizer.learningRate'] ?? 0.1],
        ['msl', rate],
        ['msl-center-true', rate],
      ],
    );
  });
});
