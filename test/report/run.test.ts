import assert from 'node:assert/strict';
import { test } from 'node:test';

import { calibrationSection, distancesSection } from '../../src/report/pages/runPage.ts';

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

test('calibration is of the test images, with its error and which way it points', () => {
  // Confidence 0.9 of each of ten images, eight of them right.
  const labels = Uint8Array.from({ length: 10 }, (_, i) => (i < 8 ? 0 : 1));
  const values = Float32Array.from({ length: 20 }, (_, at) => (at % 2 === 0 ? Math.log(9) : 0));
  const { figure, caption } = calibrationSection({ labels, classes: ['a', 'b'], logits: { values, dim: 2 } })
    .figures['reliability']!;
  assert.match(caption, /^Of 10 test images .* 10\.00 points above its accuracy\.$/);
  assert.match(figure.description, /error 10\.00 %.*: 10 of confidence 90\.00 %: 80\.00 % right\.$/);
  const [right, diagonal, images] = figure.data as { readonly x: number[]; readonly y: number[] }[];
  assert.deepEqual([right!.y, diagonal!.y, images!.y], [[80], [0, 100], [100]]);
  // The bin of 13/15 to 14/15.
  assert.ok(Math.abs(right!.x[0]! - 90) < 1e-6);
});
