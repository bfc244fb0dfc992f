import assert from 'node:assert/strict';
import { test } from 'node:test';

import { distancesSection } from '../../src/report/pages/runPage.ts';

/** Of each image, by its class: unit length after scaling. */
const section = (labels: Uint8Array, features: readonly (readonly [number, number])[]) =>
  distancesSection({
    labels,
    taps: { stage1: { dim: 2, values: Float32Array.from([...labels].flatMap((label) => features[label]!)) } },
  }).figures['distances']!;

test('distances are of all test images, also where these are sorted by class', () => {
  // Two classes in one direction, and behind 2,000 of their images a third one at a right angle to them: √2 away.
  const labels = Uint8Array.from({ length: 3000 }, (_, i) => Math.floor(i / 1000));
  const { figure, caption } = section(labels, [
    [3, 0],
    [1, 0],
    [0, 0.5],
  ]);
  const different = figure.data[1] as { readonly x: number[]; readonly y: number[] };
  // Of the pairs of different classes two thirds hold an image of the third one.
  assert.ok(Math.abs(different.y.at(-1)! - 200 / 3) < 1, String(different.y.at(-1)));
  assert.ok(Math.abs(different.x.at(-1)! - Math.SQRT2) < 0.05);
  assert.match(caption, /of 3,000 test images, 200,000 pairs of each kind, drawn at random\./);
});

test('of few images all pairs are measured', () => {
  const { caption } = section(Uint8Array.of(0, 0, 1), [
    [1, 0],
    [0, 1],
  ]);
  assert.match(caption, /of 3 test images, all pairs\./);
});
