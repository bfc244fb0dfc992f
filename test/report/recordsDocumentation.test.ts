/** docs/records.md describes every field of every record, and none that is not there. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import type { Attempt } from '../../src/experiments/attempts.ts';
import type { EnvironmentRecord, SittingRecord } from '../../src/experiments/environment.ts';
import type {
  EpochRecord,
  ProjectionRecord,
  RunSummary,
  ValidationRecord,
} from '../../src/experiments/records.ts';
import { toLeaves } from '../../src/report/study/leaves.ts';
import { parseCsv } from '../../src/report/csv.ts';
import { runDocument } from '../support/documentedProgram.ts';

const project = fileURLToPath(new URL('../..', import.meta.url));
const results = path.join(project, 'results');
const document = readFileSync(path.join(project, 'docs/records.md'), 'utf8');

/** The paths that each file's table names, by the file. */
const described = new Map(
  document
    .split(/^## /m)
    .slice(1)
    .flatMap((section) => {
      const [, file] = /^`([^`]+)`\n/.exec(section) ?? [];
      const cells = [...section.matchAll(/^\| (`.*?) *\|/gm)].map(([, cell]) => cell!);
      const paths = cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name!));
      return file === undefined ? [] : [[file, paths] as const];
    }),
);

/** Whether a field's path is one that the document names: a word in capitals stands for a part, `FIELD` at the end for what follows. */
function isDescribed(field: string, name: string): boolean {
  const pattern = name
    .split(/([A-Z]{2,})/)
    .map((word, i) =>
      i % 2 === 0
        ? word.replaceAll('.', '\\.')
        : word === 'FIELD'
          ? '.+'
          : String.raw`(?:\\.|[^.\\/]|/(?=\w+(?:\.|$)))+`,
    )
    .join('');
  return new RegExp(`^${pattern}$`).test(field);
}

/** The paths of a record's fields; those of a list's entries are under the list's own. */
function fieldsOf(record: object): string[] {
  return [...toLeaves(record)].flatMap(([at, leaf]) => {
    const entries = Array.isArray(leaf) ? leaf.filter((entry) => isEntry(entry)) : [];
    return entries.length === 0
      ? [at]
      : entries.flatMap((entry) => fieldsOf(entry).map((field) => `${at}.${field}`));
  });
}

const isEntry = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** With every field that may be missing. */
type Complete<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [K in keyof T]-?: Complete<NonNullable<T[K]>> }
    : T;

const changes: Complete<Omit<SittingRecord, 'firstEpoch'>> = {
  ...{ oneDnn: true, node: 'v20', platform: 'linux-x64', cpu: 'a', cpuFlags: ['avx'], cores: 2 },
  ...{ version: '0', commit: 'c', dirty: false, lockfile: 'l' },
};
const environment: Complete<EnvironmentRecord> = {
  ...{ schemaVersion: 1, engine: 'tensorflow', engineVersion: '2', threads: 2 },
  ...{ ...changes, precision: 'float32', memoryBytes: 1, later: [{ firstEpoch: 2, ...changes }] },
  data: { official: true, train: 1, test: 1, sha256: 's' },
};
const epoch: Complete<EpochRecord> = {
  ...{ schemaVersion: 1, epoch: 1, learningRate: 0.1 },
  train: {
    losses: { total: 1, crossEntropy: 1, 'msl/stage1/withinClass': 1 },
    accuracy: 1,
    gradientNormLogits: 1,
  },
  probes: {
    ...{ steps: 1, gradientNorms: { logits: { total: 1 } }, saturated: { '0.1': 0 }, margins: { '0.05': 0 } },
    ...{ cosines: { msl: 0 }, updateShares: { 'stage1/conv1': { msl: 0 } } },
  },
  validation: { accuracy: 1, crossEntropy: 1 },
  timing: { seconds: 1, imagesPerSecond: 1, probeSeconds: 1, validationSeconds: 1, finishedAt: '' },
};
const summary: Complete<RunSummary> = {
  ...{
    schemaVersion: 1,
    status: 'diverged',
    epochs: 1,
    selection: { rule: 'last', epoch: 1 },
    parameters: 1,
  },
  divergence: { epoch: 1, step: 1, measure: 'total', lastCheckpoint: 0 },
  test: { n: 1, error: 0, crossEntropy: 0 },
  train: { n: 1, accuracy: 1, crossEntropy: 0, gradientNormLogits: 0 },
  taps: { stage1: { knnAccuracy: 1, betweenWithinRatio: 1 } },
  timing: { startedAt: '', finishedAt: '', seconds: 1, imagesPerSecond: 1, peakMemoryBytes: 1 },
};
const projection: Complete<ProjectionRecord> = {
  ...{ schemaVersion: 1, tap: 'stage3', method: 'pca', classes: ['a'], labels: [0], points: [[0, 0]] },
  explainedVariance: [1, 0],
};
const validation: Complete<ValidationRecord> = {
  ...{ schemaVersion: 1, status: 'finished', epoch: 1, validation: { accuracy: 1, crossEntropy: 1 } },
  timing: { seconds: 1 },
};
const attempt: Complete<Attempt> = {
  ...{ schemaVersion: 1, how: 'started', epoch: 0, at: '', pid: 1, worker: 'w' },
};

/** Fields that records have: of the types, with all that may be missing, and of what is in `results`. */
function recorded(): Map<string, Set<string>> {
  const fields = new Map<string, Set<string>>();
  const add = (file: string, names: readonly string[]): void => {
    const all = fields.get(file) ?? new Set();
    for (const name of names) all.add(name);
    fields.set(file, all);
  };
  const types = { 'environment.json': environment, 'metrics.jsonl': epoch, 'summary.json': summary };
  const others = { 'projection.json': projection, 'validation.json': validation, 'attempts.jsonl': attempt };
  for (const [file, record] of Object.entries({ ...types, ...others })) add(file, fieldsOf(record));
  const json = (file: string): object => JSON.parse(readFileSync(file, 'utf8')) as object;
  const columns = (file: string): string[] => parseCsv(readFileSync(file, 'utf8'))[0]!;
  for (const name of readdirSync(results)) {
    const folder = path.join(results, name, 'full');
    if (!existsSync(path.join(folder, 'study.json'))) continue;
    const study = json(path.join(folder, 'study.json'));
    add('study.json', fieldsOf(study));
    for (const record of (study as { environments: object[] }).environments) {
      add('environment.json', fieldsOf(record));
    }
    const [runs, epochs] = ['runs.csv', 'epochs.csv'].map((file) => columns(path.join(folder, file)));
    add('runs.csv', runs!);
    add(
      'summary.json',
      runs!.filter((name) => name.startsWith('summary.')).map((name) => name.slice(8)),
    );
    add('epochs.csv', epochs!);
    // A branch without a leaf has its own path: `probes.cosines` of cross-entropy alone.
    const isBranch = (name: string): boolean => epochs!.some((other) => other.startsWith(`${name}.`));
    add(
      'metrics.jsonl',
      epochs!.filter((name) => name !== 'arm' && name !== 'seed' && !isBranch(name)),
    );
    const predictions = path.join(folder, 'predictions.json');
    if (existsSync(predictions)) add('predictions.json', fieldsOf(json(predictions)));
  }
  for (const file of readdirSync(path.join(results, 'tuning'))) {
    const leaves = fieldsOf(json(path.join(results, 'tuning', file)));
    add(
      'results/tuning/STUDY.json',
      leaves.filter((name) => !name.endsWith('.values')),
    );
  }
  return fields;
}

const fields = recorded();

for (const [file, names] of fields) {
  test(`docs/records.md describes every field of ${file}`, () => {
    const paths = described.get(file) ?? [];
    const missing = [...names].filter((field) => !paths.some((name) => isDescribed(field, name)));
    assert.deepEqual(missing, []);
    const idle = paths.filter((name) => ![...names].some((field) => isDescribed(field, name)));
    assert.deepEqual(idle, [], 'described, and nowhere');
  });
}

test('every file that docs/records.md describes is looked at', () => {
  assert.deepEqual(
    [...described.keys()].filter((file) => !fields.has(file)),
    ['spec.json'],
  );
});

test('what docs/records.md shows in TypeScript runs, and prints what it says', async () => {
  const { printed, promised } = await runDocument('docs/records.md');
  assert.ok(promised.length > 0);
  assert.deepEqual(printed, promised);
});
