import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, test } from 'node:test';

import { UserError } from '../../src/engine/index.ts';
import { findStudy, STUDIES, studyRuns } from '../../src/experiments/index.ts';

describe('studies', () => {
  test('every profile of every study makes valid runs, paired by seed', () => {
    for (const study of STUDIES) {
      for (const [profile, { seeds }] of Object.entries(study.profiles)) {
        const runs = studyRuns(study, profile, 'root');
        assert.equal(runs.length, seeds.length * study.arms.length);
        assert.equal(new Set(runs.map((run) => run.folder)).size, runs.length, 'a folder each');
        for (const [i, seed] of seeds.entries()) {
          const pair = runs.slice(i * study.arms.length, (i + 1) * study.arms.length);
          assert.deepEqual(
            pair.map((run) => run.arm.name),
            study.arms.map((arm) => arm.name),
          );
          // The arms of a seed differ in the loss alone.
          const [first, ...others] = pair.map(({ specification }) => ({ ...specification, loss: null }));
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
