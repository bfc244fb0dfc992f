import { tf } from './tf.ts';
import { tensorFlowBackend } from './tracing/backend.ts';
import { fillBits, fillNormal, fillTruncatedNormal, fillUniform } from './philox.ts';

/**
 * Random tensors as pure functions of a seed: the same seed gives the same numbers at every call, as a graph or eagerly,
 * and on every engine (normal numbers up to float32's rounding). A seed that is a tensor may be an argument of a
 * graph function, which then draws other numbers in each call:
 *
 * ```ts
 * const step = graphFunction((x: tf.Tensor2D, seed: tf.Tensor1D) => {
 *   const [first, second] = splitSeed(seed, 2);
 *   return dense(dropout(dense(dropout(x, { rate: 0.5, seed: first })), { rate: 0.5, seed: second }));
 * });
 * ```
 */

/** An integer, or `[] int32` or `[2] int32`. One seed gives one tensor: see {@link splitSeed} for more. */
export type Seed = number | tf.Tensor;

interface Seeded {
  readonly seed: Seed;
}

/** Normal numbers `[...shape] float32`; `mean` defaults to 0, `stddev` to 1. */
export function randomNormal<R extends tf.Rank>(
  shape: tf.ShapeMap[R],
  options: Seeded & { readonly mean?: number; readonly stddev?: number },
): tf.Tensor<R> {
  return scaled(shape, 'StatelessRandomNormal', options.seed, options.mean, options.stddev);
}

/** Normal numbers, drawn again where they are more than two `stddev` (default 1) from `mean` (default 0). */
export function truncatedNormal<R extends tf.Rank>(
  shape: tf.ShapeMap[R],
  options: Seeded & { readonly mean?: number; readonly stddev?: number },
): tf.Tensor<R> {
  return scaled(shape, 'StatelessTruncatedNormal', options.seed, options.mean, options.stddev);
}

/** Uniform numbers in `[min, max)`, by default `[0, 1)`: `[...shape] float32`. */
export function randomUniform<R extends tf.Rank>(
  shape: tf.ShapeMap[R],
  { seed, min = 0, max = 1 }: Seeded & { readonly min?: number; readonly max?: number },
): tf.Tensor<R> {
  return scaled(shape, 'StatelessRandomUniform', seed, min, max - min);
}

/**
 * Sets each value to 0 with probability `rate` and divides the others by `1 - rate`, so that the expected value stays.
 *
 * Reference: Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", JMLR 2014.
 *
 * @param noiseShape of what is drawn, 1 along the axes whose values share their fate; default the shape of `x`
 * @throws {Error} for a rate outside `[0, 1)`
 */
export function dropout<T extends tf.Tensor>(
  x: T,
  {
    rate,
    seed,
    noiseShape = x.shape,
  }: Seeded & { readonly rate: number; readonly noiseShape?: readonly number[] },
): T {
  if (!(rate >= 0 && rate < 1)) throw new Error(`dropout: rate is ${rate}, but must be in [0, 1).`);
  if (rate === 0) return tf.clone(x);
  return tf.tidy(() => {
    const kept = tf.greaterEqual(randomUniform([...noiseShape], { seed }), rate);
    return tf.mul<T>(x, tf.div(tf.cast(kept, 'float32'), 1 - rate));
  });
}

/**
 * Classes drawn with the probabilities `softmax(logits)`, by the Gumbel-max trick.
 *
 * @param logits `[batch, classes] float32`
 * @returns `[batch, samples] int32`
 */
export function categorical(
  logits: tf.Tensor2D,
  { seed, samples = 1 }: Seeded & { readonly samples?: number },
): tf.Tensor2D {
  return tf.tidy(() => {
    const [batch, classes] = logits.shape;
    // Half a step between two uniform numbers away from 0 and from 1, where a logarithm is infinite.
    const u = randomUniform<tf.Rank.R3>([batch, samples, classes], {
      seed,
      min: 2 ** -24,
      max: 1 + 2 ** -24,
    });
    const gumbel = tf.neg(tf.log(tf.neg(tf.log(u))));
    return tf.argMax(tf.add(tf.expandDims(logits, 1), gumbel), 2);
  });
}

/** Seeds `[2] int32` for several random tensors, made of one seed. */
export function splitSeed(seed: Seed, count: number): tf.Tensor1D[] {
  return tf.tidy(() => tf.unstack(draw([count, 2], 'StatelessRandomUniformFullInt', seed))) as tf.Tensor1D[];
}

type Operation =
  | 'StatelessRandomNormal'
  | 'StatelessTruncatedNormal'
  | 'StatelessRandomUniform'
  | 'StatelessRandomUniformFullInt';

function scaled<R extends tf.Rank>(
  shape: tf.ShapeMap[R],
  operation: Operation,
  seed: Seed,
  offset = 0,
  scale = 1,
): tf.Tensor<R> {
  return tf.tidy(() => tf.add<tf.Tensor<R>>(tf.mul(draw(shape, operation, seed), scale), offset));
}

function draw(shape: readonly number[], operation: Operation, seed: Seed): tf.Tensor {
  const pair = seedPair(seed);
  const dtype = operation === 'StatelessRandomUniformFullInt' ? 'int32' : 'float32';
  const backend = tensorFlowBackend();
  if (backend !== undefined) {
    const { TF_ATTR_TYPE, TF_FLOAT, TF_INT32 } = backend.binding;
    const type = (name: string, value: number) => ({ name, type: TF_ATTR_TYPE, value });
    const result = dtype === 'int32' ? TF_INT32 : TF_FLOAT;
    const types = [type('dtype', result), type('T', TF_INT32), type('Tseed', TF_INT32)];
    return backend.executeMultipleOutputs(operation, types, [tf.tensor1d([...shape], 'int32'), pair], 1)[0]!;
  }
  const size = shape.reduce((a, b) => a * b, 1);
  // Past `dataSync`, which a graph function refuses: here the seed is no part of a graph.
  const [a, b] = tf.backend().readSync(pair.dataId) as Int32Array;
  const numbers: readonly [number, number] = [a!, b!];
  const values =
    operation === 'StatelessRandomUniformFullInt'
      ? fillBits(new Int32Array(size), numbers)
      : FILLS[operation](new Float32Array(size), numbers);
  return tf.tensor(values, [...shape], dtype);
}

const FILLS = {
  StatelessRandomNormal: fillNormal,
  StatelessTruncatedNormal: fillTruncatedNormal,
  StatelessRandomUniform: fillUniform,
} as const;

/** `[2] int32` */
function seedPair(seed: Seed): tf.Tensor1D {
  if (typeof seed === 'number') {
    if (!Number.isSafeInteger(seed)) throw new Error(`A seed must be an integer, but it is ${seed}.`);
    return tf.tensor1d([seed | 0, Math.trunc(seed / 2 ** 32) | 0], 'int32');
  }
  const right = seed.dtype === 'int32' && (seed.rank === 0 || (seed.rank === 1 && seed.size === 2));
  if (!right) {
    throw new Error(`A seed must be [] int32 or [2] int32, but it is [${seed.shape.join()}] ${seed.dtype}.`);
  }
  return seed.rank === 0
    ? tf.concat1d([tf.reshape(seed, [1]), tf.zeros([1], 'int32')])
    : (seed as tf.Tensor1D);
}
