import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { PNG } from 'pngjs';

import { encodePng } from '../../src/data/index.ts';
import { confusionOf, predictionsFigure, surestMistakes } from '../../src/report/index.ts';

/** Three images of one pixel, of which two are taken for another class. Logits are logarithms of odds. */
const images = {
  images: Uint8Array.of(10, 20, 30, 40, 50, 60, 70, 80, 90, 1, 2, 3),
  labels: Uint8Array.of(1, 0, 1, 0),
  classes: ['cat', 'dog'],
  ...{ n: 4, height: 1, width: 1, channels: 3 as const },
};
const features = {
  // The first image of the part is not among them.
  indices: Uint32Array.of(1, 2, 3),
  labels: Uint8Array.of(0, 1, 0),
  classes: ['cat', 'dog'],
  logits: { values: Float32Array.of(0, Math.log(3), Math.log(9), 0, 1, 0), dim: 2 },
};

test('an image counts for the class of its largest logit', () => {
  assert.deepEqual(confusionOf(features).counts, [
    [1, 1],
    [1, 0],
  ]);
});

test('the surest mistake comes first, with its picture', () => {
  const mistakes = surestMistakes(features, images, 5);
  assert.deepEqual(
    mistakes.map(({ label, predicted }) => [label, predicted]),
    [
      ['dog', 'cat'],
      ['cat', 'dog'],
    ],
  );
  // 9 : 1 and 3 : 1.
  assert.ok(Math.abs(mistakes[0]!.probability - 0.9) < 1e-6);
  assert.ok(Math.abs(mistakes[1]!.probability - 0.75) < 1e-6);
  const png = PNG.sync.read(Buffer.from(mistakes[0]!.image.split(',')[1]!, 'base64'));
  assert.deepEqual([...png.data], [70, 80, 90, 255]);
  assert.equal(surestMistakes(features, images, 1).length, 1);
});

test('a picture is shown as the network gets it: its middle, in its size', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'msl-predictions-'));
  try {
    const file = path.join(folder, 'wide.png');
    // Three pixels side by side, of which a square network sees the middle one.
    writeFileSync(
      file,
      encodePng(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9), { height: 1, width: 3, channels: 3 }),
    );
    const predictions = [{ image: file, classes: [{ name: 'cat', probability: 0.75 }] }];
    const { layout, description } = await predictionsFigure(predictions, images);
    const { source } = layout.images![0]!;
    assert.deepEqual([...PNG.sync.read(Buffer.from(source!.split(',')[1]!, 'base64')).data], [4, 5, 6, 255]);
    assert.equal(description, 'Pictures and what a network takes them for: cat (75 %).');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
