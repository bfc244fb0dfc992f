import * as tf from '@tensorflow/tfjs';

/**
 * Nested values: arrays and plain objects of tensors, nested at will, in which anything else (numbers, strings,
 * instances of classes, ...) is left as it is.
 */

/** The tensors of a nested value, in a fixed order. */
export function tensorsOf(value: unknown): tf.Tensor[] {
  const tensors: tf.Tensor[] = [];
  walk(value, '', (leaf) => {
    if (leaf instanceof tf.Tensor) tensors.push(leaf as tf.Tensor);
  });
  return tensors;
}

/** The same nested value with each tensor replaced. */
export function mapTensors<T>(value: T, replace: (tensor: tf.Tensor) => tf.Tensor): T {
  const map = (v: unknown): unknown => {
    if (v instanceof tf.Tensor) return replace(v as tf.Tensor);
    if (Array.isArray(v)) return v.map(map);
    if (!isPlainObject(v)) return v;
    return Object.fromEntries(Object.entries(v).map(([key, inner]) => [key, map(inner)]));
  };
  return map(value) as T;
}

/** Visits what is no array and no plain object, and empty ones, with its path, e.g. `[0].images`. */
export function walk(value: unknown, path: string, visit: (leaf: unknown, path: string) => void): void {
  if (Array.isArray(value) && value.length > 0) {
    value.forEach((inner, i) => {
      walk(inner, `${path}[${i}]`, visit);
    });
  } else if (isPlainObject(value) && Object.keys(value).length > 0) {
    for (const key of Object.keys(value)) walk(value[key], path === '' ? key : `${path}.${key}`, visit);
  } else {
    visit(value, path);
  }
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || value instanceof tf.Tensor) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // An object of another realm (a cell of a notebook runs in one) has a prototype of its own, without a prototype.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
