import { tf } from '../engine/tf.ts';
import type { NamedTensors } from '../models/index.ts';

/** What a differentiated function returns beside its loss. */
export interface Differentiated {
  /** `[] float32` */
  readonly loss: tf.Scalar;
  /** Values to hand out, without a gradient. Those that are kept (`tf.keep`) pass into the callee's hands. */
  readonly auxiliary: NamedTensors;
}

/**
 * Value, gradients and auxiliary values of a function of named tensors, in one pass. `tf.valueAndGrads` frees
 * what the function makes on the way, and would free the auxiliary values with it.
 */
export function valueAndGradients(
  f: (parameters: NamedTensors) => Differentiated,
  parameters: NamedTensors,
): Differentiated & { readonly gradients: NamedTensors } {
  const names = Object.keys(parameters);
  let kept: [string, tf.Tensor][] = [];
  const { value, grads } = tf.valueAndGrads((...values: tf.Tensor[]) => {
    const { loss, auxiliary } = f(Object.fromEntries(names.map((name, i) => [name, values[i]!])));
    // A value that is kept already was kept for us; any other may be the loss itself, which lives on.
    kept = Object.entries(auxiliary).map(([name, t]) => [name, t.kept ? t : tf.keep(t.clone())]);
    return loss;
  })(names.map((name) => parameters[name]!));
  const auxiliary = Object.fromEntries(kept.map(([name, tensor]) => [name, tensor.clone()]));
  for (const [, tensor] of kept) tensor.dispose();
  return {
    loss: value,
    gradients: Object.fromEntries(names.map((name, i) => [name, grads[i]!])),
    auxiliary,
  };
}

/** What `body` gives; where it fails, e.g. since a loss of the user's does, tensors that were kept until after it are freed. */
export function freeingOnFailure<T>(kept: NamedTensors, body: () => T): T {
  try {
    return body();
  } catch (error) {
    tf.dispose(Object.values(kept));
    throw error;
  }
}
