import assert from 'node:assert/strict';
import { test } from 'node:test';

import sharp from 'sharp';

import {
  MEASURE_NAMES,
  type MeasureName,
  type RunEmbeddings,
  type RunReport,
} from '../../src/analysis/index.ts';
import {
  alignmentHeatMaps,
  comparedMeasuresTable,
  lightSheet,
  methodsScatter,
  separabilityFindings,
  spriteSheet,
} from '../../src/report/index.ts';
import { cellText } from '../../src/report/figures/cellText.ts';
import { DIVERGING, SEQUENTIAL } from '../../src/report/figures/theme.ts';
import { inDark } from './inDark.ts';

/** A report with the given measures, by tap; the others are no numbers. */
function report(taps: Readonly<Record<string, Partial<Record<MeasureName, number>>>>): RunReport {
  const all = Object.fromEntries(MEASURE_NAMES.map((name) => [name, NaN])) as Record<MeasureName, number>;
  const pairs = {
    exact: true,
    edges: [],
    probabilities: [],
    same: undefined,
    different: undefined,
    separation: 0.5,
  };
  const perClass = { silhouette: [], silhouetteCosine: [], knnAccuracy: [] };
  return {
    ...{ run: 'run', seed: 1, hash: '', split: 'test', n: 10, reference: 0, classes: [], cka: {} },
    notDefined: [],
    taps: Object.fromEntries(
      Object.entries(taps).map(([tap, measures]) => [
        tap,
        { dim: 2, measures: { ...all, ...measures }, perClass, ratioByDimension: [], pairs },
      ]),
    ),
  };
}

test('measures of several networks stand below each other, tap by tap', () => {
  const { rows, columns } = comparedMeasuresTable({
    title: 'Separability',
    reports: {
      CE: report({ stage1: { knnAccuracy: 0.5, silhouette: 0.1 }, stage2: { knnAccuracy: 0.75 } }),
      MSL: report({ stage1: { knnAccuracy: 0.25, silhouette: Infinity } }),
    },
    measures: ['knnAccuracy', 'silhouette'],
  });
  assert.deepEqual(rows, ['stage1, CE', 'stage1, MSL', 'stage2, CE', 'stage2, MSL']);
  assert.deepEqual(
    columns.map(({ name, values }) => [name, values]),
    [
      ['5-NN accuracy (%)', [0.5, 0.25, 0.75, null]],
      ['silhouette', [0.1, '∞', null, null]],
    ],
  );
  assert.equal(columns[0]!.format(0.5, 0), '50.00');
});

test('the sentences say what the numbers say, whichever way they point', () => {
  const network = (
    title: string,
    ratio: number,
    knnAccuracy: number,
    silhouette: number,
    outside: number,
  ) => {
    const measures = { betweenWithinRatio: ratio, knnAccuracy, silhouette };
    const taps = (nc1Quotient: number) =>
      report({ stage1: { ...measures, knnAccuracy: 0.3 }, stage2: { ...measures, nc1Quotient } });
    return { title, train: taps(0.5), test: taps(outside) };
  };
  const [ce, msl] = [network('CE', 1, 0.5, -0.2, 1), network('MSL', 2, 0.625, 0.1, 0.25)];
  const words = separabilityFindings(ce, msl).join('\n');
  assert.match(words, /^Of test images, at every tap the between\/within ratio was higher with MSL/);
  assert.match(words, /at stage2 it was 1\.00 with CE and 2\.00 with MSL\./);
  assert.match(
    words,
    /\nAt stage2 alone the accuracy of nearest neighbours.*50\.00 % with CE and 62\.50 % with MSL/,
  );
  assert.match(words, /one is above 0 and one is not/);
  assert.match(
    words,
    /With CE .* was 0\.500 on training and 1\.00 on test images, 2\.00 times as much: what collapsed/,
  );
  assert.match(words, /With MSL .* 0\.500 times as much: the collapse holds outside training as well\./);
  const turned = separabilityFindings(msl, ce).join('\n');
  assert.match(turned, /^Of test images, at no tap the between\/within ratio was higher with CE/);
  assert.match(turned, /\nAt no tap the accuracy/);
  assert.deepEqual(separabilityFindings(ce, { ...msl, test: report({}) }), [
    'The two networks have no layer in common.',
  ]);
});

test('heat maps of alignment: one scale, numbers in the cells, names as text', () => {
  const { data, layout, description } = alignmentHeatMaps([
    {
      rows: 'CE',
      columns: 'CE',
      cka: { a: { a: 1, '<b>': 0.25 }, '<b>': { a: 0.25, '<b>': 1 } },
    },
    { rows: 'CE', columns: 'MSL', cka: { a: { c: 0.5 } } },
  ]);
  const [one, two] = data as { z: number[][]; x: string[]; zmin: number; zmax: number; showscale: boolean }[];
  assert.deepEqual(one!.z, [
    [1, 0.25],
    [0.25, 1],
  ]);
  assert.deepEqual(one!.x, ['a', '&lt;b&gt;']);
  assert.deepEqual([two!.z, two!.zmin, two!.zmax], [[[0.5]], 0, 1]);
  assert.deepEqual([one!.showscale, two!.showscale], [true, false]);
  const titles = (layout.annotations as { text: string }[]).map(({ text }) => text);
  assert.deepEqual(titles, ['<b>within CE</b>', '<b>CE (down), MSL (across)</b>']);
  assert.match(description, /within CE; CE \(down\), MSL \(across\)\.$/);
});

const quality = { trustworthiness: null, neighbourAccuracy: 1, featureAccuracy: 1 };
const embedded = (method: 'pca' | 'tsne', ...runs: string[]): RunEmbeddings => ({
  ...{ indices: Uint32Array.of(3, 5), labels: Uint8Array.of(0, 1), classes: ['cat', 'dog'] },
  ...{ split: 'test', dataset: 'cifar10' },
  layers: runs.map((run) => ({
    ...{ run, tap: 'stage1', dim: 4 },
    embedding: { method, points: Float64Array.of(0, 0, 1, 1), notes: [], quality },
  })),
});

test('one layer by several methods: a row a run, a column a method', () => {
  const both = [embedded('pca', 'CE', 'MSL'), embedded('tsne', 'CE', 'MSL')];
  const { description } = methodsScatter(both, 'stage1');
  assert.match(description, /CE, stage1, PCA, CE, stage1, t-SNE, MSL, stage1, PCA, MSL, stage1, t-SNE\.$/);
  assert.throws(() => methodsScatter(both, 'stage9'), /CE has no layer 'stage9'/);
  assert.throws(() => methodsScatter([], 'stage1'), RangeError);
});

test('a light sheet has the same images in the same places', async () => {
  const pixels = { images: new Uint8Array(4 * 8 * 8 * 3).fill(200), height: 8, width: 8, channels: 3 };
  const sheet = spriteSheet(pixels, [0, 1, 2, 3]);
  const light = await lightSheet(sheet);
  assert.deepEqual({ ...light, source: '' }, { ...sheet, source: '' });
  assert.match(light.source, /^data:image\/webp;base64,/);
  const bytes = Buffer.from(light.source.split(',')[1]!, 'base64');
  const { data, info } = await sharp(bytes).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  assert.deepEqual([info.width, info.height], [16, 16]);
  assert.ok(data.every((value) => Math.abs(value - 200) < 4));
});

/** Contrast ratio of WCAG 2 with black or white, by its definition. */
function contrast([red, green, blue]: readonly number[], text: string): number {
  const linear = (value: number) =>
    value <= 10 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4;
  const luminance = 0.2126 * linear(red!) + 0.7152 * linear(green!) + 0.0722 * linear(blue!);
  return text === '#fff' ? 1.05 / (luminance + 0.05) : (luminance + 0.05) / 0.05;
}

test('numbers on cells are black or white, readable on every colour, on a dark page too', () => {
  const z = [Array.from({ length: 101 }, (_, i) => i / 50 - 1)];
  const texts = [z[0]!.map(String)];
  const mixed = (scale: [number, string][], share: number): number[] => {
    const at = Math.min(scale.length - 2, Math.floor(share * (scale.length - 1)));
    const part = share * (scale.length - 1) - at;
    const channel = (i: number, c: number) => parseInt(scale[i]![1].slice(1 + 2 * c, 3 + 2 * c), 16);
    return [0, 1, 2].map((c) => channel(at, c) + part * (channel(at + 1, c) - channel(at, c)));
  };
  const check = (text: string[][], scale: [number, string][]) => {
    text[0]!.forEach((cell, i) => {
      const [, colour = ''] = /^<span style="color:(#000|#fff)">/.exec(cell)!;
      assert.ok(contrast(mixed(scale, i / 100), colour) >= 4.5, `${i}: ${cell}`);
    });
  };
  for (const scale of [SEQUENTIAL, DIVERGING]) {
    const trace = cellText(z, { texts, scale, zmin: -1, zmax: 1 }) as { text: string[][] };
    check(trace.text, scale);
    const light = { data: [{ type: 'heatmap', z, ...trace, colorscale: scale }], layout: {} };
    const [dark] = inDark(light as never).data as unknown as [
      { text: string[][]; colorscale: [number, string][] },
    ];
    check(dark.text, dark.colorscale);
  }
  // Without a value there is nothing to write.
  const gap = cellText([[null, 1]], { texts: [['', '1']], scale: SEQUENTIAL, zmin: 0, zmax: 1 });
  assert.deepEqual((gap as { text: string[][] }).text, [['', '<span style="color:#000">1</span>']]);
});
