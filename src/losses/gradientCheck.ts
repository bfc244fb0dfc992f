/** Whether a loss's gradient is that of its value: for losses of one's own, above all those that bring their gradient. */
import { tf } from '../engine/tf.ts';
import { createStream } from '../engine/index.ts';
import { normalValues } from './initial.ts';
import { defaultsOf, type LayerLoss } from './layerLoss.ts';
import { classPairs } from './pairs.ts';

export interface GradientCheckOptions<Options extends object = object> {
  /** The loss's options that are not to be its defaults. */
  readonly options?: Partial<Options>;
  /** `[batch, dim] float32`; default: 12 rows of 6 normal values. */
  readonly features?: tf.Tensor2D;
  /** `[batch] int32`; default: 0, 1, 2, 0, 1, 2, ... */
  readonly labels?: tf.Tensor1D;
  /** Default 3. */
  readonly classes?: number;
  /** How far the features go along a direction of standard normal values, to each side; default 0.002. */
  readonly step?: number;
  /** Of directions, features and state; default 1. */
  readonly seed?: number;
}

/** Of one input of a loss: its features, or a tensor of its state that the optimizer trains. */
export interface GradientCheck {
  /** `features`, or the name in the state. */
  readonly of: string;
  /** 0 where the gradient is right; 1 where none is sent although the value changes. */
  readonly error: number;
  /** Length of the gradient. 0: the loss teaches nothing. */
  readonly norm: number;
}

const DIRECTIONS = 8;

/**
 * Compares the gradient of a loss with central differences of its total, along random directions `d` and for every input that is
 * trained:
 *
 * `error = max over d of |g.d - (f(x + h d) - f(x - h d)) / 2h| / (sum |g_i d_i| + |(f(x + h d) - f(x - h d)) / 2h|)`
 *
 * All of it is computed in float32, so that a right gradient has an error of 1e-5 to 1e-3, not 0; above 0.01 it is wrong, or there is a
 * kink (a hinge, a hardest pair) within a step: other features, by another `seed`, tell the two apart.
 *
 * The state is that of the loss's `init`. A loss of which a gradient is stopped on purpose has an error.
 *
 * @returns the features first, then what is trained of the state
 */
export function checkLossGradient<Options extends object>(
  loss: LayerLoss<Options>,
  given: GradientCheckOptions<Options> = {},
): readonly GradientCheck[] {
  const { classes = 3, step = 0.002, seed = 1 } = given;
  return tf.tidy(() => {
    const features =
      given.features ?? (normalValues(createStream(seed, 'features'), [12, 6], 1) as tf.Tensor2D);
    const [batch, dim] = features.shape;
    const labels =
      given.labels ??
      tf.tensor1d(
        Array.from({ length: batch }, (_, i) => i % classes),
        'int32',
      );
    const options = { ...defaultsOf(loss), ...given.options };
    const pairs = classPairs(labels);
    const state = loss.state?.init(createStream(seed, 'state'), { classes, dim }, options) ?? {};
    const inputs = new Map<string, tf.Tensor>([['features', features]]);
    for (const name of Object.keys(loss.state?.trained ?? {})) inputs.set(name, state[name]!);

    const valueWith = (of: string, input: tf.Tensor): tf.Scalar => {
      const own =
        of === 'features'
          ? { features: input as typeof features, state }
          : { features, state: { ...state, [of]: input } };
      return loss.evaluate({ ...own, labels, pairs, classes }, options).total;
    };
    return [...inputs].map(([of, input]) => {
      // The input takes part in any case: TensorFlow.js throws where it does not.
      const value = (x: tf.Tensor): tf.Scalar => tf.add(valueWith(of, x), tf.mul(tf.sum(x), 0));
      const gradient = tf.grad(value)(input).dataSync();
      const errors = Array.from({ length: DIRECTIONS }, (_, k) => {
        const direction = normalValues(createStream(seed, `direction ${of}`, k), input.shape, 1);
        const at = (h: number): number => valueWith(of, tf.add(input, tf.mul(direction, h))).dataSync()[0]!;
        const numeric = (at(step) - at(-step)) / (2 * step);
        const products = Array.from(direction.dataSync(), (d, i) => d * gradient[i]!);
        const scale = products.reduce((sum, product) => sum + Math.abs(product), Math.abs(numeric));
        const difference = products.reduce((sum, product) => sum + product, -numeric);
        return scale === 0 ? 0 : Math.abs(difference) / scale;
      });
      return { of, error: Math.max(...errors), norm: Math.hypot(...gradient) };
    });
  });
}
