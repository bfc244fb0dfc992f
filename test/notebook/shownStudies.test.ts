import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { PREDICTIONS } from '../../src/analysis/index.ts';
import { datasetIfThere, shownStudies } from '../../src/notebook/index.ts';
import { extractFiles } from '../../src/report/index.ts';
import { sampleStudy } from '../report/sample.ts';

test('what is published is shown; what is not is named, with the command that makes it', async () => {
  const root = mkdtempSync(path.join(os.tmpdir(), 'msl-shown-'));
  const before = process.env['MSL_DATA'];
  // No data set is there.
  process.env['MSL_DATA'] = path.join(root, 'data');
  const options = { profile: 'quick', results: root, runs: path.join(root, 'runs') };
  try {
    assert.equal(await datasetIfThere('svhn'), undefined);
    assert.equal(await datasetIfThere('gender'), undefined);
    const nothing = await shownStudies(['gender'], options);
    assert.deepEqual(nothing.shown, []);
    assert.match(
      nothing.notes.join(),
      /gender.* cannot be run: .*\(`npx msl data import gender FOLDER --size 32`\).*Not published yet: gender\./,
    );

    const folder = path.join(root, 'svhn', 'full');
    mkdirSync(folder, { recursive: true });
    const study = sampleStudy({ ce: [{ error: 0.35 }], msl: [{ error: 0.3 }] });
    for (const { name, text } of extractFiles(study)) writeFileSync(path.join(folder, name), text);
    const predictions = { schemaVersion: 1, dataset: 'svhn', classes: [], arms: {} };
    writeFileSync(path.join(folder, PREDICTIONS), JSON.stringify(predictions));
    const { shown, notes } = await shownStudies(['cifar10-5k', 'svhn', 'cifar100'], options);
    assert.deepEqual(
      shown.map((one) => [one.study.runs.length, one.source, one.published, one.predictions, one.search]),
      [[2, 'published', { train: 73257, test: 26032 }, predictions, undefined]],
    );
    assert.equal(notes.length, 2);
    assert.match(notes[0]!, /svhn.*: published results of its full profile, 2 runs\./);
    assert.match(notes[1]!, /yet: cifar10-5k, cifar100\. `npx msl study run cifar10-5k --profile full`/);

    // A name that was written at the front and not taken away behind.
    const twice = await shownStudies(['svhn', 'cifar10-5k', 'svhn'], options);
    assert.equal(twice.shown.length, 1);
    assert.equal(twice.notes.length, 2);

    const fresh = await shownStudies(['svhn'], { ...options, fresh: true });
    assert.deepEqual(
      fresh.shown.map(({ source }) => source),
      ['published'],
    );
    assert.match(fresh.notes[0]!, /svhn.* cannot be run: .*\(`npx msl data fetch svhn`\)/);
    await assert.rejects(shownStudies(['svnh'], options), /Did you mean/);
  } finally {
    if (before === undefined) delete process.env['MSL_DATA'];
    else process.env['MSL_DATA'] = before;
    rmSync(root, { recursive: true });
  }
});
