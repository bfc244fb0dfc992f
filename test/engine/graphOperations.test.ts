import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import * as tf from '@tensorflow/tfjs';

import {
  batchNorm,
  biasAdd,
  categorical,
  createStream,
  dropout,
  fullPrecision,
  graphFunction,
  randomNormal,
  randomUniform,
  relu,
  splitSeed,
  truncatedNormal,
} from '../../src/engine/index.ts';
import { assertClose, engineUnderTest, withoutLeak } from '../support/engine.ts';

before(async () => {
  await engineUnderTest();
});

const normal = <R extends tf.Rank>(shape: tf.ShapeMap[R], name: string): tf.Tensor<R> => {
  const stream = createStream(1, name);
  const size = (shape as number[]).reduce((a, b) => a * b, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, () => stream.normal()),
    shape,
  );
};

/** Inputs by the letter under which the operations below take them. */
const inputs = () => ({
  /** `[4, 6]` */
  m: normal<tf.Rank.R2>([4, 6], 'm'),
  /** `[4, 6]` */
  n: normal<tf.Rank.R2>([4, 6], 'n'),
  /** `[6, 3]` */
  w: normal<tf.Rank.R2>([6, 3], 'w'),
  /** `[6]` */
  v: normal<tf.Rank.R1>([6], 'v'),
  /** `[2, 6, 5, 3]` */
  x: normal<tf.Rank.R4>([2, 6, 5, 3], 'x'),
  /** `[3, 3, 3, 4]` */
  k: normal<tf.Rank.R4>([3, 3, 3, 4], 'k'),
  /** `[3]` */
  c: normal<tf.Rank.R1>([3], 'c'),
  /** `[4] int32` */
  labels: tf.tensor1d([0, 2, 5, 2], 'int32'),
  seed: tf.tensor1d([3, 4], 'int32'),
});

/** A condition has no gradient in TensorFlow.js, so it must not lead back to an input. */
const positive = (x: tf.Tensor) => tf.customGrad((u) => ({ value: tf.greater(u as tf.Tensor, 0), gradFunc: (dy: tf.Tensor) => tf.zerosLike(dy) }))(x); // prettier-ignore

type Inputs = ReturnType<typeof inputs>;

/** Each gives the tensors that are compared; the first is differentiated with respect to all inputs that are float. */
const OPERATIONS: Readonly<Record<string, (given: Inputs) => tf.Tensor | tf.Tensor[]>> = {
  'add, sub, mul, div': ({ m, n, v }) => [tf.add(m, v), tf.sub(m, n), tf.mul(m, v), tf.div(m, tf.add(1, tf.square(n)))],
  'neg, square, sqrt, rsqrt, exp, log': ({ m }) => {
    const p = tf.add(1, tf.square(m));
    return tf.add(tf.add(tf.neg(m), tf.sqrt(p)), tf.add(tf.rsqrt(p), tf.add(tf.exp(m), tf.log(p))));
  },
  'maximum, minimum, abs, pow': ({ m, n }) => tf.add(tf.maximum(m, n), tf.add(tf.minimum(m, 0), tf.add(tf.abs(n), tf.pow(m, 2)))),
  'clipByValue, where, greater, step': ({ m, n }) => tf.add(tf.clipByValue(m, -0.5, 0.5), tf.where(positive(m), n, tf.step(n))),
  'sum, mean, max, min over axes': ({ m }) => [
    tf.add(tf.sum(m), tf.add(tf.mean(tf.mean(m, 0)), tf.sum(tf.max(m, 1)))),
    tf.sum(m, 1, true),
    tf.mean(m, [0, 1]),
    tf.min(m, 0),
  ],
  'moments, norm': ({ m }) => {
    const { mean, variance } = tf.moments(m, 0);
    return tf.add(tf.sum(variance), tf.add(tf.sum(mean), tf.norm(m)));
  },
  'matMul, transposed on either side': ({ m, n, w }) => [
    tf.matMul(m, w),
    tf.matMul(m, n, false, true),
    tf.matMul(m, n, true),
    tf.matMul(w, m, true, true),
  ],
  'transpose, reshape, expandDims, squeeze': ({ x }) => tf.squeeze(tf.expandDims(tf.reshape(tf.transpose(x, [0, 3, 1, 2]), [6, 30]), 0)),
  'stack, unstack, concat, slice, split': ({ m, n }) => {
    const [first, second] = tf.split(m, 2, 1);
    return tf.concat([tf.stack([m, n]), tf.stack([n, tf.concat([second!, first!], 1)])], 2).slice([0, 1, 0], [2, 2, 5]);
  },
  'tile, pad, gather, reverse': ({ m, labels }) => tf.add(tf.reverse(tf.gather(tf.pad(tf.tile(m, [2, 1]), [[0, 1], [1, 0]]), labels), 1), 1), // prettier-ignore
  'oneHot, cast, equal, argMax': ({ m, labels }) => [
    tf.mul(m, tf.cast(tf.oneHot(labels, 6), 'float32')),
    tf.cast(tf.equal(tf.argMax(m, 1), labels), 'float32'),
    tf.oneHot(labels, 6),
  ],
  'softmax, logSoftmax, logSumExp': ({ m }) => tf.add(tf.add(tf.softmax(m), tf.logSoftmax(m)), tf.logSumExp(m)),
  'relu, leakyRelu, elu, sigmoid, tanh, softplus': ({ m }) => tf.add(tf.add(tf.relu(m), tf.leakyRelu(m)), tf.add(tf.elu(m), tf.add(tf.sigmoid(m), tf.add(tf.tanh(m), tf.softplus(m))))),
  'unsortedSegmentSum': ({ m, labels }) => tf.unsortedSegmentSum(m, labels, 6),
  'cumsum, topk': ({ m }) => [tf.cumsum(m, 1), tf.topk(m, 2).values, tf.topk(m, 2).indices],
  'zeros, ones, fill, zerosLike, linspace, range, eye': ({ m }) => tf.add(m, tf.add(tf.zerosLike(m), tf.add(tf.fill([4, 6], 2), tf.add(tf.add(tf.zeros([6]), tf.ones([4, 1])), tf.add(tf.range(0, 6), tf.slice(tf.eye(6), 0, 4)))))),
  'conv2d: same and valid, strides, dilations': ({ x, k }) => [
    tf.conv2d(x, k, 1, 'same'),
    tf.conv2d(x, k, 2, 'same'),
    tf.conv2d(x, k, 1, 'valid'),
    tf.conv2d(x, k, 1, 'same', 'NHWC', 2),
  ],
  'conv2d of stride 2, its gradient': ({ x, k }) => tf.conv2d(x, k, 2, 'valid'),
  'depthwiseConv2d': ({ x, k }) => tf.depthwiseConv2d(x, k, 1, 'same'),
  'maxPool, avgPool': ({ x }) => tf.add(tf.maxPool(x, 2, 2, 'same'), tf.avgPool(x, 2, 2, 'same')),
  'batchNorm4d': ({ x, c }) => tf.batchNorm4d(x, c, tf.add<tf.Tensor1D>(1, tf.square(c)), c, c, 1e-3),
  'localResponseNormalization': ({ x }) => tf.localResponseNormalization(x, 1),
  'engine: relu, biasAdd': ({ x, c }) => relu(biasAdd(x, c)),
  'engine: batchNorm': ({ x, c }) => {
    const { y, mean, variance } = batchNorm(x, c, c, 1e-3);
    const statistics = [tf.clone(mean), tf.clone(variance)];
    tf.dispose([mean, variance]);
    return [y, ...statistics];
  },
  'engine: fullPrecision': ({ m, n }) => fullPrecision({ a: tf.mul(m, n) }).a,
  'engine: dropout': ({ m, seed }) => dropout(m, { rate: 0.3, seed }),
  'engine: random tensors': ({ seed }) => {
    const [a, b] = splitSeed(seed, 2);
    return [
      randomNormal([5, 3], { seed: a!, mean: 1, stddev: 2 }),
      randomUniform([7], { seed: b!, min: -1, max: 3 }),
      truncatedNormal([9], { seed }),
      randomNormal([3], { seed: 5 }),
      tf.cast(categorical(tf.log(tf.tensor2d([[0.1, 0.9], [0.5, 0.5]])), { seed, samples: 4 }), 'float32'), // prettier-ignore
    ];
  },
  'customGrad': ({ m }) => tf.customGrad((u, save) => {
    (save as unknown as (tensors: tf.Tensor[]) => void)([u as tf.Tensor]);
    return { value: tf.square(u as tf.Tensor), gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) => tf.mul(dy, tf.sign(saved!)) };
  })(m),
  'losses': ({ m, n, labels }) => tf.add(tf.losses.softmaxCrossEntropy(tf.cast(tf.oneHot(labels, 6), 'float32'), m), tf.losses.meanSquaredError(n, m)),
  'grads of grads': ({ m }) => tf.grad((u) => tf.sum(tf.square(tf.grad((t) => tf.sum(tf.mul(tf.mul(t, t), t)))(u))))(m),
}; // prettier-ignore

describe('graphFunction against eager code: values, and gradients with respect to every input', () => {
  for (const [name, operation] of Object.entries(OPERATIONS)) {
    test(name, () => {
      withoutLeak(() => {
        const given = inputs();
        const float = (Object.keys(given) as (keyof Inputs)[]).filter(
          (key) => given[key].dtype === 'float32',
        );
        const withGradients = (values: Inputs) => {
          const results = [operation(values)].flat();
          const loss = (...tensors: tf.Tensor[]) => {
            const substituted = {
              ...values,
              ...Object.fromEntries(float.map((key, i) => [key, tensors[i]!])),
            };
            const [first] = [operation(substituted)].flat();
            // Each input takes part, or there would be no gradient; weights that differ, or those of sums would all be 1.
            const weights = tf.cos(tf.range(0, first!.size));
            const parts = tensors.map((tensor) => tf.mul(tf.sum(tensor), 0.1));
            return tf.addN([tf.sum(tf.mul(tf.reshape(first!, [-1]), weights)), ...parts]) as tf.Scalar;
          };
          return { results, gradients: tf.grads(loss)(float.map((key) => values[key])) };
        };
        tf.tidy(() => {
          const eager = withGradients(given);
          const graph = graphFunction(withGradients);
          for (let call = 0; call < 2; call++) {
            const traced = graph(given);
            for (const part of ['results', 'gradients'] as const) {
              assert.equal(traced[part].length, eager[part].length);
              traced[part].forEach((tensor, i) => {
                const expected = eager[part][i]!;
                assert.deepEqual([tensor.shape, tensor.dtype], [expected.shape, expected.dtype]);
                assertClose(
                  tensor.dataSync(),
                  expected.dataSync(),
                  { relative: 1e-5, absolute: 1e-5 },
                  `${part} ${i}`,
                );
              });
            }
          }
          graph.dispose();
        });
        tf.dispose(Object.values(given));
      });
    });
  }
});
