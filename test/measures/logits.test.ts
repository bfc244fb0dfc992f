import assert from 'node:assert/strict';
import { test } from 'node:test';

import { accuracy, crossEntropy, gradientNormLogits } from '../../src/measures/index.ts';
import { assertClose } from './close.ts';
import { expected } from './fixtures.ts';

const rows = (...values: number[]): Float32Array => Float32Array.from(values);

test('gradientNormLogits: two classes, worked out by hand', () => {
  // Equal logits: softmax - onehot = (-1/2, 1/2), of length sqrt(1/2).
  assertClose([gradientNormLogits(rows(7, 7), [0], 2)], [Math.SQRT1_2], 1e-15);
  // Certain and wrong: (1, -1), of length sqrt(2). Certain and right: 0. The mean of the samples is sqrt(1/2).
  assertClose([gradientNormLogits(rows(0, 800, 800, 0), [0, 0], 2)], [Math.SQRT1_2], 1e-15);
  // Three equal classes: (-2/3, 1/3, 1/3), of length sqrt(6)/3.
  assertClose([gradientNormLogits(rows(1, 1, 1), [2], 3)], [Math.sqrt(6) / 3], 1e-15);
});

test('gradientNormLogits keeps its digits in saturation', () => {
  // p_label = 1 - e^-40 + ...: softmax - onehot = e^-40 (-1, 1), though 1 - p_label is 0 in float64.
  const norm = gradientNormLogits(rows(40, 0), [0], 2);
  assertClose([norm / Math.exp(-40)], [Math.SQRT2], 1e-12);
});

test('crossEntropy: worked out by hand, and exact at both ends', () => {
  assertClose([crossEntropy(rows(3, 3, 3, 3), [1], 4)], [Math.log(4)], 1e-15);
  // Right by 40: log(1 + e^-40) = e^-40, which 1 + e^-40 = 1 would lose.
  assertClose([crossEntropy(rows(40, 0), [0], 2) / Math.exp(-40)], [1], 1e-12);
  // Wrong by 1000: not clipped, no overflow.
  assert.equal(crossEntropy(rows(0, 1000), [0], 2), 1000);
  assert.equal(crossEntropy(rows(0, 1000, 1000, 0), [0, 0], 2), 500);
});

test('the three do not change when a constant is added to all logits', () => {
  const logits = rows(0.5, -1, 2, 3, 0, 0.25);
  const shifted = logits.map((x) => x + 64);
  for (const measure of [gradientNormLogits, crossEntropy, accuracy]) {
    assertClose([measure(shifted, [2, 1], 3)], [measure(logits, [2, 1], 3)], 1e-14);
  }
});

test('accuracy: the lowest of equal classes counts', () => {
  assert.equal(accuracy(rows(1, 2, 2, 1, 3, 3), [1, 0, 0], 2), 1);
  assert.equal(accuracy(rows(1, 2, 2, 1, 3, 3), [1, 0, 1], 2), 2 / 3);
});

test('gradientNormLogits, crossEntropy and accuracy agree with SciPy and scikit-learn', () => {
  const logits = Float32Array.from(expected.logits);
  const { logitLabels, classes } = expected;
  assertClose([gradientNormLogits(logits, logitLabels, classes)], [expected.gradientNormLogits], 1e-9);
  assertClose([crossEntropy(logits, logitLabels, classes)], [expected.crossEntropy], 1e-9);
  assert.equal(accuracy(logits, logitLabels, classes), expected.accuracy);
});

test('gradientNormLogits is the length of the gradient of crossEntropy, by central differences', () => {
  const logits = [0.3, -1.2, 0.9];
  // Powers of two, so that float32 holds the steps; the differences are exact to h^2 / 6 = 2.5e-6.
  const h = 2 ** -8;
  const quantised = logits.map((x) => Math.round(x * 256) / 256);
  const slopes = quantised.map((_, c) => {
    const moved = (by: number): Float32Array =>
      Float32Array.from(quantised, (x, j) => (j === c ? x + by : x));
    return (crossEntropy(moved(h), [1], 3) - crossEntropy(moved(-h), [1], 3)) / (2 * h);
  });
  assertClose([gradientNormLogits(Float32Array.from(quantised), [1], 3)], [Math.hypot(...slopes)], 1e-5);
});

test('gradientNormLogits, crossEntropy and accuracy refuse what they cannot measure', () => {
  for (const measure of [gradientNormLogits, crossEntropy, accuracy]) {
    assert.throws(() => measure(rows(), [], 2), /there is no row/);
    assert.throws(() => measure(rows(1, 2), [2], 2), /label 0 is 2; with 2 classes the largest is 1/);
    assert.throws(() => measure(rows(1, 2, NaN, 0), [0, 0], 2), /logit 0 of sample 1 is NaN/);
    assert.throws(() => measure(rows(1, Infinity), [0], 2), /logit 1 of sample 0 is Infinity/);
    assert.throws(() => measure(rows(1, 2), [0, 1], 2), /1 rows need 1 labels/);
  }
  // One class: nothing to be wrong about.
  assert.equal(gradientNormLogits(rows(5), [0], 1), 0);
  assert.equal(crossEntropy(rows(5), [0], 1), 0);
});
