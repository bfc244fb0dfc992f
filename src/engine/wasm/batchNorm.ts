import { tf } from '../tf.ts';
import { batchNormGradient } from '../batchNormGradient.ts';
import { gradientDepth } from '../gradientDepth.ts';

/** What {@link trainingBatchNorm} returns. */
export interface BatchNormOutput {
  /** The normalised features, `[batch, height, width, channels]`. */
  readonly y: tf.Tensor4D;
  /** Mean of each channel over batch, height and width, `[channels]`; not differentiable. */
  readonly mean: tf.Tensor1D;
  /** Biased variance of each channel (divided by the count, not by the count less one), `[channels]`; not differentiable. */
  readonly variance: tf.Tensor1D;
}

/**
 * Batch normalisation with the statistics of the batch itself:
 *
 * `y = (x - mean) / sqrt(variance + epsilon) * gamma + beta`
 *
 * with mean and variance of each channel over the batch and all positions (Ioffe and Szegedy, "Batch normalization",
 * 2015). Differentiable in `x`, `gamma` and `beta`, through the statistics too, with the gradient written out:
 *
 * `dx = gamma / sqrt(variance + epsilon) * (dy - sum(dy) / n - xhat * sum(dy * xhat) / n)`
 *
 * where `xhat` is `y` before `gamma` and `beta`. It equals `tf.moments` and `tf.batchNorm` on any backend; on wasm it
 * takes fewer kernels, and it treats a row of the image as one vector of width x channels, so that the factors of each
 * channel meet long rows rather than short ones.
 *
 * `mean` and `variance` belong to the caller's scope as those of `tf.moments` do: where they are to outlive
 * `tf.grads` or `tf.tidy`, keep them.
 *
 * @param x `[batch, height, width, channels] float32`.
 * @param gamma `[channels] float32`.
 * @param beta `[channels] float32`.
 * @param epsilon Added to the variance.
 */
export function trainingBatchNorm(
  x: tf.Tensor4D,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  epsilon: number,
): BatchNormOutput {
  const [batch, height, width, channels] = x.shape;
  const rows: [number, number] = [batch * height, width * channels];
  const count = batch * height * width;

  /** Sum of each channel, `[channels]`, of what is given as rows. */
  const channelSum = (values: tf.Tensor): tf.Tensor1D => tf.sum(tf.reshape(values, [count, channels]), 0);
  /** `[channels]` repeated along a row, to be combined with what is given as rows. */
  const along = (perChannel: tf.Tensor): tf.Tensor2D =>
    tf.tile(tf.reshape(perChannel, [1, channels]), [1, width]);

  let statistics: { mean: tf.Tensor1D; variance: tf.Tensor1D } | undefined;
  const normalise = tf.customGrad((...args) => {
    const [input, scale, offset, save] = args as [tf.Tensor4D, tf.Tensor1D, tf.Tensor1D, tf.GradSaveFunc];
    const values = tf.reshape(input, rows);
    const mean: tf.Tensor1D = tf.div(channelSum(values), count);
    const centred = tf.sub(values, along(mean));
    const variance: tf.Tensor1D = tf.div(channelSum(tf.square(centred)), count);
    const inverse = tf.rsqrt(tf.add(variance, epsilon));
    const y = tf.add(tf.mul(centred, along(tf.mul(inverse, scale))), along(offset));
    statistics = {
      mean: tf.keep(mean),
      variance: tf.keep(variance),
    };
    // The input is kept only where the gradient is to be differentiated.
    save(gradientDepth() > 1 ? [centred, inverse, scale, input] : [centred, inverse, scale]);

    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] => {
      const [deviation, inverseDeviation, gain, given] = saved as [
        tf.Tensor2D,
        tf.Tensor1D,
        tf.Tensor1D,
        tf.Tensor?,
      ];
      if (given !== undefined) return batchNormGradient(dy, given, gain, epsilon);
      const gradient = tf.reshape(dy, rows);
      const offsetGradient = channelSum(gradient);
      const scaleGradient = tf.mul(channelSum(tf.mul(gradient, deviation)), inverseDeviation);
      // dx as dy * slope + deviation * curve + level, each factor one number a channel.
      const slope = tf.mul(inverseDeviation, gain);
      const curve = tf.neg(tf.div(tf.mul(tf.mul(slope, inverseDeviation), scaleGradient), count));
      const level = tf.neg(tf.div(tf.mul(slope, offsetGradient), count));
      const dx = tf.add(
        tf.add(tf.mul(gradient, along(slope)), tf.mul(deviation, along(curve))),
        along(level),
      );
      return [tf.reshape(dx, input.shape), scaleGradient, offsetGradient];
    };
    return { value: tf.reshape(y, input.shape), gradFunc };
  });

  const y = normalise(x, gamma, beta) as tf.Tensor4D;
  if (statistics === undefined) throw new Error('The batch normalisation was not computed.');
  // Tensors made inside customGrad would end with it. Out of it, copies of the kept ones belong to the caller's scope.
  const mean = tf.clone(statistics.mean);
  const variance = tf.clone(statistics.variance);
  tf.dispose(statistics);
  return { y, mean, variance };
}
