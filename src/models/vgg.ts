import * as tf from '@tensorflow/tfjs';

import { batchNorm, biasAdd, relu } from '../engine/index.ts';
import type { Network, ParameterSpec, StatisticSpec, TapFeatures } from './network.ts';

export interface VggOptions {
  /** Channels of each stage; default `[16, 32, 64]`, small enough for two CPU cores. */
  readonly widths?: readonly number[];
  /** 3x3 convolutions in a stage; default 2 (VGG's first stages). */
  readonly convolutions?: number;
  /**
   * Batch normalisation after each convolution (default `true`). Without it the convolution keeps a learned
   * scale and bias per channel: the plain network of the paper's time.
   */
  readonly batchNorm?: boolean;
  /** `[height, width, channels]` of the images. */
  readonly imageShape: readonly [number, number, number];
  readonly classes: number;
}

/** Added to the variance; TensorFlow's and Keras's default. */
const EPSILON = 1e-3;

/**
 * A network in the manner of VGG: stages of 3x3 convolutions with rectifiers, 2x2 max-pooling between stages,
 * global average pooling and one dense layer. Each stage is a tap (`stage1`, `stage2`, ...).
 *
 * References: Simonyan and Zisserman, "Very deep convolutional networks for large-scale image recognition",
 * ICLR 2015; global average pooling: Lin, Chen and Yan, "Network in network", ICLR 2014.
 */
export function vgg(options: VggOptions): Network {
  const {
    widths = [16, 32, 64],
    convolutions = 2,
    batchNorm: normalise = true,
    imageShape,
    classes,
  } = options;
  const stages = widths.map((_, s) => `stage${s + 1}`);
  const layers = widths.flatMap((width, s) =>
    Array.from({ length: convolutions }, (_, c) => ({
      name: `stage${s + 1}/conv${c + 1}`,
      from: c > 0 ? width : s > 0 ? widths[s - 1]! : imageShape[2],
      to: width,
    })),
  );
  const features = widths.at(-1) ?? imageShape[2];

  const parameters: ParameterSpec[] = [
    ...layers.flatMap(({ name, from, to }): ParameterSpec[] => [
      { name: `${name}/kernel`, shape: [3, 3, from, to], init: 'he', decay: true },
      { name: `${name}/scale`, shape: [to], init: 1, decay: false },
      { name: `${name}/bias`, shape: [to], init: 0, decay: false },
    ]),
    { name: 'dense/kernel', shape: [features, classes], init: 'lecun', decay: true },
    { name: 'dense/bias', shape: [classes], init: 0, decay: false },
  ];
  const statistics: StatisticSpec[] = normalise
    ? layers.flatMap(({ name, to }): StatisticSpec[] => [
        { name: `${name}/mean`, shape: [to], init: 0 },
        { name: `${name}/variance`, shape: [to], init: 1 },
      ])
    : [];

  const apply: Network['apply'] = (values, running, images, { training }) => {
    const batchStatistics: Record<string, tf.Tensor> = {};
    const taps: Record<string, TapFeatures> = {};
    const convolve = (x: tf.Tensor4D, name: string): tf.Tensor4D => {
      const kernel = values[`${name}/kernel`] as tf.Tensor4D;
      const scale = values[`${name}/scale`] as tf.Tensor1D;
      const bias = values[`${name}/bias`] as tf.Tensor1D;
      // Scaling the kernel's output channels is scaling the output, at a thousandth of the cost.
      if (!normalise) {
        const scaled: tf.Tensor4D = tf.mul(kernel, scale);
        return biasAdd(tf.conv2d(x, scaled, 1, 'same'), bias);
      }
      const y = tf.conv2d(x, kernel, 1, 'same');
      if (!training) {
        const mean = running[`${name}/mean`] as tf.Tensor1D;
        const variance = running[`${name}/variance`] as tf.Tensor1D;
        return tf.batchNorm4d(y, mean, variance, bias, scale, EPSILON);
      }
      const normalised = batchNorm(y, scale, bias, EPSILON);
      batchStatistics[`${name}/mean`] = normalised.mean;
      batchStatistics[`${name}/variance`] = normalised.variance;
      return normalised.y;
    };

    let x = images;
    stages.forEach((stage, s) => {
      let preActivation = x;
      for (let c = 1; c <= convolutions; c++) {
        preActivation = convolve(x, `${stage}/conv${c}`);
        x = relu(preActivation);
      }
      if (s < stages.length - 1) x = tf.maxPool(x, 2, 2, 'same');
      taps[stage] = { activation: x, preActivation };
    });
    const pooled: tf.Tensor2D = tf.mean(x, [1, 2]);
    const kernel = values['dense/kernel'] as tf.Tensor2D;
    const logits: tf.Tensor2D = tf.add(tf.matMul(pooled, kernel), values['dense/bias']!);
    return { logits, taps, batchStatistics };
  };

  return {
    name: normalise ? 'vgg' : 'plain',
    imageShape,
    classes,
    taps: stages,
    parameters,
    statistics,
    apply,
  };
}
