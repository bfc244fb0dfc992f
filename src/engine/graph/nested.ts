import * as tf from '@tensorflow/tfjs';

/**
 * Nested values: arrays and plain objects of tensors, nested at will, in which anything else (numbers, strings,
 * ...) is left as it is.
 */

/** The tensors of a nested value, in a fixed order. */
export function tensorsOf(value: unknown): tf.Tensor[] {
  const tensors: tf.Tensor[] = [];
  mapTensors(value, (tensor) => {
    tensors.push(tensor);
    return tensor;
  });
  return tensors;
}

/** The same nested value with each tensor replaced. */
export function mapTensors<T>(value: T, replace: (tensor: tf.Tensor) => tf.Tensor): T {
  const map = (v: unknown): unknown => {
    if (v instanceof tf.Tensor) return replace(v as tf.Tensor);
    if (Array.isArray(v)) return v.map(map);
    if (typeof v === 'object' && v !== null) {
      return Object.fromEntries(Object.entries(v).map(([key, inner]) => [key, map(inner)]));
    }
    return v;
  };
  return map(value) as T;
}

/** What a trace depends on: structure, shapes, dtypes, and the values that are not tensors. */
export function signatureOf(value: unknown): string {
  const text = JSON.stringify(
    mapTensors(value, (tensor) => `${tensor.dtype}[${tensor.shape.join()}]` as unknown as tf.Tensor),
  ) as string | undefined;
  return text ?? '';
}
