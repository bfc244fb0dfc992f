/** Computes a network from its description. */

import { tf } from '../engine/tf.ts';
import { batchNorm, biasAdd, dropout, globalAverage, relu, splitSeed } from '../engine/index.ts';
import type { Convolution, Dropout, Layer, Residual, Tap } from './layers.ts';
import { shortcutStrides } from './shortcut.ts';
import type { ApplyOptions, NamedTensors, Network, NetworkOutput, TapFeatures } from './types.ts';

/** Added to the variance; TensorFlow's and Keras's default. */
const EPSILON = 1e-3;

/** What one pass reads and collects. */
interface Pass {
  readonly values: NamedTensors;
  readonly running: NamedTensors;
  readonly training: boolean;
  readonly batchStatistics: Record<string, tf.Tensor>;
  readonly taps: Record<string, TapFeatures>;
  /** Those of the dropouts that are still to come; none in evaluation. */
  readonly seeds: tf.Tensor1D[];
  readonly observe: ApplyOptions['observe'];
  /** What the last rectifier was given, where what passes now is still made of maps like it. */
  beforeRectifier?: tf.Tensor;
}

/** The function of a network of these layers; the last is the classifier, or its average over positions. */
export function forward(layers: readonly Layer[]): Network['apply'] {
  const count = dropouts(layers);
  return (values, running, images, { training, seed, observe }): NetworkOutput => {
    if (training && count > 0 && seed === undefined) {
      throw new Error(
        'A network with dropout needs a seed in training: apply(..., { training: true, seed }).',
      );
    }
    const seeds = training && seed !== undefined && count > 0 ? splitSeed(seed, count) : [];
    const pass: Pass = { values, running, training, batchStatistics: {}, taps: {}, seeds, observe };
    const logits = through(layers, images, pass) as tf.Tensor2D;
    return { logits, taps: pass.taps, batchStatistics: pass.batchStatistics };
  };
}

/** How many dropouts there are, those within residual blocks included. */
export function dropouts(layers: readonly Layer[]): number {
  return layers.reduce((sum, layer) => {
    if (layer.kind === 'residual') return sum + dropouts(layer.before ?? []) + dropouts(layer.body);
    return sum + (layer.kind === 'dropout' && layer.rate > 0 ? 1 : 0);
  }, 0);
}

function through(layers: readonly Layer[], x: tf.Tensor, pass: Pass): tf.Tensor {
  return layers.reduce((y, layer) => apply(layer, y, pass), x);
}

function apply(layer: Layer, x: tf.Tensor, pass: Pass): tf.Tensor {
  switch (layer.kind) {
    case 'convolution':
      return convolve(layer, x as tf.Tensor4D, pass);
    case 'batchNorm':
      return normalise(layer.name, x as tf.Tensor4D, pass);
    case 'rectifier':
      pass.beforeRectifier = x;
      return relu(x);
    case 'maxPool':
      return tf.maxPool(x as tf.Tensor4D, layer.size, layer.stride, layer.padding ?? 'same');
    case 'averagePool':
      return tf.avgPool(x as tf.Tensor4D, layer.size, layer.stride, layer.padding ?? 'same');
    case 'globalAverage':
    case 'flatten':
      delete pass.beforeRectifier; // it has another shape
      return layer.kind === 'flatten' ? tf.reshape(x, [x.shape[0], -1]) : globalAverage(x as tf.Tensor4D);
    case 'dense': {
      const y: tf.Tensor2D = tf.matMul(x, pass.values[`${layer.name}/kernel`] as tf.Tensor2D);
      if (!layer.batchNorm) return tf.add(y, pass.values[`${layer.name}/bias`]!);
      return tf.reshape(normalise(layer.name, asMaps(y), pass), y.shape);
    }
    case 'dropout':
      return drop(layer, x, pass);
    case 'residual':
      return residual(layer, x as tf.Tensor4D, pass);
    case 'tap': {
      const y = pass.observe?.(layer.name, x) ?? x;
      tap(layer, y, pass);
      return y;
    }
  }
}

function convolve(
  { name, stride = 1, then = 'batchNorm' }: Convolution,
  x: tf.Tensor4D,
  pass: Pass,
): tf.Tensor4D {
  const kernel = pass.values[`${name}/kernel`] as tf.Tensor4D;
  const bias = pass.values[`${name}/bias`] as tf.Tensor1D;
  switch (then) {
    case 'scaleAndBias': {
      // Scaling the kernel's output channels is scaling the output, at a thousandth of the cost.
      const scaled: tf.Tensor4D = tf.mul(kernel, pass.values[`${name}/scale`]!);
      return biasAdd(tf.conv2d(x, scaled, stride, 'same'), bias);
    }
    case 'bias':
      return biasAdd(tf.conv2d(x, kernel, stride, 'same'), bias);
    case 'nothing':
      return tf.conv2d(x, kernel, stride, 'same');
    case 'batchNorm':
      return normalise(name, tf.conv2d(x, kernel, stride, 'same'), pass);
  }
}

/** Batch normalisation: with the batch's statistics in training, with the running ones else. */
function normalise(
  name: string,
  x: tf.Tensor4D,
  { values, running, training, batchStatistics }: Pass,
): tf.Tensor4D {
  const scale = values[`${name}/scale`] as tf.Tensor1D;
  const bias = values[`${name}/bias`] as tf.Tensor1D;
  if (!training) {
    const mean = running[`${name}/mean`] as tf.Tensor1D;
    const variance = running[`${name}/variance`] as tf.Tensor1D;
    return tf.batchNorm4d(x, mean, variance, bias, scale, EPSILON);
  }
  const { y, mean, variance } = batchNorm(x, scale, bias, EPSILON);
  batchStatistics[`${name}/mean`] = mean;
  batchStatistics[`${name}/variance`] = variance;
  return y;
}

function residual({ before = [], body, projection }: Residual, x: tf.Tensor4D, pass: Pass): tf.Tensor4D {
  const common = through(before, x, pass) as tf.Tensor4D;
  const main = through(body, common, pass) as tf.Tensor4D;
  // The identity passes by what body and projection have in common (He et al., "Identity mappings", figure 4).
  const side = projection === undefined ? identity(x, main) : convolve(projection, common, pass);
  return tf.add(main, side);
}

/** Every other row where the body has half as many, columns likewise, and channels of zeros on both sides (He et al.'s option A). */
function identity(x: tf.Tensor4D, { shape }: tf.Tensor4D): tf.Tensor4D {
  const strides = shortcutStrides([x.shape[1], x.shape[2]], [shape[1], shape[2]]);
  const missing = shape[3] - x.shape[3];
  const sampled = strides.every((stride) => stride === 1) ? x : tf.maxPool(x, 1, strides, 'same');
  if (missing === 0) return sampled;
  const left = Math.floor(missing / 2);
  return tf.pad(sampled, [
    [0, 0],
    [0, 0],
    [0, 0],
    [left, missing - left],
  ]);
}

function drop({ rate, wholeMaps = false }: Dropout, x: tf.Tensor, { seeds }: Pass): tf.Tensor {
  const seed = rate > 0 ? seeds.shift() : undefined;
  if (seed === undefined) return x;
  const [batch, , , channels] = x.shape;
  return dropout(x, { rate, seed, ...(wholeMaps ? { noiseShape: [batch, 1, 1, channels!] } : {}) });
}

function tap({ name, rectify = false }: Tap, x: tf.Tensor, pass: Pass): void {
  const activation = asMaps(rectify ? relu(x) : x);
  const before = rectify ? x : (pass.beforeRectifier ?? x);
  pass.taps[name] = { activation, preActivation: asMaps(before) };
}

/** `[batch, features]` as maps of one position. */
function asMaps(x: tf.Tensor): tf.Tensor4D {
  return x.rank === 4 ? (x as tf.Tensor4D) : tf.reshape(x, [x.shape[0], 1, 1, x.shape[1]!]);
}
