import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createStream } from '../../src/engine/random.ts';
import { knnAccuracy, knnPredict, type DotProducts } from '../../src/measures/index.ts';
import { expected } from './fixtures.ts';

/** Unit vectors at these angles (degrees). */
const at = (...degrees: number[]): Float32Array =>
  Float32Array.from(degrees.flatMap((d) => [Math.cos((d * Math.PI) / 180), Math.sin((d * Math.PI) / 180)]));

const slowDots: DotProducts = (a, b, dim) => {
  const [m, n] = [a.length / dim, b.length / dim];
  return Float32Array.from({ length: m * n }, (_, pair) => {
    let dot = 0;
    for (let j = 0; j < dim; j++) dot += a[Math.floor(pair / n) * dim + j]! * b[(pair % n) * dim + j]!;
    return dot;
  });
};

test('knnPredict: neighbours on a circle, worked out by hand', () => {
  // From 0 degrees the order is 5 (A), 10 (B), 20 (B), 60 (A), 90 (A).
  const options = { train: at(90, 60, 20, 10, 5), trainLabels: [0, 0, 1, 1, 0], test: at(0), dim: 2 };
  assert.deepEqual([...knnPredict({ ...options, k: 1 })], [0], 'the nearest');
  assert.deepEqual([...knnPredict({ ...options, k: 2 })], [0], 'one vote each: that of the nearest');
  assert.deepEqual([...knnPredict({ ...options, k: 3 })], [1], 'two of three');
  assert.deepEqual([...knnPredict({ ...options, k: 4 })], [0], 'two each: that of the nearest');
  assert.deepEqual([...knnPredict(options)], [0], 'k = 5 by default: three of five');
});

test('knnPredict: direction counts, length does not', () => {
  const options = { train: Float32Array.of(100, 0, 0.5, 0.5), trainLabels: [0, 1], dim: 2, k: 1 };
  // (1, 1) is nearer to (0.5, 0.5) than to (100, 0) as it stands, and (3, 0.1) is not: both by angle.
  assert.deepEqual([...knnPredict({ ...options, test: Float32Array.of(1, 1, 3, 0.1) })], [1, 0]);
});

test('knnPredict: of equally near training rows the first counts as nearer', () => {
  const options = { train: at(10, -10, 10, 10), test: at(0), dim: 2 };
  // cos(10) and cos(-10) are the same number, so all four are equally near.
  assert.deepEqual([...knnPredict({ ...options, trainLabels: [2, 1, 0, 0], k: 1 })], [2]);
  assert.deepEqual([...knnPredict({ ...options, trainLabels: [2, 1, 0, 0], k: 2 })], [2]);
  assert.deepEqual([...knnPredict({ ...options, trainLabels: [2, 1, 0, 0], k: 4 })], [0]);
});

test('knnPredict: a row of zeros is at distance 1 from every direction and 0 from another row of zeros', () => {
  const train = Float32Array.of(1, 0, 0, 0, 0, 1);
  const options = { train, trainLabels: [0, 1, 2], dim: 2, k: 1 };
  assert.deepEqual([...knnPredict({ ...options, test: Float32Array.of(0, 0) })], [1]);
  // (-1, 0) is 2 from (1, 0), sqrt(2) from (0, 1), 1 from the zero row; (.8, .6) is sqrt(.4) from (1, 0).
  assert.deepEqual([...knnPredict({ ...options, test: Float32Array.of(-1, 0, 0.8, 0.6) })], [1, 0]);
});

test('knnPredict and knnAccuracy agree with scikit-learn', () => {
  const options = {
    train: Float32Array.from(expected.train),
    trainLabels: expected.trainLabels,
    test: Float32Array.from(expected.test),
    testLabels: expected.testLabels,
    dim: expected.dim,
    k: expected.knn.k,
  };
  assert.deepEqual([...knnPredict(options)], expected.knn.predictions);
  assert.equal(knnAccuracy(options), expected.knn.accuracy);
  assert.deepEqual([...knnPredict({ ...options, dotProducts: slowDots })], expected.knn.predictions);
});

test('knnPredict: tiles and blocks leave no row out, whatever their number', () => {
  const stream = createStream(3, 'knn');
  for (const [nTrain, nTest, dim] of [
    [5, 1, 1],
    [6, 3, 2],
    [7, 257, 3],
    [33, 514, 5],
  ] as const) {
    const train = Float32Array.from({ length: nTrain * dim }, () => stream.normal());
    const features = Float32Array.from({ length: nTest * dim }, () => stream.normal());
    const trainLabels = Array.from({ length: nTrain }, () => stream.int(3));
    const blockRows: number[] = [];
    const viaEngine = knnPredict({
      train,
      trainLabels,
      test: features,
      dim,
      // k = 1 in one dimension has ties only, which float32 must break in the same way.
      dotProducts: (a, b, d) => {
        blockRows.push(a.length / d);
        return slowDots(a, b, d);
      },
    });
    assert.deepEqual(
      knnPredict({ train, trainLabels, test: features, dim }),
      viaEngine,
      `${nTrain} x ${nTest}`,
    );
    assert.equal(
      blockRows.reduce((sum, rows) => sum + rows, 0),
      nTest,
    );
    // Each training row is its own nearest neighbour (in one dimension there are two directions only).
    if (dim > 1)
      assert.deepEqual([...knnPredict({ train, trainLabels, test: train, dim, k: 1 })], trainLabels);
  }
});

test('knnAccuracy refuses what it cannot measure', () => {
  const options = { train: at(0, 10), trainLabels: [0, 1], test: at(5), testLabels: [0], dim: 2, k: 1 };
  assert.equal(knnAccuracy({ ...options, trainLabels: [0, 0] }), 1, 'one class');
  assert.throws(() => knnAccuracy({ ...options, k: 3 }), /k is 3; it must be a whole number from 1 to the 2/);
  assert.throws(() => knnAccuracy({ ...options, k: 0 }), /k is 0/);
  assert.throws(
    () => knnAccuracy({ ...options, test: new Float32Array(), testLabels: [] }),
    /test rows: there is no row/,
  );
  assert.throws(
    () => knnAccuracy({ ...options, train: new Float32Array(), trainLabels: [] }),
    /training rows: there is/,
  );
  assert.throws(() => knnAccuracy({ ...options, testLabels: [0, 1] }), /1 rows need 1 labels, not 2/);
  assert.throws(() => knnAccuracy({ ...options, test: Float32Array.of(NaN, 1) }), /value 0 of row 0 is NaN/);
  assert.throws(
    () => knnAccuracy({ ...options, dotProducts: () => new Float32Array(3) }),
    /3 numbers for 1 x 2 pairs/,
  );
});
