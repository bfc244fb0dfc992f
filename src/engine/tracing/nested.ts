import { tf } from '../tf.ts';
import { UserError } from '../errors.ts';

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

/** Deeper than anybody nests. */
const DEEPEST = 100;

/**
 * Visits what is no array and no plain object, and empty ones, with its path, e.g. `[0].images`.
 *
 * @throws {UserError} for what holds itself
 */
export function walk(
  value: unknown,
  path: string,
  visit: (leaf: unknown, path: string) => void,
  depth = 0,
): void {
  if (depth > DEEPEST) {
    throw new UserError(
      `Arguments and results of a graph function are arrays and plain objects, nested at will, but not more than ` +
        `${DEEPEST} levels deep: what lies at ${path.slice(0, 40)}... holds itself.`,
    );
  }
  if (Array.isArray(value) && value.length > 0) {
    value.forEach((inner, i) => {
      walk(inner, `${path}[${i}]`, visit, depth + 1);
    });
  } else if (isPlainObject(value) && Object.keys(value).length > 0) {
    for (const key of Object.keys(value)) {
      walk(value[key], at(path, key), visit, depth + 1);
    }
  } else {
    visit(value, path);
  }
}

/** The place of a key; in quotes where it could be taken for another place: `a.b` is not `b` of `a`. */
function at(path: string, key: string): string {
  if (!/^[^.[\]:"\n]+$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}

/** The tensors that an object holds which is neither array nor plain object, such as a Map; variables do not count. */
export function hiddenTensors(leaf: unknown): tf.Tensor[] {
  if (typeof leaf !== 'object' || leaf === null || leaf instanceof tf.Tensor) return [];
  const held: unknown[] = isCollection(leaf) ? [...leaf.values()] : Object.values(leaf);
  return held.filter((v): v is tf.Tensor => v instanceof tf.Tensor && !(v instanceof tf.Variable));
}

/** Not `instanceof`: a cell of a notebook runs in a realm of its own. */
export function isCollection(value: unknown): value is Map<unknown, unknown> | Set<unknown> {
  return ['[object Map]', '[object Set]'].includes(Object.prototype.toString.call(value));
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || value instanceof tf.Tensor) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // An object of another realm (a cell of a notebook runs in one) has a prototype of its own, without a prototype.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
