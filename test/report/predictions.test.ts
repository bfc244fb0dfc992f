import assert from 'node:assert/strict';
import { test } from 'node:test';

import { PNG } from 'pngjs';

import { confusionOf, surestMistakes } from '../../src/report/index.ts';

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
