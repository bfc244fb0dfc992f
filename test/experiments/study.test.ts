import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, test } from 'node:test';

import { UsageError, UserError } from '../../src/engine/index.ts';
import {
  chooseRuns,
  defineStudy,
  findStudy,
  profileOf,
  STUDIES,
  studyRuns,
} from '../../src/experiments/index.ts';

describe('studies', () => {
  test('a profile that is not there is refused, whatever it is called', () => {
    for (const name of ['quik', 'toString', 'constructor']) {
      assert.throws(() => profileOf(STUDIES[0]!, name), /There is no profile of /, name);
    }
    const tune = { profile: 'toString', space: { batchSize: { values: [32, 64] } } };
    assert.throws(
      () => defineStudy({ name: 'tiny', tune }),
      /tune.profile: 'toString' is none of full, smoke/,
    );
  });

  test('every profile of every study makes valid runs, paired by seed', () => {
    for (const study of STUDIES) {
      for (const profile of ['smoke', 'quick', 'full']) {
        const { seeds } = study.profiles[profile]!;
        const runs = studyRuns(study, profile, 'root');
        assert.equal(new Set(runs.map((run) => run.folder)).size, runs.length, 'a folder each');
        for (const [place, seed] of seeds.entries()) {
          const pair = runs.filter((run) => run.seed === seed);
          assert.deepEqual(
            pair.map((run) => run.arm.name),
            // Untuned, one that borrows tuned values is the same as the one it borrows from.
            study.arms
              .filter((arm) => place < (arm.seeds ?? Infinity) && arm.tunedAs === undefined)
              .map((arm) => arm.name),
          );
          // The arms of a seed differ in the loss alone, but for variations of the base.
          const [first, ...others] = pair
            .filter(({ arm }) => arm.before.length === 0)
            .map(({ specification }) => ({ ...specification, loss: null }));
          for (const other of others) assert.deepEqual(other, first);
          assert.ok(pair.every((run) => run.specification.seed === seed));
        }
      }
    }
  });

  test('settings change every run, and with it its folder', () => {
    const study = findStudy('early-saturation');
    const [before] = studyRuns(study, 'quick', 'root');
    const [after] = studyRuns(study, 'quick', 'root', ['epochs=3']);
    assert.equal(after!.specification.epochs, 3);
    assert.notEqual(after!.folder, before!.folder);
    assert.match(after!.folder, /^root.early-saturation.quick.ce.seed-1-[0-9a-f]{8}$/);
    assert.equal(path.dirname(after!.folder), path.dirname(before!.folder));
  });

  test('settings of a loss reach the arms that have it, and no other', () => {
    const study = findStudy('early-saturation');
    const [ce, msl] = studyRuns(study, 'quick', 'root', ['loss.msl.weight=0.3']);
    assert.equal(ce!.specification.loss.msl, null);
    assert.equal(msl!.specification.loss.msl?.weight, 0.3);
    assert.throws(() => studyRuns(study, 'quick', 'root', ['loss.msl=null']), /arms ce and msl are the same/);
  });

  test('some of the runs, by arm and seed', () => {
    const study = findStudy('early-saturation');
    const runs = studyRuns(study, 'quick', 'root');
    const names = (chosen: typeof runs) => chosen.map(({ arm, seed }) => `${arm.name} ${seed}`);
    assert.deepEqual(names(chooseRuns(study, runs, { arms: ['msl'], seeds: [3, 1] })), ['msl 1', 'msl 3']);
    assert.deepEqual(chooseRuns(study, runs, {}), runs);
    assert.throws(() => chooseRuns(study, runs, { arms: ['msll'] }), /Did you mean 'msl'\?/);
    assert.throws(() => chooseRuns(study, runs, { seeds: [7] }), /no run of the seed 7 .* are 1, 2, 3/);
  });

  test('what a search found is set in its arm, less than by hand and than a variation', () => {
    const study = defineStudy({
      name: 'tuned',
      base: { loss: { msl: { weight: 0.1 } } },
      arms: [
        { name: 'ce', set: ['loss.msl=null'] },
        { name: 'msl', oneAtATime: { 'loss.msl.margin': [0.5] } },
      ],
      seeds: [1],
    });
    const arms = {
      ce: { 'optimizer.learningRate': 0.03 },
      msl: { 'optimizer.learningRate': 0.07, 'loss.msl.margin': 1.2 },
    };
    const tuned = { ...study, tuned: { file: 'f', sha256: 's', arms } };
    const values = (settings: string[]) =>
      studyRuns(tuned, 'full', 'root', settings).map(({ specification: { optimizer, loss } }) => [
        optimizer.learningRate,
        loss.msl?.margin,
      ]);
    assert.deepEqual(values([]), [
      [0.03, undefined],
      [0.07, 1.2],
      [0.07, 0.5],
    ]);
    assert.deepEqual(values(['optimizer.learningRate=0.2']), [
      [0.2, undefined],
      [0.2, 1.2],
      [0.2, 0.5],
    ]);
    assert.deepEqual(values(['optimizer={"learningRate":0.2}'])[0], [0.2, undefined], 'also as a whole');
    const weighed = {
      ...study,
      tuned: { ...tuned.tuned, arms: { ce: {}, msl: { 'loss.msl.weight': 0.4 } } },
    };
    const [, msl] = studyRuns(weighed, 'full', 'root', ['loss.msl.weight.stage1=0.3']);
    assert.deepEqual(msl!.specification.loss.msl?.weight, { stage1: 0.3 }, 'and a part of it');
  });

  test('a change of all arms gives no arm a loss that it is without and another has', () => {
    const study = (ce: string[], variation: object = {}) =>
      defineStudy({
        ...{ name: 'switched', seeds: [1], profiles: { full: {}, wide: { set: ['loss.msl.margin=0.5'] } } },
        arms: [
          { name: 'ce', set: ce },
          { name: 'msl', set: ['loss.msl.weight=0.2'] },
        ],
        ...variation,
      });
    const isOurs = (error: unknown) =>
      error instanceof UsageError &&
      /loss\.msl\.margin .* would give loss\.msl to the arm ce/.test(error.message);
    const by: [string, string[], object?][] = [
      ['full', ['loss.msl.margin=0.5']],
      ['wide', []],
      ['full', [], { grid: { 'loss.msl.margin': [0.5, 0.8] } }],
      ['full', [], { oneAtATime: { 'loss.msl.margin': [0.5] } }],
    ];
    for (const [profile, settings, variation] of by) {
      assert.throws(() => studyRuns(study([], variation), profile, 'root', settings), isOurs);
      const runs = studyRuns(study(['loss.msl=null'], variation), profile, 'root', settings);
      assert.ok(runs.every(({ arm, specification: { loss } }) => (arm.of === 'ce') === (loss.msl === null)));
    }
    // What every arm has by default, and a study of which no arm has the loss.
    assert.equal(studyRuns(study([]), 'full', 'root', ['optimizer.momentum=0.8']).length, 2);
    const alone = defineStudy({ name: 'alone', seeds: [1], grid: { 'loss.msl.margin': [0.5, 0.8] } });
    assert.deepEqual(
      studyRuns(alone, 'full', 'root').map(({ specification }) => specification.loss.msl?.margin),
      [0.5, 0.8],
    );
  });

  test('an arm may have what a search found for another, with some values of a third', () => {
    const rate = 'optimizer.learningRate';
    const study = defineStudy({
      name: 'borrowed',
      base: { loss: { msl: { weight: 0.1 } }, optimizer: { learningRate: 0.05 } },
      arms: [
        // Before the arms that it borrows from: the order does not matter.
        { name: 'msl-ce-rate', tunedAs: { arm: 'msl', except: { [rate]: 'ce' } } },
        { name: 'ce', set: ['loss.msl=null'] },
        { name: 'msl' },
      ],
      seeds: [1],
    });
    const runsOf = (ce: object, msl: object, settings: string[] = []) =>
      studyRuns(
        { ...study, tuned: { file: 'f', sha256: 's', arms: { ce: { ...ce }, msl: { ...msl } } } },
        'full',
        'root',
        settings,
      ).map(({ arm, specification: { optimizer, loss } }) => [
        arm.name,
        optimizer.learningRate,
        loss.msl?.margin,
      ]);
    const tuned = { [rate]: 0.07, 'loss.msl.margin': 1.2 };
    assert.deepEqual(runsOf({ [rate]: 0.03 }, tuned), [
      ['msl-ce-rate', 0.03, 1.2],
      ['ce', 0.03, undefined],
      ['msl', 0.07, 1.2],
    ]);
    // The search left the other's value as it is written.
    assert.deepEqual(runsOf({}, tuned)[0], ['msl-ce-rate', 0.05, 1.2]);
    const alike = [
      ['ce', 0.07, undefined],
      ['msl', 0.07, 1.2],
    ];
    assert.deepEqual(runsOf({ [rate]: 0.07 }, tuned), alike, 'no second arm of the same specification');
    assert.deepEqual(
      runsOf({ [rate]: 0.03 }, tuned, [`${rate}=0.07`]),
      alike,
      'nor where the rate is set by hand',
    );
    assert.throws(
      () => chooseRuns(study, studyRuns(study, 'full', 'root'), { arms: ['msl-ce-rate'] }),
      /has no run of the arm msl-ce-rate: .* the same as one of them/,
    );
  });

  test('unknown names are refused with the nearest', () => {
    const study = findStudy('early-saturation');
    assert.throws(() => studyRuns(study, 'smok', 'root'), /Did you mean 'smoke'\?/);
    assert.throws(
      () => findStudy('late-saturation'),
      (error) => error instanceof UserError && error.message.includes("Did you mean 'early-saturation'?"),
    );
    assert.throws(() => studyRuns(study, 'smoke', 'root', ['epochs=0']), /profile smoke, arm ce is no valid/);
  });
});
