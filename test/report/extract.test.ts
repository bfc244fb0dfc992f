import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { UserError } from '../../src/engine/index.ts';
import { parseSpecification, type StudyRun } from '../../src/experiments/index.ts';
import { fromCell, fromLeaves, toCell, toLeaves, without } from '../../src/report/study/leaves.ts';
import {
  extractFiles,
  extractOf,
  readExtract,
  readPublication,
  reportFiles,
  staleFiles,
  withKept,
  type RunRecord,
  type StudyRecords,
} from '../../src/report/index.ts';
import { sampleStudy } from './sample.ts';

const sample = sampleStudy({
  ce: [{ error: 0.35 }, { error: 0.1 + 0.2, gradientNorms: [1, 0.5, 1e-9] }],
  msl: [
    { error: 0.34, taps: { 'stage.1': { knnAccuracy: 0.5, betweenWithinRatio: 1 } } },
    { error: 'diverged' },
  ],
  classes: ['a, "b"', 'ä\nö'],
});
/** What the figures of saturation are made of: names with dots, and losses that an arm lacks. */
const PROBES = {
  steps: 1,
  gradientNorms: { stage1: { crossEntropy: 0.1, total: 0.1 }, logits: { crossEntropy: 1e-9, total: 1e-9 } },
  saturated: { '0.1': 1, '0.001': 0 },
  margins: { '0.05': -1, '0.5': 2.5 },
  cosines: {},
  updateShares: { 'stage1/conv1': { crossEntropy: 1 } },
};
/** The same with a loss beside cross-entropy: what is empty there has leaves here, and every part one more. */
const MORE_PROBES = {
  ...PROBES,
  gradientNorms: { stage1: { ...PROBES.gradientNorms.stage1, msl: 0.01 }, logits: { ...PROBES.gradientNorms.logits, msl: 0 } },
  cosines: { msl: 0.25 },
  updateShares: { 'stage1/conv1': { crossEntropy: 0.75, msl: 0.25 } },
}; // prettier-ignore
const study: StudyRecords = {
  ...sample,
  primary: 'msl',
  runs: sample.runs.map((run) => ({
    ...run,
    // In the first epoch alone: the others are rows without them.
    epochs: run.epochs.map((epoch, at) =>
      at === 0 ? { ...epoch, probes: run.arm === 'ce' ? PROBES : MORE_PROBES } : epoch,
    ),
  })),
};

function withExtract(work: (folder: string) => void): void {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'msl-extract-'));
  try {
    for (const { name, text } of extractFiles(study)) writeFileSync(path.join(folder, name), text);
    work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('leaves: every record comes back', () => {
  const record = {
    'a.b': { 'c\\d': 1, 'e.': [1, null, 'x'] },
    empty: {},
    text: 'plain',
    number: '12',
    none: null,
    no: false,
    blank: '',
    quoted: '"x"',
    small: 1e-300,
    deep: { er: { est: -0.1 } },
  };
  const cells = [...toLeaves(record)].map(([key, leaf]) => [key, toCell(key, leaf)] as const);
  assert.ok(cells.every(([, cell]) => cell !== ''));
  assert.deepEqual(fromLeaves(cells.map(([key, cell]) => [key, fromCell(key, cell)] as const)), record);
});

test('names are cells as they are, so that what they name is found, also those that could be numbers', () => {
  for (const name of ['52763681161370e8', '5297987045821487', 'null']) {
    assert.equal(toCell('specification', name), name);
    assert.equal(fromCell('specification', name), name);
    assert.equal(fromCell('arm', JSON.stringify(name)), name, 'as earlier releases wrote it');
    assert.equal(toCell('text', name), JSON.stringify(name));
  }
});

test('an extract reads back as what it was made of, but for the projections and for NaN, which JSON lacks', () => {
  withExtract((folder) => {
    const byArm = (records: StudyRecords) =>
      [...records.runs].sort((a, b) => a.arm.localeCompare(b.arm) || a.seed - b.seed);
    const wanted = JSON.parse(
      JSON.stringify(byArm(study).map((run) => without(run, 'projection'))),
    ) as unknown;
    const back = readExtract(folder);
    assert.deepEqual(byArm(back), wanted);
    assert.deepEqual(without(back, 'runs'), without(study, 'runs'));
  });
});

test('a report of the extract is the report of the records', async () => {
  for (const format of ['text', 'md', 'csv', 'latex'] as const) {
    const wanted = await reportFiles(study, format);
    withExtract((folder) => {
      assert.deepEqual(staleFiles(folder), []);
    });
    const folder = mkdtempSync(path.join(os.tmpdir(), 'msl-extract-'));
    for (const { name, text } of extractFiles(study)) writeFileSync(path.join(folder, name), text);
    assert.deepEqual(await reportFiles(readExtract(folder), format), wanted);
    rmSync(folder, { recursive: true });
  }
});

test('an extract that was changed by hand is found out', () => {
  withExtract((folder) => {
    const runs = path.join(folder, 'runs.csv');
    const text = readFileSync(runs, 'utf8');
    writeFileSync(runs, text.replace(',0.35,', ',0.25,'));
    assert.deepEqual(
      staleFiles(folder).map(({ name }) => name),
      ['report.md'],
    );
    writeFileSync(runs, text.replace(/,[0-9a-f]{16},/, ',0123456789abcdef,'));
    assert.throws(
      () => readExtract(folder),
      /the specification of ce, seed 1, has the hash [0-9a-f]{16}, not 0123/,
    );
    writeFileSync(runs, text.slice(0, -40));
    assert.throws(() => readExtract(folder), UserError);
    rmSync(runs);
    assert.throws(() => readExtract(folder), /runs\.csv is not there/);
    writeFileSync(path.join(folder, 'study.json'), '{"schemaVersion": 99}');
    assert.throws(() => readExtract(folder), /has the schema version 99; this release reads 1/);
    writeFileSync(path.join(folder, 'study.json'), '{');
    assert.throws(() => readExtract(folder), /study\.json is no JSON/);
  });
});

describe('the extracts in results/', () => {
  const results = fileURLToPath(new URL('../../results', import.meta.url));
  for (const { name, records } of readPublication(results).published) {
    test(`${name}: its tables are what its rows give`, () => {
      assert.deepEqual(
        staleFiles(extractOf(name, results)!, records).map((file) => file.name),
        [],
      );
    });
  }
});

describe('withKept: a study that was run in parts', () => {
  const record = (arm: string, seed: number, { epochs = 2, sha256 = 'aaaaaaaaaa' } = {}): RunRecord => {
    const run = sample.runs.find((one) => one.arm === arm)!;
    return {
      ...run,
      seed,
      spec: parseSpecification({ dataset: 'cifar10', epochs, seed }, 'test'),
      environment: { data: { sha256 } },
    };
  };
  const planned = ['ce', 'msl'].flatMap((name) =>
    [1, 2].map(
      (seed) =>
        ({ arm: { name }, seed, specification: record(name, seed).spec, folder: '' }) as unknown as StudyRun,
    ),
  );
  const names = (runs: readonly RunRecord[]): string[] => runs.map(({ arm, seed }) => `${arm} ${seed}`);
  const here = { ...sample, runs: [record('ce', 1), record('ce', 2)] };

  test('runs that are kept alone stay, one that both have is that of here', () => {
    const again = { ...record('ce', 2), summary: { ...record('ce', 2).summary, parameters: 7 } };
    const { records, kept, outdated } = withKept(
      here,
      { runs: [again, record('msl', 1), record('msl', 2)] },
      { planned, folder: 'results' },
    );
    assert.deepEqual(names(kept), ['msl 1', 'msl 2']);
    assert.deepEqual(outdated, []);
    assert.deepEqual(names(records.runs), ['ce 1', 'ce 2', 'msl 1', 'msl 2']);
    assert.equal(records.runs[1], here.runs[1]);
    assert.equal(records.title, sample.title);
  });

  test('runs with other settings, of another arm or seed than the study has now are not taken over', () => {
    const others = [record('msl', 1, { epochs: 3 }), record('center', 1), record('msl', 9)];
    const { records, kept, outdated } = withKept(here, { runs: others }, { planned, folder: 'results' });
    assert.deepEqual(kept, []);
    assert.deepEqual(outdated, others);
    assert.deepEqual(records.runs, here.runs);
  });

  test('runs with other images are refused by their names; records of before do not say which they had', () => {
    const strange = { runs: [record('msl', 2, { sha256: 'bbbbbbbbbb' })] };
    assert.throws(
      () => withKept(here, strange, { planned, folder: 'results' }),
      (error) =>
        error instanceof UserError &&
        /msl, seed 2, which results keeps, .* than ce, seed 1, .*bbbbbbbb and aaaaaaaa\)/.test(error.message),
    );
    // The first that is here does not say, the second does; or none does, and those that are kept differ.
    const nothing = { ...record('ce', 1), environment: {} };
    for (const [runs, kept, said] of [
      [
        [nothing, record('ce', 2)],
        strange.runs,
        /msl, seed 2, which results keeps, .* than ce, seed 2, which is here/,
      ],
      [
        [nothing],
        [record('msl', 1), ...strange.runs],
        /msl, seed 2, which results keeps, .* than msl, seed 1, which results keeps/,
      ],
    ] as const) {
      assert.throws(() => withKept({ ...here, runs }, { runs: kept }, { planned, folder: 'results' }), said);
    }
    const silent = { runs: [{ ...record('msl', 2), environment: {} }] };
    assert.equal(withKept(here, silent, { planned, folder: 'results' }).kept.length, 1);
  });
});
