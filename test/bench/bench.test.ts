import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import {
  benchTables,
  BOUNDS,
  checkParity,
  EPOCH,
  knownLosses,
  makeWorkload,
  OWN,
  PEERS,
  plan,
  ratios,
  readWorkload,
  REFERENCE,
  runBench,
  runSection,
  SCALING_FIGURE,
  scalingFigure,
  withEarlier,
  withTables,
  writeWorkload,
  type BenchRecord,
  type OwnSettings,
  type SectionResult,
} from '../../src/bench/index.ts';
import { UserError } from '../../src/engine/index.ts';

const SMALL = { widths: [4, 4, 8], batchSize: 4, taps: 3 } as const;

test('The workload is the same each time, and the same after it was written and read', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'msl-bench-'));
  try {
    const workload = makeWorkload(SMALL);
    assert.deepEqual(makeWorkload(SMALL), workload);
    writeWorkload(folder, workload);
    assert.deepEqual(readWorkload(folder), workload);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('The reference workload begins with the values of the prototype', () => {
  const { labels, images } = makeWorkload(REFERENCE);
  // Written by the script of the prototype.
  assert.deepEqual([...labels.subarray(0, 6)], LABELS);
  assert.equal(images.length, 256 * 32 * 32 * 3);
});

const LABELS = [0, 7, 9, 9, 0, 1];

test('A variant with other losses is refused, and so is one whose loss is no number', () => {
  const reference = knownLosses(REFERENCE)!;
  assert.equal(checkParity('same', 'float32', reference, reference), 0);
  const off = reference.map((loss, i) => (i === 5 ? loss + 2 * BOUNDS.float32 : loss));
  assert.throws(
    () => checkParity('other', 'float32', off, reference),
    /other does not compute the same.*step 6/,
  );
  assert.ok(checkParity('other', 'bfloat16', off, reference) > BOUNDS.float32);
  assert.throws(() => checkParity('nan', 'bfloat16', [NaN], reference), UserError);
  assert.equal(knownLosses({ ...REFERENCE, taps: 2 }), undefined);
});

test('Engines and precisions can be chosen; peers run only beside one of them', () => {
  const common = {
    scaling: false,
    quick: true,
    python: 'python3',
    engines: undefined,
    precisions: undefined,
  };
  const names = (options: Partial<Parameters<typeof plan>[0]>) =>
    plan({ ...common, ...options }).map((s) => s.variants.map((v) => v.name));
  assert.deepEqual(names({ engines: ['eager'], python: undefined }), [['eager']]);
  assert.deepEqual(names({ precisions: ['bfloat16'] })[0], [
    'graph-bfloat16',
    'torch-bfloat16',
    'torch-bfloat16-compile',
    'tf-function-bfloat16',
  ]);
  assert.deepEqual(names({ engines: ['cpu'], precisions: ['bfloat16'] }), []);
  assert.equal(names({ scaling: true, python: undefined }).length, 16);
});

/** A section that nobody measured. */
function section(name: string, changes: Partial<SectionResult>): SectionResult {
  const environment = {
    cpu: 'a CPU',
    cores: 2,
    cpuFlags: ['avx2'],
    commit: '12345678',
    dirty: false,
    node: 'v20',
  };
  return {
    ...{ name, size: REFERENCE, startedAt: '2026-01-01T00:00:00Z', seconds: 1, threads: 2, rounds: 3 },
    ...{ environment: environment as unknown as SectionResult['environment'], load: { before: 0, after: 0 } },
    ...{ variants: [], failed: [], ...changes },
  };
}

/** What one variant did in rounds of these speeds, sorted. */
function variant(name: string, speeds: number[]): SectionResult['variants'][number] {
  return {
    ...{ name, title: name, precision: 'float32', peer: name !== 'graph', version: '', firstStepSeconds: 0 },
    ...{ lossDifference: 0, steps: 1, trainRounds: speeds, peakMemoryBytes: 0 },
    train: { median: speeds[1]!, min: speeds[0]!, max: speeds[2]! },
  };
}

test('Ratios are formed against the fastest rival of the same section', () => {
  const variants = [
    variant('graph', [90, 100, 120]),
    variant('torch', [40, 50, 60]),
    variant('torch-channels-last', [60, 80, 100]),
  ];
  const found = ratios([section('reference', { variants })]);
  assert.equal(found.length, 1);
  assert.deepEqual(found[0]!.of, ['graph', 'torch-channels-last']);
  assert.equal(found[0]!.value, 1.25);
  assert.deepEqual(found[0]!.rounds, { median: 1.25, min: 1.2, max: 1.5 });
  assert.equal(found[0]!.met, true);
});

test('The quick benchmark gives a whole record, by processes that take turns', async () => {
  const record = await runBench({
    ...{ rounds: 2, steps: 1, threads: 2, scaling: false, quick: true, engines: ['wasm'] },
  });
  assert.equal(record.kind, 'quick');
  assert.deepEqual(
    record.sections.map(({ name, variants }) => [name, variants.map((v) => v.name)]),
    [
      ['reference', ['wasm']],
      ['javascript', ['wasm']],
    ],
  );
  const [{ trainRounds, train, infer, version, peakMemoryBytes }] = record.sections[0]!.variants as [
    SectionResult['variants'][number],
  ];
  assert.equal(trainRounds.length, 2);
  assert.ok(train.min > 0 && train.min <= train.median && train.median <= train.max);
  assert.ok(infer!.median > 0 && peakMemoryBytes > 1e7);
  assert.match(version, /wasm/);
  assert.deepEqual(record.ratios, []);
});

test('Each section says itself where, when and under which load it was measured', () => {
  const record = (sections: SectionResult[]): BenchRecord => ({
    ...{ schemaVersion: 2, kind: 'reference', sections, ratios: [] },
  });
  const earlier = record([
    section('reference', { load: { before: 7, after: 8 } }),
    section('loop', { startedAt: '2026-01-02T00:00:00Z' }),
  ]);
  const now = record([
    section('javascript', { startedAt: '2026-02-03T00:00:00Z', load: { before: 1, after: 2 } }),
  ]);
  const whole = withEarlier(now, earlier);
  assert.deepEqual(
    whole.sections.map(({ name, load }) => [name, load.before]),
    [
      ['reference', 7],
      ['javascript', 1],
      ['loop', 0],
    ],
  );
  const text = benchTables(whole);
  assert.match(text, /^`reference`: 2026-01-01, a CPU.*load 7\.0 to 8\.0.*commit 12345678/m);
  assert.match(text, /^`javascript`: 2026-02-03.*load 1\.0 to 2\.0/m);
  assert.match(text, /^`loop`: 2026-01-02/m);
  const again = withEarlier(record([section('loop', { rounds: 9 })]), whole);
  assert.equal(again.sections.length, 3);
  assert.equal(again.sections.find(({ name }) => name === 'loop')!.rounds, 9);
});

test('A peer that does not start is a row that says why, and the others are measured', async () => {
  const { variants, failed } = await runSection({
    ...{ name: 'reference', size: SMALL, rounds: 1, steps: 1, threads: 1, python: process.execPath },
    // Node takes the peer's first argument for an option that it does not have.
    variants: [PEERS[0]!, OWN.find(({ name }) => name === 'wasm')!],
  });
  assert.deepEqual(
    variants.map(({ name }) => name),
    ['wasm'],
  );
  assert.equal(failed.length, 1);
  assert.equal(failed[0]!.name, 'torch');
  assert.match(failed[0]!.error, /the process ended with status 9[^]*bad option/);
  const text = benchTables({
    ...{
      schemaVersion: 2,
      kind: 'reference',
      ratios: [],
      sections: [section('reference', { variants, failed })],
    },
  });
  assert.match(text, /\(`torch`\) +\| float32 +\| failed: .*bad option: -B/);
});

test('Whole epochs are measured over as many images as the section says', async () => {
  const { variants } = await runSection({
    ...{
      name: 'images 16',
      size: { ...SMALL, epochImages: 16 },
      rounds: 2,
      steps: 5,
      threads: 1,
      python: undefined,
    },
    variants: EPOCH.map((variant) => ({
      ...variant,
      settings: { ...variant.settings, engine: 'wasm' } as OwnSettings,
    })),
  });
  assert.equal(variants[0]!.trainRounds.length, 2);
  assert.equal(variants[0]!.steps, 1);
  assert.equal(variants[0]!.lossDifference, null);
});

test('The figure of growth has a panel for what was measured, and a slope of 1 for time in proportion', () => {
  const batch = (batchSize: number, speed: number) =>
    section(`batch ${batchSize}`, {
      size: { ...REFERENCE, batchSize },
      variants: [variant('graph', [speed, speed, speed])],
    });
  const figure = (sections: SectionResult[]) =>
    scalingFigure({ schemaVersion: 2, kind: 'scaling', sections, ratios: [] });
  // 10, 20 and 40 ms a step.
  const proportional = figure([batch(16, 1600), batch(32, 1600), batch(64, 1600)]);
  const places = (svg: string) =>
    /<polyline points="([^"]+)"/
      .exec(svg)![1]!
      .split(' ')
      .map((place) => place.split(',').map(Number));
  const rise = (svg: string) =>
    places(svg)
      .slice(1)
      .map(([, y], i) => places(svg)[i]![1]! - y!);
  assert.equal(proportional.match(/<g /g)!.length, 1);
  const [first, second] = rise(proportional);
  assert.ok(first! > 0 && Math.abs(first! - second!) < 0.11);
  assert.match(proportional, />ms a step</);
  const both = figure([
    batch(16, 1600),
    section('taps 0', { variants: [] }),
    section('images 9', {
      size: { ...REFERENCE, epochImages: 9 },
      variants: [variant('epoch', [3, 3, 3])],
    }),
  ]);
  assert.deepEqual(
    [...both.matchAll(/font-weight="bold">([^<]+)</g)].map(([, title]) => title),
    ['Batch size', 'Data set'],
  );
  assert.ok(!both.includes('NaN'));
});

test('The tables of bench/README.md are those of the committed results', () => {
  const folder = path.join(import.meta.dirname, '..', '..', 'bench');
  const readme = readFileSync(path.join(folder, 'README.md'), 'utf8');
  for (const kind of ['reference', 'scaling']) {
    const file = path.join(folder, 'results', `${kind}.json`);
    if (!existsSync(file)) continue;
    const record = JSON.parse(readFileSync(file, 'utf8')) as BenchRecord;
    assert.equal(withTables(readme, record), readme, kind);
    if (kind !== 'scaling') continue;
    assert.equal(scalingFigure(record), readFileSync(path.join(folder, SCALING_FIGURE), 'utf8'));
  }
});
