import { tf } from '../engine/tf.ts';
import { createStream, type Stream } from '../engine/index.ts';
import { dropouts, forward } from './forward.ts';
import { PENULTIMATE, type Layer } from './layers.ts';
import { summarizeLayers, type LayerSummary } from './summary.ts';

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

/**
 * A network from the description of its layers.
 *
 * @throws {RangeError} where layers do not fit each other, two share a name, or the last does not give `classes` values
 */
export function createNetwork(
  description: Pick<Network, 'name' | 'layers' | 'imageShape' | 'classes'>,
): Network {
  const { name, layers, imageShape, classes } = description;
  const summary = summarizeLayers(layers, imageShape);
  const parameters = summary.flatMap((layer) => layer.parameters);
  const allTaps = summary.flatMap(({ kind, name }) => (kind === 'tap' ? [name] : []));
  for (const names of [parameters.map((p) => p.name), allTaps]) {
    const twice = names.find((n, i) => names.indexOf(n) !== i);
    if (twice !== undefined) throw new RangeError(`${name}: two layers are called ${twice}`);
  }
  const output = summary.at(-1)?.outputShape ?? imageShape;
  if (output.length !== 1 || output[0] !== classes) {
    throw new RangeError(
      `${name}: the last layer gives ${output.join(' x ')} values, not ${classes} classes`,
    );
  }
  return {
    ...description,
    summary,
    taps: allTaps.filter((tap) => tap !== PENULTIMATE),
    allTaps,
    parameters,
    statistics: summary.flatMap((layer) => layer.statistics),
    stochastic: dropouts(layers) > 0,
    apply: forward(layers),
  };
}

/** Number of trainable values. */
export function parameterCount(network: Network): number {
  return network.parameters.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
}

/** Multiplications, each with its addition, for one image: of convolutions and matrix products. */
export function multiplyAdds(network: Network): number {
  return network.summary.reduce((sum, layer) => sum + layer.multiplyAdds, 0);
}

/** Fresh parameters: a pure function of the seed, the same on every engine. */
export function initialParameters(network: Network, seed: number): NamedTensors {
  return Object.fromEntries(
    network.parameters.map((spec) => [spec.name, initialValue(spec, createStream(seed, 'init', spec.name))]),
  );
}

/** Fresh running statistics. */
export function initialStatistics(network: Network): NamedTensors {
  return Object.fromEntries(
    network.statistics.map(({ name, shape, init }) => [name, tf.fill([...shape], init)]),
  );
}

/**
 * He et al., "Delving deep into rectifiers", ICCV 2015 (`he`), and LeCun et al., "Efficient backprop", 1998
 * (`lecun`, for the classifier, which no rectifier follows). Fan-in = all axes but the last.
 */
function initialValue({ shape, init }: ParameterSpec, stream: Stream): tf.Tensor {
  if (typeof init === 'number') return tf.fill([...shape], init);
  const fanIn = shape.slice(0, -1).reduce((a, b) => a * b, 1);
  const deviation = Math.sqrt((init === 'he' ? 2 : 1) / fanIn);
  const size = shape.reduce((a, b) => a * b, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, () => stream.normal() * deviation),
    [...shape],
  );
}
