import { tf } from '../engine/tf.ts';
import { createStream, type Stream } from '../engine/index.ts';
import { dropouts, forward } from './forward.ts';
import { PENULTIMATE } from './layers.ts';
import { summarizeLayers } from './summary.ts';
import type { NamedTensors, Network, ParameterSpec } from './types.ts';

/**
 * A network from the description of its layers.
 *
 * @throws {RangeError} for a kind or field of a layer that is not known or missing, and where layers do not fit each other, two share
 *   a name, or the last does not give `classes` values
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
