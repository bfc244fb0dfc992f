/** What a network is made of, and what it computes. */
import type { tf } from '../engine/tf.ts';
import type { Layer } from './layers.ts';

/** Tensors by name, e.g. `stage1/conv1/kernel`. */
export type NamedTensors = Readonly<Record<string, tf.Tensor>>;

/** One trainable tensor of a network. */
export interface ParameterSpec {
  readonly name: string;
  readonly shape: readonly number[];
  /** `he`: normal with variance `2 / fan-in`; `lecun`: `1 / fan-in`; or a constant. */
  readonly init: 'he' | 'lecun' | number;
  /** Whether weight decay applies: to convolution and dense weights, not to scales and biases. */
  readonly decay: boolean;
}

/** One tensor that is not trained: a running mean (from 0) or variance (from 1) of batch normalisation. */
export interface StatisticSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly init: number;
}

/** The features of one tap: both sides of the stage's last rectifier. */
export interface TapFeatures {
  /** After rectifier and pooling: what the next stage sees. `[batch, height, width, channels] float32`, >= 0. */
  readonly activation: tf.Tensor4D;
  /** Before the rectifier and the pooling: may be negative. `[batch, height, width, channels] float32` */
  readonly preActivation: tf.Tensor4D;
}

/** What a network computes from a batch. */
export interface NetworkOutput {
  /** `[batch, classes] float32` */
  readonly logits: tf.Tensor2D;
  readonly taps: Readonly<Record<string, TapFeatures>>;
  /** In training, the batch's statistics by the name of the running one; kept: the caller disposes them. */
  readonly batchStatistics: NamedTensors;
}

export interface ApplyOptions {
  /** Whether batch normalisation takes the batch's statistics, and dropout drops. */
  readonly training: boolean;
  /** Of dropout, another one for each step: `[2] int32`. */
  readonly seed?: tf.Tensor1D | undefined;
  /** Stands in at each tap for what passes it, e.g. to see its gradient. Default: nothing does. */
  readonly observe?: (tap: string, x: tf.Tensor) => tf.Tensor;
}

/** A network: a pure description, and a pure function of its parameters. */
export interface Network {
  readonly name: string;
  /** `[height, width, channels]` of the images. */
  readonly imageShape: readonly [number, number, number];
  readonly classes: number;
  readonly layers: readonly Layer[];
  /** Shapes, parameters and cost of each layer. */
  readonly summary: readonly LayerSummary[];
  /** The stages, from the first to the last: where losses are attached and measures taken unless one says otherwise. */
  readonly taps: readonly string[];
  /** All names that `apply` gives features for: the stages and `penultimate`, what the classifier sees. */
  readonly allTaps: readonly string[];
  readonly parameters: readonly ParameterSpec[];
  readonly statistics: readonly StatisticSpec[];
  /** Whether it has dropout, so that training needs a seed. */
  readonly stochastic: boolean;
  /**
   * @param images `[batch, height, width, channels] float32`, normalised
   * @throws {Error} in training without a seed, where the network is stochastic
   */
  apply(
    parameters: NamedTensors,
    statistics: NamedTensors,
    images: tf.Tensor4D,
    options: ApplyOptions,
  ): NetworkOutput;
}

/** `[height, width, channels]`, or `[features]`. */
export type FeatureShape = readonly [number, number, number] | readonly [number];

/** A layer, as its row in a table of the network. */
export interface LayerSummary {
  /** A layer without a name is called by its kind. */
  readonly name: string;
  readonly kind: Layer['kind'] | 'shortcut';
  /** Without the batch. */
  readonly outputShape: FeatureShape;
  readonly parameters: readonly ParameterSpec[];
  readonly statistics: readonly StatisticSpec[];
  /** Multiplications, each with its addition, for one image: of convolutions and matrix products. */
  readonly multiplyAdds: number;
  /** Side of the square of the image that one value of the output can see, in pixels; the longest path counts. */
  readonly receptiveField: number;
}
