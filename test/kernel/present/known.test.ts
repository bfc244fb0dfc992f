import assert from 'node:assert/strict';
import { test } from 'node:test';

import { tensor, zeros, memory, setBackend } from '@tensorflow/tfjs';

import { present, presentMetadata } from '../../../src/kernel/present/index.ts';

const PLOTLY = 'application/vnd.plotly.v1+json';

test('tensors: type, shape, range, values, and no tensor left behind', async () => {
  await setBackend('cpu');
  const matrix = tensor([
    [1, 2],
    [3, 6],
  ]);
  const { numTensors } = memory();
  const bundle = present(matrix);
  // (1 + 2 + 3 + 6) / 4 = 3
  assert.equal(bundle['text/plain'], 'Tensor float32 [2, 2] · min 1, mean 3, max 6\n[[1, 2],\n [3, 6]]');
  assert.match(String(bundle['text/html']), /<tr><th>1<\/th><td>3<\/td><td>6<\/td><\/tr>/);
  assert.match(String(present(tensor([1, NaN]))['text/plain']), /min 1, mean 1, max 1, 1 NaN/);
  assert.match(String(present(tensor([true, false]))['text/html']), /<td>true<\/td><td>false<\/td>/);
  assert.match(String(present(tensor(['<a>']))['text/html']), /<td>&#60;a&#62;<\/td>/);
  assert.equal(memory().numTensors, numTensors + 3);
  assert.ok(!('text/html' in present(tensor(3))));
  const wide = String(present(zeros([100, 100]))['text/html']);
  assert.equal(wide.match(/<tr>/g)?.length, 1 + 11);
  assert.equal(wide.match(/<td>/g)?.length, 11 * 11);
  matrix.dispose();
  assert.equal(present(matrix)['text/plain'], 'Tensor float32 [2, 2] (disposed)');
});

test('a tensor in a list or an object is named there, and unfolds to its values', () => {
  const { 'text/plain': text, 'text/html': html } = present({ loss: tensor(0.5), weights: [tensor([1, 2])] });
  assert.equal(
    text,
    [
      '{ loss: Tensor float32 [], weights: Array(1) }',
      '  loss: Tensor float32 []',
      '  weights: Array(1) [Tensor float32 [2]]',
    ].join('\n'),
  );
  assert.match(String(html), /Tensor float32 \[2\] · min 1, mean 1\.5, max 2\n\[1, 2\]/);
  const gone = tensor([1]);
  gone.dispose();
  assert.match(String(present([gone])['text/plain']), /^Array\(1\) \[Tensor float32 \[1\] \(disposed\)\]/);
});

test('a tensor of many axes shows its first lines', () => {
  const lines = String(present(zeros([8, 8, 8, 3]))['text/plain']).split('\n');
  assert.match(lines[0]!, /^Tensor float32 \[8, 8, 8, 3\] · min 0/);
  assert.equal(lines[1], '[[[[0, 0, 0],');
  assert.equal(lines.length, 1 + 12 + 1);
  assert.equal(lines.at(-1), '…');
  // What is short stays whole.
  assert.match(String(present(zeros([2, 2, 2]))['text/plain']), /\]\]\]$/);
});

test('of a large tensor only a few elements are fetched', () => {
  const large = zeros([1001, 1000]);
  const { numTensors } = memory();
  assert.throws(() => {
    // The whole tensor: its own dataSync, unlike that of the slice.
    large.dataSync = () => {
      throw new Error('fetched');
    };
    large.dataSync();
  });
  assert.equal(
    present(large)['text/plain'],
    'Tensor float32 [1001, 1000] · 1,001,000 elements, the first: 0, 0, 0, 0, 0, 0, …',
  );
  assert.equal(memory().numTensors, numTensors);
});

test('frames: escaped, missing values empty, dates, abbreviated both ways', () => {
  const frame = {
    columns: ['run', 'error', 'when'],
    index: [0, 1, 2],
    values: [
      ['<CE>', 38.61234567, new Date('2020-01-02')],
      [null, NaN, new Date('2020-01-02T03:04:05Z')],
      [undefined, 5, new Date(NaN)],
    ],
    toString: () => 'as text',
  };
  const bundle = present(frame, { caption: 'Errors <1>' });
  const html = String(bundle['text/html']);
  assert.equal(bundle['text/plain'], 'Errors <1>\nas text');
  assert.match(html, /Errors &#60;1&#62;<\/caption>/);
  assert.match(html, /<th style="text-align:left">run<\/th><th>error<\/th>/);
  assert.match(html, /&#60;CE&#62;<\/td><td style="text-align:right">38.6123<\/td>/);
  assert.match(html, />2020-01-02<.*>2020-01-02 03:04:05<.*>Invalid Date</);
  assert.match(html, /<th>1<\/th><td style="text-align:left"><\/td><td style="text-align:right">NaN</);
  const large = {
    columns: Array.from({ length: 50 }, (_, j) => `c${j}`),
    index: Array.from({ length: 1e5 }, (_, i) => i),
    values: Array.from({ length: 1e5 }, () => Array.from({ length: 50 }, (_, j) => j)),
  };
  const shown = String(present(large)['text/html']);
  assert.equal(shown.match(/<tr>/g)?.length, 1 + 21);
  assert.match(shown, /<th>c9<\/th><th>…<\/th><th>c40<\/th>/);
  assert.match(shown, /100,000 rows × 50 columns/);
});

test('a series has one column, whose name stands alone in danfojs', () => {
  const html = String(present({ columns: 'v', index: ['a', 'b'], values: [1, 2] })['text/html']);
  assert.match(html, /<th>v<\/th>.*<th>b<\/th><td style="text-align:right">2</);
});

test('readable numbers stand to the right like the others', () => {
  const right = (values: string[]) =>
    String(present({ columns: 'v', index: values, values })['text/html']).match(/text-align:right/g)?.length;
  assert.equal(right(['12.3', '+0.23', '−4', '1,213', '1.19e-7', '6e+12', '37.9 %', '3.1 ± 0.2', '–']), 9);
  assert.equal(right(['e7', '12 s', '3 ±']), undefined);
});

test('figures: strictly those, with plain arrays, and no HTML in the way of their picture', () => {
  const bundle = present({
    data: [{ y: new Float32Array([1, 2]) }, { type: 'bar', y: [1] }],
    layout: { width: 300 },
  });
  assert.deepEqual(Object.keys(bundle), [PLOTLY, 'text/plain']);
  assert.equal(bundle['text/plain'], '[figure: scatter, bar]');
  const figure = bundle[PLOTLY] as {
    data: { y: number[] }[];
    layout: object;
    config: { showSendToCloud: boolean };
  };
  assert.deepEqual(figure.data[0], { y: [1, 2] });
  assert.deepEqual(figure.layout, { width: 300, height: 450 });
  assert.equal(figure.config.showSendToCloud, false);
  const narrow = present({
    data: [{ y: [1] }],
    layout: {},
    narrowLayout: { width: 330 },
    description: 'One.',
  });
  const { narrowLayout } = narrow[PLOTLY] as { narrowLayout: object };
  assert.deepEqual(narrowLayout, { width: 330 });
  for (const value of [
    { data: [] },
    { data: [1, 2] },
    { data: [{ x: 1 }], status: 'ok' },
    { data: [{ id: 1 }], layout: {} },
    { data: { x: [1] }, layout: {} },
    { data: [{ x: 1 }], layout: null, status: 1 },
  ]) {
    assert.ok(!(PLOTLY in present(value)), JSON.stringify(value));
  }
});

test('pictures are known by their first bytes', () => {
  const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
  const type = (text: string) => Object.keys(present(bytes(text)))[0];
  assert.equal(type('\x89PNG\r\n\x1a\n'), 'image/png');
  assert.equal(type('\xff\xd8\xff\xe0'), 'image/jpeg');
  assert.equal(type('GIF89a..'), 'image/gif');
  assert.equal(type('RIFF....WEBPVP8 '), 'image/webp');
  assert.equal(type('<?xml version="1.0"?>\n<!-- <a> --><svg xmlns="">'), 'image/svg+xml');
  assert.equal(type('\xef\xbb\xbf <svg>'), 'image/svg+xml');
  for (const other of ['RIFF....WAVE', '<html><svg>', 'BM', '']) assert.equal(type(other), 'text/plain');
  const png = bytes('\x89PNG\r\n\x1a\n');
  assert.equal(present(png)['image/png'], Buffer.from(png).toString('base64'));
  assert.deepEqual(presentMetadata(present(png), { width: 80 }), { 'image/png': { width: 80 } });
  assert.deepEqual(presentMetadata(present(png)), {});
});
