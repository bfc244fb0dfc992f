import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { UsageError } from '../../src/engine/index.ts';
import { defineStudy, loadStudy, parseStudy, type StudyInput } from '../../src/experiments/index.ts';

const names = (study: StudyInput) => defineStudy(study).arms.map((arm) => arm.name);

describe('variations', () => {
  const base = { batchSize: 128, loss: { msl: { weight: 0.1 } } };
  const ce = { name: 'ce', set: ['loss.msl=null'] };

  test('a grid is every combination, in each arm', () => {
    assert.deepEqual(
      names({
        name: 's',
        base,
        arms: [ce, { name: 'msl', grid: { 'loss.msl.weight': [0.1, 1], 'loss.msl.center': [true] } }],
        grid: { batchSize: [64, 256] },
      }),
      [
        'ce-batchSize-64',
        'msl-batchSize-64-weight-0.1-center-true',
        'msl-batchSize-64-weight-1-center-true',
        'ce-batchSize-256',
        'msl-batchSize-256-weight-0.1-center-true',
        'msl-batchSize-256-weight-1-center-true',
      ],
    );
  });

  test('values that differ in their sign alone have names of their own', () => {
    const grid = { 'loss.msl.margin': [-0.5, 0.5, 1e-7, [-1, 1]] };
    assert.deepEqual(names({ name: 's', base, arms: [{ name: 'msl', grid }] }), [
      'msl-margin-minus0.5',
      'msl-margin-0.5',
      'msl-margin-1e-7',
      'msl-margin-minus1-1',
    ]);
  });

  test('one at a time is the base and each value alone', () => {
    const { arms } = defineStudy({
      name: 's',
      base,
      arms: [
        ce,
        {
          name: 'msl',
          title: 'CE + MSL',
          oneAtATime: { 'loss.msl.weight': [1], 'loss.msl.taps': [['stage1']] },
        },
      ],
      oneAtATime: { batchSize: [64] },
    });
    assert.deepEqual(
      arms.map(({ name, title, baseline, of }) => [name, title, baseline, of]),
      [
        ['ce', 'ce', 'ce', 'ce'],
        ['msl', 'CE + MSL', 'ce', 'msl'],
        ['msl-weight-1', 'CE + MSL, weight 1', 'ce', 'msl'],
        ['msl-taps-stage1', 'CE + MSL, taps [stage1]', 'ce', 'msl'],
        ['ce-batchSize-64', 'ce, batchSize 64', 'ce-batchSize-64', 'ce'],
        ['msl-batchSize-64', 'CE + MSL, batchSize 64', 'ce-batchSize-64', 'msl'],
      ],
    );
  });

  test('a variation that an arm does not see makes no second arm of it', () => {
    const { arms } = defineStudy({
      name: 's',
      base,
      arms: [ce, { name: 'msl' }],
      grid: { 'loss.msl.margin': [0.5, 1] },
    });
    assert.deepEqual(
      arms.map(({ name, baseline }) => [name, baseline]),
      [
        ['ce-margin-0.5', 'ce-margin-0.5'],
        ['msl-margin-0.5', 'ce-margin-0.5'],
        ['msl-margin-1', 'ce-margin-0.5'],
      ],
    );
    assert.throws(
      () => names({ name: 's', base, arms: [ce], oneAtATime: { 'loss.msl.margin': [0.5] } }),
      /loss\.msl\.margin=0\.5 changes nothing in any arm/,
    );
  });
});

describe('a study that is written', () => {
  const refused = (study: unknown, ...messages: RegExp[]) => {
    assert.throws(
      () => parseStudy(study, 'mine.yaml'),
      (error) =>
        error instanceof UsageError &&
        error.message.startsWith('mine.yaml') &&
        messages.every((message) => message.test(error.message)),
    );
  };

  test('has its defaults filled in', () => {
    const study = parseStudy({ name: 'mine', seeds: [4, 5, 6], base: { epochs: 3 } }, 'mine.yaml');
    assert.equal(study.title, 'mine');
    assert.deepEqual(
      study.arms.map((arm) => arm.name),
      ['base'],
    );
    assert.deepEqual(study.profiles['full']?.seeds, [4, 5, 6]);
    assert.deepEqual(study.profiles['smoke']?.seeds, [4, 5]);
    assert.deepEqual(study.profiles['smoke'].set, ['split.train=1000', 'split.validation=500', 'epochs=2']);
  });

  test('has a smoke profile that asks for no more than the study does', () => {
    const base = { split: { train: 500, validation: 0 }, epochs: 1 };
    const { smoke } = parseStudy({ name: 'mine', seeds: [1], base }, 'mine.yaml').profiles;
    assert.deepEqual(smoke?.set, ['split.train=500', 'split.validation=0', 'epochs=1']);
    assert.match(smoke.title, /500 images, 1 epoch, one seed$/);
    const large = { split: { train: 5000, validation: 1000 }, epochs: 30 };
    const { smoke: check } = parseStudy({ name: 'mine', base: large }, 'mine.yaml').profiles;
    assert.deepEqual(check?.set, ['split.train=1000', 'split.validation=500', 'epochs=2']);
    assert.match(check.title, /1,000 images, 2 epochs, two seeds$/);
  });

  test('is refused with path, value and the nearest', () => {
    refused({ name: 'm', sedes: [1] }, /'sedes' \(did you mean 'seeds'\?\)/);
    refused({ name: 'm', seeds: [1, 1] }, /seeds: a seed is there twice \(it is \[1,1\]\)/);
    refused(
      { name: 'm', arms: [{ nam: 'a' }] },
      /arms\.0\.name: /,
      /'arms\.0\.nam' \(did you mean 'name'\?\)/,
    );
    refused({ name: 'm', arms: [{ name: 'a/b' }] }, /arms\.0\.name: .*\(it is "a\/b"\)/);
    refused({ name: 'm', arms: [{ name: 'a', set: ['epochs'] }] }, /arms\.0\.set.*PATH=VALUE.*"epochs"/);
    refused({ name: 'm', arms: [{ name: 'a' }, { name: 'a' }] }, /two arms 'a'/);
    refused(
      { name: 'm', arms: [{ name: 'a', title: 'CE' }, { name: 'b' }, { name: 'c', title: 'CE' }] },
      /the arms 'a' and 'c' have both the title 'CE'/,
    );
    refused(
      { name: 'm', arms: [{ name: 'a', title: 'b' }, { name: 'b' }] },
      /'a' and 'b' have both the title 'b'/,
    );
    refused({ name: 'm', grid: { epochs: [1] }, oneAtATime: { epochs: [1] } }, /both grid and oneAtATime/);
    refused(
      {
        name: 'm',
        arms: [
          { name: 'a' },
          { name: 'b', tunedAs: { arm: 'c' } },
          { name: 'd', tunedAs: { arm: 'a', except: { epochs: 'b' } }, space: { epochs: { values: [1] } } },
        ],
      },
      /the arm b is tuned as 'c', which is none of a$/m,
      /the arm d is tuned as 'b', which is none of a$/m,
      /the arm d has both tunedAs and space/,
    );
    refused({ name: 'm', tune: { seeds: [1, 1001] } }, /tune\.seeds: 1 are seeds of a profile/);
    refused(
      { name: 'm', tune: { profile: 'ful' } },
      /tune\.profile: 'ful' is none of full, smoke; did you mean "full"\?/,
    );
    refused({ name: 'm', tune: { space: { epochs: { from: 3, to: 1 } } } }, /tune\.space\.epochs.*less than/);
    refused('no study', /the study: /);
  });

  test('names what was meant as deep as it stands, as a specification does', () => {
    const search = (tune: object) => ({ name: 'm', tune });
    refused(
      { name: 'm', profiles: { quick: { seed: [1] } } },
      /'profiles\.quick\.seed' \(did you mean 'seeds'\?\)/,
    );
    refused(search({ trails: 3 }), /'tune\.trails' \(did you mean 'trials'\?\)/);
    refused(search({ search: 'radnom' }), /tune\.search: .*did you mean "random"\? \(it is "radnom"\)/);
    refused(
      search({ space: { epochs: { from: 1, to: 3, scael: 'log' } } }),
      /'tune\.space\.epochs\.scael' \(did you mean 'scale'\?\) is not known here; there are from, to, scale$/,
    );
    // Of two forms, the one that knows more of what is written.
    refused(
      search({ space: { epochs: { from: 1, too: 2 } } }),
      /^ {2}'tune\.space\.epochs\.too' \(.*'to'\?\) is/m,
    );
    refused(search({ space: { epochs: { vales: [1] } } }), /'tune\.space\.epochs\.vales' .*'values'/);
    refused({ name: 'm', grid: { epochs: [] } }, /grid\.epochs: /);
    refused({ name: 'm', arms: [{ name: 'a', set: { epochs: undefined } }] }, /arms\.0\.set\.epochs: /);
  });
});

describe('a study in a file', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'msl-study-'));
  after(() => {
    rmSync(folder, { recursive: true });
  });
  const write = (name: string, content: string): string => {
    const file = path.join(folder, name);
    writeFileSync(file, content);
    return file;
  };

  test('TypeScript, JSON and YAML make the same', async () => {
    const library = fileURLToPath(new URL('../../src/experiments/index.ts', import.meta.url));
    const module = write(
      'mine.mts',
      `import { defineStudy } from ${JSON.stringify(library)};
       export default defineStudy({ name: 'mine', base: { epochs: 3 }, arms: [{ name: 'a', set: { batchSize: 64 } }] });`,
    );
    const json = write(
      'mine.json',
      '{"name": "mine", "base": {"epochs": 3}, "arms": [{"name": "a", "set": ["batchSize=64"]}]}',
    );
    const yaml = write(
      'mine.yaml',
      'name: mine\nbase: { epochs: 3 }\narms:\n  - name: a\n    set: { batchSize: 64 }\n',
    );
    const study = await loadStudy(module);
    assert.deepEqual(study.arms[0].set, ['batchSize=64']);
    assert.deepEqual(await loadStudy(json), study);
    assert.deepEqual(await loadStudy(yaml), study);
  });

  test('a name is none of a file', async () => {
    assert.equal((await loadStudy('early-saturation')).name, 'early-saturation');
    await assert.rejects(loadStudy('early-saturatoin'), /Did you mean 'early-saturation'\?/);
    // `margins` is the folder of its runs.
    await assert.rejects(loadStudy('margins'), /no study 'margins'.* One of your own is named by its file: /);
    await assert.rejects(loadStudy(path.join(folder, 'none.yaml')), /none\.yaml' cannot be read/);
    await assert.rejects(loadStudy(write('wrong.yaml', 'nam: mine\n')), /wrong\.yaml is no valid study/);
  });
});
