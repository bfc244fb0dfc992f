import { tf } from '../../src/engine/tf.ts';
import {
  batchNorm,
  biasAdd,
  categorical,
  dropout,
  fullPrecision,
  randomNormal,
  randomUniform,
  relu,
  splitSeed,
  truncatedNormal,
} from '../../src/engine/index.ts';
import { normal } from './engine.ts';

/** Inputs by the letter under which the operations below take them. */
export const inputs = () => ({
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

export type Inputs = ReturnType<typeof inputs>;

/** Each gives the tensors that are compared; the first is differentiated with respect to all inputs that are float. */
export const OPERATIONS: Readonly<Record<string, (given: Inputs) => tf.Tensor | tf.Tensor[]>> = {
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
  'avgPool over padded borders': ({ x }) => tf.avgPool(x, 3, 1, 'same'),
  'avgPool with a stride, padded on one side': ({ x }) => tf.avgPool(x, [2, 3], [2, 2], 'same'),
  'avgPool3d': ({ x }) => tf.avgPool3d(tf.reshape<tf.Rank.R5>(x, [1, 2, 6, 5, 3]), [2, 3, 2], 1, 'same'),
  'conv2d 1x1 of stride 2 and 3': ({ x, k }) => {
    const images = tf.tile(x, [4, 2, 2, 1]);
    const point = tf.slice4d(k, [1, 1, 0, 0], [1, 1, 3, 4]);
    return tf.concat([tf.reshape(tf.conv2d(images, point, 2, 'same'), [-1]), tf.reshape(tf.conv2d(images, point, [3, 2], 'valid'), [-1])]);
  },
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
  'engine: dropout of whole maps': ({ x, seed }) => dropout(x, { rate: 0.3, seed, noiseShape: [x.shape[0], 1, 1, x.shape[3]] }),
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
  'convolutions: separable, depthwise of stride 2, transposed, 1x1, grouped': ({ x, k }) => {
    const [a, b] = tf.split(tf.conv2d(x, k, 1, 'same'), 2, 3) as [tf.Tensor4D, tf.Tensor4D];
    const [k2, point] = [tf.slice4d(k, [0, 0, 0, 0], [3, 3, 2, 3]), tf.reshape<tf.Rank.R4>(tf.slice(k, 0, 1), [1, 1, 3, 12])];
    return [
      tf.concat([tf.conv2d(a, k2, 1, 'same'), tf.conv2d(b, k2, 1, 'same')], 3),
      tf.separableConv2d(x, k, tf.reshape(tf.slice(k, 0, 1), [1, 1, 12, 3]), 1, 'same'),
      tf.depthwiseConv2d(x, k, 2, 'valid'),
      tf.conv2dTranspose(a, tf.slice4d(k, [0, 0, 0, 0], [3, 3, 3, 2]), [2, 12, 10, 3], 2, 'same'),
      tf.conv2d(x, point, 1, 'valid'),
    ];
  },
  'separableConv2d': ({ x, k }) => tf.separableConv2d(x, k, tf.reshape(tf.slice(k, 0, 1), [1, 1, 12, 3]), 1, 'same'),
  'conv2dTranspose': ({ x, k }) => tf.conv2dTranspose(tf.slice4d(x, [0, 0, 0, 0], [2, 6, 5, 2]), tf.slice4d(k, [0, 0, 0, 0], [3, 3, 3, 2]), [2, 12, 10, 3], 2, 'same'),
  'depthwiseConv2d of stride 2': ({ x, k }) => tf.depthwiseConv2d(x, k, 2, 'valid'),
  'conv1d, conv3d': ({ x, k }) => tf.addN([
    tf.sum(tf.conv1d<tf.Tensor3D>(tf.reshape(x, [2, 30, 3]), tf.reshape(k, [9, 3, 4]), 1, 'valid')),
    tf.sum(tf.square(tf.conv3d(tf.reshape<tf.Rank.R5>(x, [1, 2, 6, 5, 3]), tf.reshape<tf.Rank.R5>(k, [1, 3, 3, 3, 4]), 1, 'same'))),
  ]),
  'poolings: global, grid, overlapping, spatial standard deviation': ({ x }) => [
    tf.concat([
      tf.mean(x, [1, 2]),
      tf.max(x, [1, 2]),
      tf.min(x, [1, 2]),
      tf.sqrt(tf.add(tf.moments(x, [1, 2]).variance, 1e-6)),
      tf.reshape(tf.avgPool(x, [3, 2], [3, 2], 'valid'), [2, -1]),
      tf.reshape(tf.maxPool(x, 3, 2, 'same'), [2, -1]),
      tf.reshape(tf.avgPool(x, 3, 1, 'same'), [2, -1]),
    ], 1),
  ],
  'normalisations: layer, group, unit length': ({ m, x, v }) => {
    const layer = tf.moments(m, 1, true);
    const groups = tf.reshape(tf.tile(x, [1, 1, 1, 2]), [2, 6, 5, 2, 3]);
    const group = tf.moments(groups, [1, 2, 4], true);
    return [
      tf.concat([
        tf.reshape(tf.add(tf.mul(tf.div(tf.sub(m, layer.mean), tf.sqrt(tf.add(layer.variance, 1e-5))), v), v), [-1]),
        tf.reshape(tf.mul(tf.sub(groups, group.mean), tf.rsqrt(tf.add(group.variance, 1e-5))), [-1]),
        tf.reshape(tf.div(m, tf.norm(m, 'euclidean', 1, true)), [-1]),
      ]),
      tf.batchNorm2d(m, v, tf.add<tf.Tensor1D>(1, tf.square(v)), v, v, 1e-3),
    ];
  },
  'activations: relu6, selu, prelu, gelu, swish, mish, softsign': ({ m, v }) => tf.addN([
    tf.relu6(m),
    tf.selu(m),
    tf.prelu<tf.Tensor>(m, v),
    tf.mul(tf.mul(m, 0.5), tf.add(1, tf.erf(tf.div(m, Math.SQRT2)))),
    tf.mul(m, tf.sigmoid(m)),
    tf.mul(m, tf.tanh(tf.softplus(m))),
    tf.div(m, tf.add(1, tf.abs(m))),
    tf.logSigmoid(m),
  ]),
  'elementary functions': ({ m }) => {
    const small = tf.mul(0.9, tf.tanh(m));
    const large = tf.add(1.5, tf.square(m));
    const sum = tf.addN([
      ...[tf.sin(m), tf.cos(m), tf.tan(small), tf.asin(small), tf.acos(small), tf.atan(m), tf.atan2(m, large)],
      ...[tf.sinh(m), tf.cosh(m), tf.asinh(m), tf.acosh(large), tf.atanh(small), tf.expm1(m), tf.log1p(large)],
      ...[tf.reciprocal(large), tf.squaredDifference(m, 0.5), tf.mod(m, 0.7)],
    ]);
    return [sum, tf.sign(m), tf.floor(m), tf.ceil(m), tf.round(m), tf.floorDiv(m, 0.7), tf.divNoNan(m, large), tf.onesLike(m)];
  },
  'pairs: Gram matrix, distances, masks, hardest ones': ({ m, labels }) => {
    const lengths = tf.sum(tf.square(m), 1, true);
    const squared = tf.relu(tf.sub(tf.add(lengths, tf.transpose(lengths)), tf.mul(2, tf.matMul(m, m, false, true))));
    const same = tf.cast(tf.equal(tf.expandDims(labels, 0), tf.expandDims(labels, 1)), 'float32');
    const distances = tf.sqrt(tf.add(squared, 1e-6));
    return [
      tf.addN([
        tf.sum(tf.mul(same, squared)),
        tf.sum(tf.square(tf.relu(tf.sub(1.4, tf.mul(tf.sub(1, same), distances))))),
        tf.sum(tf.max(tf.sub(tf.mul(same, distances), tf.mul(tf.sub(1, same), 1e3)), 1)),
        tf.sum(tf.logSumExp(tf.sub(tf.neg(squared), tf.mul(tf.eye(4), 1e9)), 1)),
        tf.mean(tf.losses.cosineDistance(tf.slice(m, 0, 2), tf.slice(m, 2, 2), 1)),
      ]),
      // But the diagonal, where the root magnifies how a processor rounds.
      tf.mul(distances, tf.sub(1, tf.eye(4))),
    ];
  },
  'losses of tf.losses, label smoothing': ({ m, n, labels }) => {
    const target = tf.oneHot(labels, 6).toFloat();
    return tf.addN([
      tf.losses.absoluteDifference(m, n),
      tf.losses.huberLoss(m, n),
      tf.losses.hingeLoss(target, m),
      tf.losses.logLoss(target, tf.sigmoid(m)),
      tf.losses.sigmoidCrossEntropy(target, m),
      tf.losses.softmaxCrossEntropy(target, m, undefined, 0.1),
    ]);
  },
  'gather along an axis and with two indices, scatter, sparse': ({ m, labels }) => [
    tf.gather(m, tf.tensor2d([0, 2, 5, 5], [2, 2], 'int32'), 1),
    tf.gatherND(m, tf.tensor2d([0, 1, 3, 5], [2, 2], 'int32')),
    tf.scatterND(tf.expandDims(labels, 1), m, [6, 6]),
    tf.tensorScatterUpdate(tf.zeros([6, 6]), tf.tensor2d([1, 3, 5, 0], [4, 1], 'int32'), m),
    tf.bincount(labels, tf.ones([4]), 6),
  ],
  'cumsum that is exclusive and from behind, cumprod, prod': ({ m }) => [
    tf.add(tf.cumsum(m, 1, true, true), tf.prod(m, 1, true)),
    tf.cumprod(m, 1, true),
    tf.argMin(m, 0),
  ],
  'einsum, dot, outer product, batches of matrices': ({ m, n, v, w, x }) => [
    tf.addN([tf.dot(v, v), tf.sum(tf.square(tf.outerProduct(v, v))), tf.sum(tf.square(tf.matMul(tf.reshape(x, [2, 18, 5]), tf.reshape(x, [2, 18, 5]), false, true)))]),
    tf.einsum('ij,jk->ik', m, w),
    tf.einsum('bij,bkj->bik', tf.stack([m, n]), tf.stack([n, m])),
  ],
  'norms: 1, infinity, of rows': ({ m }) => tf.addN([tf.norm(m, 1), tf.norm(m, Infinity), tf.sum(tf.norm(m, 2, 1))]),
  'mirrored borders': ({ x }) => tf.concat([
    tf.mirrorPad(x, [[0, 1], [0, 0], [2, 3], [0, 2]], 'reflect'),
    tf.mirrorPad(x, [[1, 0], [0, 0], [5, 0], [2, 0]], 'symmetric'),
  ], 1),
  'mirrored borders of no width': ({ m }) => tf.mul(tf.mirrorPad(m, [[0, 0], [0, 0]], 'symmetric'), tf.exp(m)),
  'resizeBilinear, between corners and half pixels': ({ x }) => tf.concat([
    tf.image.resizeBilinear(x, [3, 9]),
    tf.image.resizeBilinear(x, [3, 9], true),
    tf.image.resizeBilinear(x, [3, 9], false, true),
  ], 1),
  'resizeNearestNeighbor, between corners and half pixels': ({ x }) => tf.concat([
    tf.image.resizeNearestNeighbor(x, [7, 3]),
    tf.image.resizeNearestNeighbor(x, [7, 3], true),
    tf.image.resizeNearestNeighbor(x, [7, 3], false, true),
  ], 1),
  'dilation2d': ({ x, k }) => tf.dilation2d(x, tf.slice3d(tf.reshape(k, [3, 3, 12]), [0, 0, 2], [3, 3, 3]), 1, 'same'),
  'images: resizing, flipping, cropping, mirrored borders': ({ x }) => [
    tf.concat([
      tf.reshape(tf.image.resizeBilinear(tf.slice4d(x, [0, 0, 0, 0], [2, 5, 5, 3]), [7, 4]), [-1]),
      tf.reshape(tf.image.resizeNearestNeighbor(x, [12, 10]), [-1]),
      tf.reshape(tf.reverse(x, 2), [-1]),
      tf.reshape(tf.slice(x, [0, 1, 1, 0], [2, 4, 4, 3]), [-1]),
      tf.reshape(tf.mirrorPad(x, [[0, 0], [1, 1], [1, 1], [0, 0]], 'reflect'), [-1]),
    ]),
    tf.image.flipLeftRight(x),
    tf.image.cropAndResize(x, tf.tensor2d([[0, 0, 0.5, 1]]), tf.tensor1d([1], 'int32'), [3, 3]),
  ],
  'stridedSlice, broadcastTo, spaceToBatchND, depthToSpace, diag': ({ m, v, x }) => [
    tf.broadcastTo(v, [3, 6]),
    tf.stridedSlice(m, [0, 1], [4, 6], [2, 2]),
    tf.spaceToBatchND(tf.slice(x, 0, [2, 6, 4, 3]), [2, 2], [[0, 0], [0, 0]]),
    tf.depthToSpace(tf.slice4d(tf.tile(x, [1, 1, 1, 2]), [0, 0, 0, 0], [2, 6, 5, 4]), 2),
    tf.diag(v),
  ],
  'fused matMul and conv2d, with bias and activation': ({ x, k, m, w, c }) => [
    tf.fused.matMul({ a: m, b: w, bias: c, activation: 'relu' }),
    tf.fused.conv2d({ x, filter: tf.slice(k, 0, [3, 3, 3, 3]), strides: 1, pad: 'same', bias: c, activation: 'relu' }),
  ],
  'fused conv2d': ({ x, k, c }) => tf.fused.conv2d({ x, filter: tf.slice(k, 0, [3, 3, 3, 3]), strides: 1, pad: 'same', bias: c, activation: 'relu' }),
  'grads of grads': ({ m }) => tf.grad((u) => tf.sum(tf.square(tf.grad((t) => tf.sum(tf.mul(tf.mul(t, t), t)))(u))))(m),
}; // prettier-ignore
