import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import { tf } from '../../../src/engine/tf.ts';
import {
  assertNoLeak,
  differenceFromCpu,
  normal,
  startBackends,
  valuesOn,
  type Computation,
} from './compare.ts';

before(startBackends);

const x = (): tf.Tensor2D => normal<tf.Rank.R2>([6, 5], 'x');
const y = (): tf.Tensor2D => normal<tf.Rank.R2>([6, 5], 'y');
const positive = (): tf.Tensor2D => tf.add(tf.abs(x()), 0.1);
const features = (): tf.Tensor4D => normal<tf.Rank.R4>([2, 3, 4, 5], 'features');
const labels = (): tf.Tensor1D => tf.tensor1d([1, 0, 2, 1, 1, 0], 'int32');
const indices = (): tf.Tensor1D => tf.tensor1d([3, 0, 2, 3, 1, 5], 'int32');

/** For kernels whose error beside the smallest of their values counts. */
const SMALL = [1e-3, -1e-3, 1e-6, -1e-6, 1e-7, -1e-7, 1e-8, -1e-8, 0];

/** Output of a function and its gradients for an arbitrary output gradient. */
function gradients(f: (...inputs: never[]) => tf.Tensor, ...inputs: tf.Tensor[]): Computation {
  return () => {
    const g = f as (...tensors: tf.Tensor[]) => tf.Tensor;
    const output = g(...inputs);
    return [output, ...tf.grads(g)(inputs, normal(output.shape, 'dy'))];
  };
}

const lazily =
  (f: (...tensors: never[]) => tf.Tensor, ...makers: (() => tf.Tensor)[]): Computation =>
  () =>
    gradients(f, ...makers.map((make) => make()))();

const differentiable: Record<string, Computation> = {
  'gather rows': lazily((a: tf.Tensor2D) => tf.gather(a, indices()), x),
  'gather columns': lazily((a: tf.Tensor2D) => tf.gather(a, tf.tensor1d([0, 4, 4, 2], 'int32'), 1), x),
  'gather nothing': lazily((a: tf.Tensor2D) => tf.gather(a, tf.tensor1d([], 'int32')), x),
  tile: lazily((a: tf.Tensor2D) => tf.tile(a, [2, 3]), x),
  'tile of the whole': lazily((a: tf.Tensor2D) => tf.tile(tf.reshape(a, [1, 1, 6, 5]), [3, 1, 7, 1]), x),
  'tile along rows': lazily((a: tf.Tensor2D) => tf.tile(a, [1, 3]), x),
  'tile once': lazily((a: tf.Tensor2D) => tf.tile(a, [1, 1]), x),
  'tile of a channel each': lazily(
    (a: tf.Tensor2D) => tf.tile(tf.reshape(a, [1, 1, 1, 30]), [3, 5, 7, 1]),
    x,
  ),
  'sum over rows': lazily((a: tf.Tensor2D) => tf.sum(a, 0), x),
  'sum over columns': lazily((a: tf.Tensor2D) => tf.sum(a, 1, true), x),
  'sum over all': lazily((a: tf.Tensor2D) => tf.sum(a), x),
  'mean over positions': lazily((a: tf.Tensor4D) => tf.mean(a, [1, 2]), features),
  'mean over leading axes': lazily((a: tf.Tensor4D) => tf.mean(a, [0, 1, 2], true), features),
  variance: lazily((a: tf.Tensor4D) => tf.moments(a, [0, 1, 2]).variance, features),
  'A B': lazily((a: tf.Tensor2D, b: tf.Tensor2D) => tf.matMul(a, tf.transpose(b)), x, y),
  "A' B": lazily((a: tf.Tensor2D, b: tf.Tensor2D) => tf.matMul(a, b, true), x, y),
  "A B'": lazily((a: tf.Tensor2D, b: tf.Tensor2D) => tf.matMul(a, b, false, true), x, y),
  "A' B'": lazily(
    (a: tf.Tensor2D, b: tf.Tensor2D) => tf.matMul(a, b, true, true),
    () => normal([5, 6], 'a'),
    () => normal([7, 5], 'b'),
  ),
  'batches of products': lazily(
    (a: tf.Tensor3D, b: tf.Tensor3D) => tf.matMul(a, b, true, true),
    () => normal([3, 5, 6], 'a'),
    () => normal([3, 7, 5], 'b'),
  ),
  'cross-entropy on logits': lazily(
    (a: tf.Tensor2D) => tf.losses.softmaxCrossEntropy(tf.oneHot(labels(), 5), a),
    x,
  ),
  'log softmax': lazily((a: tf.Tensor2D) => tf.logSoftmax(a), x),
  'unit length': lazily(
    (a: tf.Tensor2D) => tf.div(a, tf.sqrt(tf.add(tf.sum(tf.square(a), 1, true), 1e-6))),
    x,
  ),
  'pairwise distances': lazily(
    (a: tf.Tensor2D) =>
      tf.sqrt(tf.add(tf.sum(tf.square(tf.sub(tf.expandDims(a, 0), tf.expandDims(a, 1))), 2), 1e-6)),
    x,
  ),
  hinge: lazily((a: tf.Tensor2D) => tf.square(tf.relu(tf.sub(0.5, a))), x),
  maximum: lazily((a: tf.Tensor2D, b: tf.Tensor2D) => tf.maximum(a, b), x, y),
  where: lazily((a: tf.Tensor2D, b: tf.Tensor2D) => tf.where(tf.greater(y(), 0), a, b), x, y),
  logarithm: lazily((a: tf.Tensor2D) => tf.log(a), positive),
  power: lazily((a: tf.Tensor2D) => tf.pow(a, 2.5), positive),
  concatenation: lazily((a: tf.Tensor2D, b: tf.Tensor2D) => tf.concat([a, b], 1), x, y),
  slice: lazily((a: tf.Tensor2D) => tf.slice(a, [1, 2], [3, 2]), x),
  padding: lazily(
    (a: tf.Tensor2D) =>
      tf.pad(a, [
        [1, 0],
        [0, 2],
      ]),
    x,
  ),
  'segment sum': lazily((a: tf.Tensor2D) => tf.unsortedSegmentSum(a, labels(), 4), x),
  'depthwise convolution': lazily(
    (a: tf.Tensor4D, w: tf.Tensor4D) => tf.depthwiseConv2d(a, w, 1, 'same'),
    () => normal([2, 5, 5, 3], 'image'),
    () => normal([3, 3, 3, 2], 'filter'),
  ),
  'transposed convolution': lazily(
    (a: tf.Tensor4D, w: tf.Tensor4D) => tf.conv2dTranspose(a, w, [2, 9, 9, 2], 2, 'same'),
    () => normal([2, 5, 5, 3], 'image'),
    () => normal([3, 3, 2, 3], 'filter'),
  ),
};

const forward: Record<string, Computation> = {
  'tile of integers': () => tf.tile(labels(), [3]),
  'tile of bools': () => tf.tile(tf.greater(x(), 0), [3, 1]),
  'tile of nothing': () => [tf.tile(tf.zeros([0, 3]), [2, 2]), tf.tile(x(), [0, 1])],
  'one-hot': () => tf.oneHot(labels(), 5),
  'arg max': () => [tf.argMax(x(), 1), tf.argMax(x(), 0), tf.argMin(x(), 1)],
  'top k': () => {
    const { values, indices: places } = tf.topk(normal([7, 200], 'k'), 20);
    return [values, places];
  },
  'equality of labels': () => tf.equal(tf.expandDims(labels(), 0), tf.expandDims(labels(), 1)),
  logic: () => tf.logicalAnd(tf.greater(x(), 0), tf.logicalNot(tf.less(y(), 0))),
  'integer sums': () => [
    tf.sum(labels()),
    tf.sum(tf.greater(x(), 0)),
    tf.mean(labels()),
    tf.cumsum(labels()),
  ],
  'integers to bool': () => tf.cast(tf.tensor1d([3, 0, 256, -1], 'int32'), 'bool'),
  'numbers to bool': () => tf.cast(tf.tensor1d([0.3, 0, 256, -1]), 'bool'),
  'transposed bool': () => tf.transpose(tf.greater(x(), 0)),
  'every second integer': () => tf.stridedSlice(labels(), [0], [6], [2]),
  'confusion matrix': () => tf.math.confusionMatrix(labels(), labels(), 3),
  'reductions of nothing': () => [
    tf.sum(tf.zeros([0, 3]), 0),
    tf.sum(tf.zeros([0])),
    tf.mean(tf.zeros([0, 3]), 0),
    tf.sum(tf.zeros([2, 0]), 1),
    tf.any(tf.zeros([0, 3], 'bool'), 0),
    tf.all(tf.zeros([0, 3], 'bool'), 0),
  ],
  'a right factor in another shape than before': () => {
    const data = tf.tensor1d([1, 2, 3, 4, 5, 6]);
    const shaped = [[2, 3], [3, 2], [1, 6], [6, 1], [2, 3]] as [number, number][]; // prettier-ignore
    return tf.concat(
      shaped.map((shape) =>
        tf.reshape(
          tf.matMul(tf.range(0, 2 * shape[0]).reshape([2, shape[0]]), tf.reshape(data, shape)),
          [-1],
        ),
      ),
    );
  },
  'a right factor in another shape than in a fused product before': () => {
    const data = tf.tensor1d([1, 2, 3, 4, 5, 6]);
    const shaped = [[2, 3], [3, 2], [1, 6], [6, 1], [2, 3]] as [number, number][]; // prettier-ignore
    return shaped.flatMap((shape, i) => {
      const a = tf.range(0, 2 * shape[0]).reshape<tf.Tensor2D>([2, shape[0]]);
      const b = tf.reshape<tf.Rank.R2>(data, shape);
      // Both kernels keep what they packed in one place.
      return i === 1 ? [tf.matMul(a, b)] : [tf.fused.matMul({ a, b })];
    });
  },
  'slopes along another axis than the last': () =>
    tf.prelu(tf.sub(tf.range(0, 12).reshape([2, 3, 2]), 8), tf.tensor2d([0.5, 0.25, 2], [3, 1])),
  'products over nothing': () => [
    tf.matMul(tf.zeros([2, 0]), tf.zeros([0, 3])),
    tf.fused.matMul({ a: tf.zeros([2, 0]), b: tf.zeros([0, 3]), bias: tf.ones([3]) }),
  ],
  'fused product with bias': () =>
    tf.fused.matMul({
      a: x(),
      b: normal<tf.Rank.R2>([7, 5], 'b'),
      transposeB: true,
      bias: normal<tf.Rank.R1>([7], 'bias'),
      activation: 'relu',
    }),
  'fused convolution, strides beyond the filter': () =>
    tf.fused.conv2d({
      x: normal<tf.Rank.R4>([2, 6, 5, 3], 'image'),
      filter: normal<tf.Rank.R4>([2, 2, 3, 2], 'filter'),
      strides: 3,
      pad: 'same',
      bias: normal<tf.Rank.R1>([2], 'bias'),
      activation: 'relu',
    }),
  'dilated convolution': () =>
    tf.conv2d(
      normal<tf.Rank.R4>([2, 9, 9, 3], 'image'),
      normal<tf.Rank.R4>([3, 3, 3, 2], 'filter'),
      1,
      'same',
      'NHWC',
      2,
    ),
  ...Object.fromEntries(
    (['log1p', 'sin', 'sign'] as const).map((name) => [
      `${name} of small numbers, each by itself`,
      () => SMALL.map((number) => tf[name](tf.tensor1d([number]))),
    ]),
  ),
  einsum: () => tf.einsum('ij,kj->ik', x(), y()),
};

describe('kernels equal the cpu backend and leave nothing behind', () => {
  for (const [name, computation] of Object.entries({ ...differentiable, ...forward })) {
    test(name, () => {
      const difference = differenceFromCpu(computation);
      assert.ok(difference < 1e-5, `${difference}`);
      assertNoLeak(computation);
    });
  }
});

test('ids outside the segments belong to none', () => {
  const [sums] = valuesOn('wasm', () =>
    tf.unsortedSegmentSum(tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]), tf.tensor1d([1, -1, 4], 'int32'), 3),
  );
  assert.deepEqual([...sums!.values], [0, 0, 1, 2, 0, 0]);
});

test('sums over many rows keep their digits', () => {
  // 0.1 in float32, 65,537 times (an odd number of rows at several halvings). Added one after the other in float32,
  // the sum would be off by about 1e-3 of itself.
  const rows = 65_537;
  const exact = Math.fround(0.1) * rows;
  const [sum, mean] = valuesOn('wasm', () => {
    const a = tf.fill([rows, 3], 0.1);
    return [tf.sum(a, 0), tf.mean(a, 0)];
  });
  for (const value of sum!.values)
    assert.ok(Math.abs(value - exact) < 1e-6 * exact, `${value}, not ${exact}`);
  for (const value of mean!.values) assert.ok(Math.abs(value - Math.fround(0.1)) < 1e-7);
});
