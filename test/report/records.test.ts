import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { UserError } from '../../src/engine/index.ts';
import {
  defineStudy,
  RunFolder,
  SCHEMA_VERSION,
  studyRuns,
  type EnvironmentRecord,
} from '../../src/experiments/index.ts';
import { requireSameImages, studyRecords } from '../../src/report/study/records.ts';
import { sampleStudy } from './sample.ts';

test('runs on different images are not compared; those that do not say are', () => {
  const run = (seed: number, sha256?: string) => {
    const data = { official: false, train: 200, test: 60, sha256: sha256 ?? '' };
    const environment = (sha256 === undefined ? {} : { data }) as EnvironmentRecord;
    return { arm: 'ce', seed, folder: `runs/seed-${seed}`, environment };
  };
  const [one, two] = ['a'.repeat(64), 'b'.repeat(64)];
  requireSameImages([]);
  requireSameImages([run(1), run(2, one), run(3, one), run(4)]);
  assert.throws(
    () => {
      requireSameImages([run(1), run(2, one), run(3), run(4, two)]);
    },
    (error) =>
      error instanceof UserError &&
      error.message.includes(
        'ce, seed 2 (SHA-256 aaaaaaaa, in runs/seed-2) and ce, seed 4 (SHA-256 bbbbbbbb',
      ),
  );
});

test('an arm that borrows its values and is the same as another is none of the records', () => {
  const rate = 'optimizer.learningRate';
  const study = defineStudy({
    name: 'borrowed',
    base: { loss: { msl: { weight: 0.1 } } },
    arms: [
      { name: 'ce', set: ['loss.msl=null'] },
      { name: 'msl' },
      { name: 'msl-ce-rate', tunedAs: { arm: 'msl', except: { [rate]: 'ce' } } },
    ],
    seeds: [1],
  });
  const armsOf = (ce: number) => {
    const arms = { ce: { [rate]: ce }, msl: { [rate]: 0.1 } };
    const tuned = { ...study, tuned: { file: 'f', sha256: 's', arms } };
    const runs = studyRuns(tuned, 'full', 'nowhere');
    return studyRecords({ study: tuned, profile: 'full', runs }).arms.map(({ name }) => name);
  };
  assert.deepEqual(armsOf(0.1), ['ce', 'msl']);
  assert.deepEqual(armsOf(0.3), ['ce', 'msl', 'msl-ce-rate']);
});

test('classes are those that the runs recorded: an imported set may be gone since', (t) => {
  const root = mkdtempSync(path.join(os.tmpdir(), 'msl-records-'));
  t.after(() => {
    rmSync(root, { recursive: true });
  });
  const arms = [{ name: 'ce', set: ['loss.msl=null'] }, { name: 'msl' }];
  const base = { dataset: 'long-gone', loss: { msl: { weight: 0.1 } } };
  const study = defineStudy({ name: 'gone', base, arms, seeds: [1] });
  const runs = studyRuns(study, 'full', root);
  const records = () => studyRecords({ study, profile: 'full', runs });
  assert.deepEqual(records().classes, []);
  const [sample] = sampleStudy({ ce: [{ error: 0.3 }], msl: [], classes: ['cat', 'dog'] }).runs;
  const { epochs, summary, environment, projection } = sample!;
  for (const { folder, specification } of runs) {
    mkdirSync(folder, { recursive: true });
    const write = (name: string, record: object) => {
      writeFileSync(
        path.join(folder, name),
        `${JSON.stringify({ ...record, schemaVersion: SCHEMA_VERSION })}\n`,
      );
    };
    write('spec.json', specification);
    write('environment.json', environment);
    write('metrics.jsonl', epochs[0]!);
    write('summary.json', { ...summary, epochs: 1 });
  }
  assert.throws(records, /projection\.json, which names the classes, is missing in .*ce.seed-1/);
  new RunFolder(runs[1]!.folder).writeProjection(projection!);
  assert.deepEqual([records().classes, records().runs.length], [['cat', 'dog'], 2]);
});
