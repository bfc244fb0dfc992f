import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, test } from 'node:test';

import { UserError } from '../../src/engine/index.ts';
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
