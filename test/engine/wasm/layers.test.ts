import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import { tf } from '../../../src/engine/tf.ts';
import { assertNoLeak, differenceFromCpu, normal, startBackends, type Computation } from './compare.ts';

before(startBackends);

type Layer = (...inputs: tf.Tensor[]) => tf.Tensor;

/** Output of a layer and its gradients for an arbitrary output gradient, on inputs of these shapes. */
function ofShapes(layer: Layer, ...shapes: number[][]): Computation {
  return () => {
    const inputs = shapes.map((shape, i) => normal(shape, `input ${i}`));
    const output = layer(...inputs);
    return [output, ...tf.grads(layer)(inputs, normal(output.shape, 'dy'))];
  };
}

const MAPS = [3, 7, 6, 5];

const activation = (f: (x: tf.Tensor) => tf.Tensor): Computation => ofShapes((x) => f(x), MAPS);

const activations: Record<string, Computation> = {
  relu: activation((x) => tf.relu(x)),
  relu6: activation((x) => tf.relu6(tf.mul(x, 4))),
  'leaky relu': activation((x) => tf.leakyRelu(x, 0.1)),
  elu: activation((x) => tf.elu(x)),
  selu: activation((x) => tf.selu(x)),
  sigmoid: activation((x) => tf.sigmoid(x)),
  'logarithm of the sigmoid': activation((x) => tf.logSigmoid(x)),
  tanh: activation((x) => tf.tanh(x)),
  softplus: activation((x) => tf.softplus(x)),
  'softplus far from 0': activation((x) => tf.softplus(tf.mul(x, 30))),
  swish: activation((x) => tf.mul(x, tf.sigmoid(x))),
  'the error function': activation((x) => tf.mul(x, tf.add(1, tf.erf(x)))),
  'prelu, a slope a channel': ofShapes((x, slope) => tf.prelu(x, slope), MAPS, [5]),
  softmax: activation((x) => tf.softmax(x)),
};

const pooling: Record<string, Computation> = {
  'global average': activation((x) => tf.mean(x, [1, 2])),
  'global maximum': activation((x) => tf.max(x, [1, 2])),
  'standard deviation over positions': activation((x) =>
    tf.sqrt(tf.add(tf.moments(x, [1, 2]).variance, 1e-6)),
  ),
  'average, windows that overlap': activation((x) => tf.avgPool(x as tf.Tensor4D, 3, 2, 'same')),
  'average on a grid': activation((x) => tf.avgPool(x as tf.Tensor4D, [3, 3], [3, 3], 'valid')),
  'maximum, windows that overlap': activation((x) => tf.maxPool(x as tf.Tensor4D, 3, 2, 'same')),
};

const convolve = (strides: number, pad: 'same' | 'valid'): Layer => {
  return (x, w) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, strides, pad);
};
const depthwise = (strides: number, pad: 'same' | 'valid'): Layer => {
  return (x, w) => tf.depthwiseConv2d(x as tf.Tensor4D, w as tf.Tensor4D, strides, pad);
};

const convolutions: Record<string, Computation> = {
  '1 x 1': ofShapes(convolve(1, 'same'), MAPS, [1, 1, 5, 8]),
  '1 x 1, stride 2': ofShapes(convolve(2, 'same'), MAPS, [1, 1, 5, 8]),
  '1 x 1, stride 2, unpadded': ofShapes(convolve(2, 'valid'), MAPS, [1, 1, 5, 8]),
  '5 x 5, one image': ofShapes(convolve(1, 'same'), [1, 7, 6, 5], [5, 5, 5, 2]),
  'as large as the input': ofShapes(convolve(1, 'valid'), MAPS, [7, 6, 5, 4]),
  'depthwise, padded': ofShapes(depthwise(1, 'same'), MAPS, [3, 3, 5, 1]),
  'depthwise, stride 2': ofShapes(depthwise(2, 'same'), MAPS, [3, 3, 5, 1]),
  'depthwise, two filters a channel': ofShapes(depthwise(2, 'valid'), MAPS, [3, 3, 5, 2]),
  'depthwise and 1 x 1': ofShapes(
    (x, w, v) => convolve(1, 'same')(depthwise(1, 'same')(x, w), v),
    MAPS,
    [3, 3, 5, 1],
    [1, 1, 5, 8],
  ),
};

const norms: Record<string, Computation> = {
  'layer norm': ofShapes(
    (x, gain, offset) => {
      const { mean, variance } = tf.moments(x, [1, 2, 3], true);
      const unit = tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-5)));
      return tf.add(tf.mul(unit, gain), offset);
    },
    MAPS,
    [5],
    [5],
  ),
  'group norm': ofShapes(
    (x, gain) => {
      const groups = tf.reshape(x, [3, 7, 6, 2, 2]);
      const { mean, variance } = tf.moments(groups, [1, 2, 4], true);
      const unit = tf.mul(tf.sub(groups, mean), tf.rsqrt(tf.add(variance, 1e-5)));
      return tf.mul(tf.reshape(unit, x.shape), gain);
    },
    [3, 7, 6, 4],
    [4],
  ),
  'batch norm with running statistics': ofShapes(
    (x, gain, offset) =>
      tf.batchNorm(x, tf.tensor1d([0, 1, -1, 0.5, 2]), tf.tensor1d([1, 2, 0.5, 3, 1]), offset, gain, 1e-3),
    MAPS,
    [5],
    [5],
  ),
  'dropout by a mask': ofShapes(
    (x) => tf.div(tf.mul(x, tf.cast(tf.greater(normal(MAPS, 'mask'), 0.3), 'float32')), 0.4),
    MAPS,
  ),
  'a shortcut with more channels': ofShapes((x) => {
    const smaller = tf.avgPool(x as tf.Tensor4D, 1, 2, 'same');
    return tf.pad(smaller, [[0, 0], [0, 0], [0, 0], [1, 2]]); // prettier-ignore
  }, MAPS),
  'flattened, dense': ofShapes(
    (x, w, b) => tf.add(tf.matMul(tf.reshape<tf.Rank.R2>(x, [3, 210]), w as tf.Tensor2D), b),
    MAPS,
    [210, 4],
    [4],
  ),
};

for (const [kind, layers] of Object.entries({ activations, pooling, convolutions, norms })) {
  describe(`${kind}: output and gradients equal the cpu backend, and nothing stays behind`, () => {
    for (const [name, computation] of Object.entries(layers)) {
      test(name, () => {
        const difference = differenceFromCpu(computation);
        assert.ok(difference < 1e-5, `${difference}`);
        assertNoLeak(computation);
      });
    }
  });
}
