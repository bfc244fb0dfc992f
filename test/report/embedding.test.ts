import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';

import type { LayoutAxis } from 'plotly.js-dist-min';
import { PNG } from 'pngjs';

import type { EpochEmbeddings, RunEmbeddings } from '../../src/analysis/index.ts';
import {
  embeddingAnimation,
  embeddingCsv,
  embeddingPage,
  embeddingScatter,
  epochsCsv,
  epochsScatter,
  htmlPage,
  liveCurves,
  liveText,
  runEmbeddingsFigure,
  spriteSheet,
  type Figure,
} from '../../src/report/index.ts';
import { inDark } from './inDark.ts';

const labels = [0, 1, 0, 2];
const classes = ['cat', 'dog', '<frog>'];
const indices = [3, 5, 8, 13];
const first = Float64Array.of(0, 0, 1, 1, 0.5, 0.123456, -2, 3);
const second = Float64Array.of(0, 1, 1, 2, 0.5, 1, -3, 4);
const images = {
  ...{ n: 14, height: 2, width: 2, channels: 3 },
  images: Uint8Array.from({ length: 14 * 12 }, (_, at) => at),
};
const sprites = spriteSheet(images, indices);
type Trace = Record<string, unknown>;
const traces = (figure: Figure): Trace[] => figure.data;

const epochs = [0.5, NaN].map((crossEntropy, i) => ({
  ...{ schemaVersion: 1, epoch: i + 1, learningRate: 0.1 },
  train: { losses: { crossEntropy, 'msl/<tap>': 0.1 }, accuracy: 0.25, gradientNormLogits: 0.9 - i / 2 },
  timing: { seconds: 1, imagesPerSecond: 1 },
}));

const FIGURES = {
  liveCurves: liveCurves(epochs, 5),
  embeddingScatter: embeddingScatter({
    panels: [
      { title: 'stage1', points: first, axes: ['60 % of the variance', '20 % of the variance'] },
      { title: 'stage2', points: second },
    ],
    ...{ labels, classes, indices, sprites },
  }),
  embeddingAnimation: embeddingAnimation({
    panels: [{ title: 'CE', frames: [first, second] }],
    ...{ unit: 'epoch', frames: [1, 12], labels, classes, indices },
  }),
};

test('figures are what they were: embedding.json, written anew by UPDATE_SNAPSHOTS=1', () => {
  const file = new URL('../fixtures/report/embedding.json', import.meta.url);
  const actual = JSON.stringify(FIGURES, null, 1);
  if (process.env['UPDATE_SNAPSHOTS'] === '1') writeFileSync(file, `${actual}\n`);
  assert.deepEqual(JSON.parse(actual), JSON.parse(readFileSync(file, 'utf8')));
});

test('embeddingScatter: a panel an embedding, a trace a class, each point with its image', () => {
  const figure = FIGURES.embeddingScatter;
  assert.equal(figure.data.length, 2 * 3);
  const [cat, dog, frog, later] = traces(figure);
  assert.deepEqual(
    [cat!['x'], cat!['y'], cat!['customdata']],
    [
      [0, 0.5],
      [0, 0.1235],
      [
        [3, 0],
        [8, 2],
      ],
    ],
  );
  assert.deepEqual([dog!['customdata'], frog!['name']], [[[5, 1]], '&lt;frog&gt;']);
  assert.deepEqual([later!['xaxis'], later!['showlegend']], ['x2', false]);
  // Colour and symbol tell ten classes apart, each alone.
  const many = embeddingScatter({
    panels: [{ title: 'a', points: new Float64Array(20) }],
    labels: Array.from({ length: 10 }, (_, i) => i),
    classes: Array.from({ length: 10 }, String),
    indices: Array.from({ length: 10 }, (_, i) => i),
  });
  for (const key of ['color', 'symbol']) {
    assert.equal(new Set(traces(many).map((trace) => (trace['marker'] as Trace)[key])).size, 10, key);
  }
});

test('embeddingScatter: distances are distances, and axes that mean nothing have no numbers', () => {
  const layout = FIGURES.embeddingScatter.layout as Record<string, Partial<LayoutAxis> | undefined>;
  assert.equal(layout['yaxis']?.scaleanchor, 'x');
  assert.equal(layout['yaxis2']?.scaleanchor, 'x2');
  assert.deepEqual([layout['xaxis']?.showticklabels, layout['xaxis2']?.showticklabels], [undefined, false]);
  const { meta } = FIGURES.embeddingScatter.layout as { meta: { alt: string; sprites: object } };
  assert.equal(meta.alt, FIGURES.embeddingScatter.description);
  assert.deepEqual(Object.keys(meta.sprites), ['source', 'width', 'height', 'columns']);
  assert.doesNotMatch(JSON.stringify(inDark(FIGURES.embeddingScatter)), /#332288|#ffffff/);
});

test('embeddingAnimation: a frame an epoch with the points of every class, and one range for all', () => {
  const { frames, layout, data } = FIGURES.embeddingAnimation;
  assert.deepEqual(
    frames!.map(({ name }) => name),
    ['1', '12'],
  );
  assert.deepEqual(frames![1]!.data[0], { x: [0, 0.5], y: [1, 1] });
  assert.deepEqual(frames![1]!.traces, [0, 1, 2]);
  assert.deepEqual([data.length, layout.xaxis?.range, layout.yaxis?.range], [3, [-3.2, 1.2], [-0.2, 4.2]]);
  assert.throws(
    () =>
      embeddingAnimation({
        panels: [{ title: 'CE', frames: [first] }],
        ...{ unit: 'epoch', frames: [1, 2], labels, classes, indices },
      }),
    /CE has 1 embeddings for 2 frames/,
  );
});

test('liveCurves: no two lines of the legend look alike', () => {
  const losses = Object.fromEntries(['total', 'crossEntropy', 'a', 'b', 'c', 'd'].map((name) => [name, 1]));
  const { data } = liveCurves(
    epochs.map((epoch) => ({
      ...{ ...epoch, train: { ...epoch.train, losses } },
      validation: { accuracy: 0.5, crossEntropy: 1 },
    })),
    5,
  ) as unknown as {
    data: {
      name: string;
      showlegend: boolean;
      line: { color: string; dash: string };
      marker: { symbol: string };
    }[];
  };
  const looks = data
    .filter(({ showlegend }) => showlegend)
    .map(({ line, marker }) => `${line.color} ${line.dash} ${marker.symbol}`);
  assert.equal(looks.length, 8);
  assert.equal(new Set(looks).size, looks.length);
  assert.equal(new Set(looks.map((look) => look.split(' ')[0])).size, Math.min(7, looks.length));
});

test('liveText: a line a measure; what is no number is a cross', () => {
  assert.equal(
    liveText(epochs, 5),
    [
      'epoch 2 of 5',
      'crossEntropy       ▁×  0.5 → NaN',
      'msl/<tap>          ▁▁  0.1 → 0.1',
      'training accuracy  ▁▁  25 → 25 %',
      'gradient norm      █▁  0.9 → 0.4',
    ].join('\n'),
  );
  assert.equal(liveText([], 5), 'epoch 0 of 5');
});

test('spriteSheet: the images in their order, and only some where few are wanted', () => {
  const { data, width, height } = PNG.sync.read(Buffer.from(sprites.source.split(',')[1]!, 'base64'));
  assert.deepEqual([width, height, sprites.columns, sprites.places], [4, 4, 2, [0, 1, 2, 3]]);
  // Image 13 is at the second row and column; its first pixel is bytes 156 to 158.
  const at = (2 * 4 + 2) * 4;
  assert.deepEqual([...data.subarray(at, at + 3)], [156, 157, 158]);
  assert.deepEqual(spriteSheet(images, indices, 2).places, [0, -1, 1, -1]);
  const large = { ...{ n: 1, height: 128, width: 128, channels: 1 }, images: new Uint8Array(128 * 128) };
  large.images.fill(200, 0, 64 * 128);
  const small = spriteSheet(large, [0]);
  assert.deepEqual([small.width, small.height], [64, 64]);
  const pixels = PNG.sync.read(Buffer.from(small.source.split(',')[1]!, 'base64')).data;
  assert.deepEqual([...pixels.subarray(0, 3), pixels.at(-2)], [200, 200, 200, 0]);
});

const quality = { trustworthiness: 0.98765, neighbourAccuracy: 0.5, featureAccuracy: 0.75 };
const embeddings: RunEmbeddings = {
  ...{ dataset: 'cifar10', split: 'test', classes },
  indices: Uint32Array.from(indices),
  labels: Uint8Array.from(labels),
  layers: [
    { run: 'ce', tap: 'stage1', points: first },
    { run: 'ce', tap: 'a,b', points: second },
  ].map(({ run, tap, points }) => ({
    ...{ run, tap, dim: 32 },
    embedding: { method: 'tsne', points, notes: ['perplexity 1'], quality },
  })),
};

test('embeddingCsv: a line a point', () => {
  const lines = embeddingCsv(embeddings).split('\n');
  assert.equal(lines.length, 1 + 8 + 1);
  assert.equal(lines[0], 'run,layer,image,label,class,x,y');
  assert.equal(lines[3], 'ce,stage1,8,0,cat,0.5,0.123456');
  assert.equal(lines[8], 'ce,"a,b",13,2,<frog>,-3,4');
});

test('runEmbeddingsFigure: panels of runs with different numbers of layers stand in whole columns', () => {
  const layer = (run: string, tap: string) => ({ ...embeddings.layers[0]!, run, tap });
  const layers = ['a', 'b', 'c'].map((tap) => layer('ce', tap));
  const { layout } = runEmbeddingsFigure({
    ...embeddings,
    layers: [...layers, layer('msl', 'a'), layer('msl', 'b')],
  });
  const axes = layout as Record<string, Partial<LayoutAxis> | undefined>;
  const left = ['xaxis', 'xaxis2', 'xaxis3', 'xaxis4', 'xaxis5'].map((axis) => axes[axis]!.domain![0]);
  assert.equal(left[3], 0, 'a row of panels a run');
  assert.deepEqual(left.slice(3), left.slice(0, 2));
});

test('epochsScatter: as many epochs as there is room for, from the first to the last; one alone, too', () => {
  const of = (epochs: readonly number[]) =>
    ({
      ...{ dataset: 'cifar10', split: 'test', indices, labels, classes, epochs },
      layers: [
        {
          ...{ run: 'ce', tap: 'a,b' },
          embeddings: epochs.map(() => ({ points: first, notes: [], quality })),
        },
      ],
    }) as unknown as EpochEmbeddings;
  const titles = (epochs: readonly number[]) =>
    epochsScatter(of(epochs)).layout.annotations?.map(({ text }) => text);
  assert.deepEqual(titles([7]), ['<b>ce, epoch 7</b>']);
  assert.deepEqual(
    titles([0, 1, 2, 3, 4, 5, 6]),
    [0, 2, 4, 6].map((epoch) => `<b>ce, epoch ${epoch}</b>`),
  );
  assert.equal(epochsCsv(of([7])).split('\n')[2], 'ce,"a,b",7,5,1,dog,1,1');
});

test('embeddingPage: one file with the figure, its quality, and how to make it again', async () => {
  const page = await htmlPage(
    embeddingPage(embeddings, { method: 'tsne', sprites, command: 'msl embed <run>' }),
  );
  const markup = page.replaceAll(/<(script|style)[^>]*>.*?<\/\1>/gs, '');
  assert.match(markup, /<h1>t-SNE of ce<\/h1>/);
  assert.match(
    markup,
    /<th scope="row">stage1<\/th><td>32<\/td><td>0\.988<\/td><td>50\.00<\/td><td>75\.00<\/td><td>perplexity 1/,
  );
  assert.match(markup, /<code>msl embed &lt;run&gt;<\/code>/);
  assert.match(
    markup,
    /aria-label="How 4 images of 3 classes move in two dimensions from layer stage1 to a,b: ce\."/,
  );
  assert.match(markup, /role="img" aria-label="4 images in two dimensions/);
  assert.doesNotMatch(markup, /<frog>|(src|href)="(?!data:,")/);
  assert.equal(page.split(sprites.source).length - 1, 1, 'the sheet is there once');
  assert.equal(runEmbeddingsFigure(embeddings).data.length, 6);
});
