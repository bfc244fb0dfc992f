import { tf } from './tf.ts';
import { batchNormGradient } from './batchNormGradient.ts';
import { gradientDepth } from './gradientDepth.ts';
import { tensorFlowBackend, type OperationAttribute, type TensorFlowBackend } from './tracing/backend.ts';
import { trainingBatchNorm } from './wasm/batchNorm.ts';

/**
 * Operations for which TensorFlow has a fused kernel or gradient that TensorFlow.js does not use. On the other
 * engines each is composed of TensorFlow.js operations with the same result. Their gradients have gradients in turn.
 */

type GradSaver = (tensors: tf.Tensor[]) => void;

const typeOf = (backend: TensorFlowBackend, name: string): OperationAttribute => ({
  name,
  type: backend.binding.TF_ATTR_TYPE,
  value: backend.binding.TF_FLOAT,
});

/** `max(x, 0)`, elementwise; the gradient is one operation (`ReluGrad`) instead of a step and a product. */
export function relu<T extends tf.Tensor>(x: T): T {
  const backend = tensorFlowBackend();
  if (backend === undefined) return tf.relu(x);
  const type = [typeOf(backend, 'T')];
  const op = tf.customGrad((x_, save_) => {
    const y = backend.executeMultipleOutputs('Relu', type, [x_ as tf.Tensor], 1)[0]!;
    (save_ as GradSaver)([y]);
    return {
      value: y,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) =>
        gradientDepth() > 0
          ? tf.mul(dy, tf.step(saved[0]!))
          : backend.executeMultipleOutputs('ReluGrad', type, [dy, saved[0]!], 1)[0]!,
    };
  });
  return op(x) as T;
}

/** `x + bias` over the last axis; `x` `[batch, height, width, channels] float32`, `bias` `[channels] float32`. */
export function biasAdd(x: tf.Tensor4D, bias: tf.Tensor1D): tf.Tensor4D {
  const backend = tensorFlowBackend();
  if (backend === undefined) return tf.add(x, bias);
  const type = [typeOf(backend, 'T')];
  const op = tf.customGrad((x_, bias_) => ({
    value: backend.executeMultipleOutputs('BiasAdd', type, [x_ as tf.Tensor, bias_ as tf.Tensor], 1)[0]!,
    gradFunc: (dy: tf.Tensor) => [
      dy,
      gradientDepth() > 0
        ? tf.sum(dy, [0, 1, 2])
        : backend.executeMultipleOutputs('BiasAddGrad', type, [dy], 1)[0]!,
    ],
  }));
  return op(x, bias) as tf.Tensor4D;
}

/**
 * Global average pooling: the mean of each channel over height and width, `[batch, channels] float32`.
 *
 * TensorFlow.js differentiates a mean by three operations as large as `x` (ones, a product, a quotient); copies of
 * `dy / (height width)` are one. For three taps before their pooling in `vgg` 16-32-64 that is 2 % of a training step.
 *
 * @param x `[batch, height, width, channels] float32`
 */
export function globalAverage(x: tf.Tensor4D): tf.Tensor2D {
  const [batch, height, width, channels] = x.shape;
  const op = tf.customGrad((x_) => ({
    value: tf.mean(x_ as tf.Tensor, [1, 2]),
    gradFunc: (dy: tf.Tensor) =>
      tf.tile(tf.reshape(tf.div(dy, height * width), [batch, 1, 1, channels]), [1, height, width, 1]),
  }));
  return op(x) as tf.Tensor2D;
}

/**
 * Global max pooling: the largest value of each channel over height and width, `[batch, channels] float32`.
 *
 * Positions that share the largest value share its gradient evenly, as in TensorFlow and in PyTorch's `amax`. TensorFlow.js (4.22)
 * gives each of them all of it: where a map is flat, so many times too much.
 *
 * @param x `[batch, height, width, channels] float32`
 */
export function globalMax(x: tf.Tensor4D): tf.Tensor2D {
  const op = tf.customGrad((x_, save_) => {
    const largest = tf.max(x_ as tf.Tensor, [1, 2], true);
    (save_ as unknown as GradSaver)([x_ as tf.Tensor, largest]);
    return {
      value: tf.squeeze(largest, [1, 2]),
      gradFunc: (dy: tf.Tensor, [given, maximum]: tf.Tensor[]) => {
        const isLargest = areEqual(given!, maximum!);
        const share = tf.div(tf.reshape(dy, maximum!.shape), tf.sum(isLargest, [1, 2], true));
        return tf.mul(share, isLargest);
      },
    };
  });
  return op(x) as tf.Tensor2D;
}

/** 1 where two tensors are equal, else 0; what TensorFlow.js has no gradient for, since it is 0. */
function areEqual(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  return tf.customGrad((a_, b_) => ({
    value: tf.cast(tf.equal(a_ as tf.Tensor, b_ as tf.Tensor), 'float32'),
    gradFunc: () => [tf.zeros(a.shape), tf.zeros(b.shape)],
  }))(a, b);
}

/**
 * The logarithm of the softmax along the last axis. That of TensorFlow.js (4.22), which this is made of, has a gradient whose own
 * gradient is wrong: it takes the probabilities in it for constants.
 *
 * @param logits `[..., classes] float32`
 */
export function logSoftmax<T extends tf.Tensor>(logits: T): T {
  const op = tf.customGrad((x_, save_) => {
    const value = tf.logSoftmax(x_ as tf.Tensor);
    (save_ as unknown as GradSaver)(gradientDepth() > 1 ? [value, x_ as tf.Tensor] : [value]);
    return {
      value,
      gradFunc: (dy: tf.Tensor, [y, x]: tf.Tensor[]) => {
        const probabilities = x === undefined ? tf.exp(y!) : tf.softmax(x);
        return tf.sub(dy, tf.mul(tf.sum(dy, -1, true), probabilities));
      },
    };
  });
  return op(logits) as T;
}

/** Result of {@link batchNorm}. */
export interface BatchNormResult {
  /** `[batch, height, width, channels] float32` */
  readonly y: tf.Tensor4D;
  /** `[channels] float32`; kept: the caller disposes it. */
  readonly mean: tf.Tensor1D;
  /** `[channels] float32`, with Bessel's correction; kept: the caller disposes it. */
  readonly variance: tf.Tensor1D;
}

/**
 * Batch normalisation in training: `y = gamma (x - mean) / sqrt(var + epsilon) + beta` per channel, the mean and
 * the biased variance taken over batch, height and width.
 *
 * The variance that is returned, for running statistics, is the unbiased one (`n / (n - 1)` times the biased),
 * on every engine: TensorFlow's FusedBatchNormV3 and PyTorch do so, `tf.moments` does not.
 *
 * Reference: Ioffe and Szegedy, "Batch normalization: accelerating deep network training by reducing internal
 * covariate shift", ICML 2015.
 *
 * @param x `[batch, height, width, channels] float32`
 * @param gamma `[channels] float32`
 * @param beta `[channels] float32`
 */
export function batchNorm(
  x: tf.Tensor4D,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  epsilon: number,
): BatchNormResult {
  const backend = tensorFlowBackend();
  if (backend === undefined) {
    const { y, mean, variance } = trainingBatchNorm(x, gamma, beta, epsilon);
    const n = x.size / x.shape[3];
    const unbiased: tf.Tensor1D = tf.keep(tf.mul(variance, n / Math.max(1, n - 1)));
    variance.dispose();
    return { y, mean: tf.keep(mean), variance: unbiased };
  }
  const { binding } = backend;
  const attributes = [
    typeOf(backend, 'T'),
    typeOf(backend, 'U'),
    { name: 'epsilon', type: binding.TF_ATTR_FLOAT, value: epsilon },
    { name: 'data_format', type: binding.TF_ATTR_STRING, value: 'NHWC' },
    { name: 'is_training', type: binding.TF_ATTR_BOOL, value: true },
  ];
  const forward = [...attributes, { name: 'exponential_avg_factor', type: binding.TF_ATTR_FLOAT, value: 1 }];
  let mean: tf.Tensor | undefined;
  let variance: tf.Tensor | undefined;
  const op = tf.customGrad((x_, gamma_, beta_, save_) => {
    const none = tf.tensor1d([], 'float32');
    const inputs = [x_, gamma_, beta_, none, none] as tf.Tensor[];
    const outputs = backend.executeMultipleOutputs('FusedBatchNormV3', forward, inputs, 6);
    mean = tf.keep(outputs[1]!);
    variance = tf.keep(outputs[2]!);
    (save_ as unknown as GradSaver)([x_ as tf.Tensor, gamma_ as tf.Tensor, ...outputs.slice(3)]);
    return {
      value: outputs[0]!,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) =>
        gradientDepth() > 0
          ? batchNormGradient(dy, saved[0]!, saved[1]!, epsilon)
          : backend.executeMultipleOutputs('FusedBatchNormGradV3', attributes, [dy, ...saved], 5).slice(0, 3),
    };
  });
  const y = op(x, gamma, beta);
  return { y: y as tf.Tensor4D, mean: mean as tf.Tensor1D, variance: variance as tf.Tensor1D };
}
