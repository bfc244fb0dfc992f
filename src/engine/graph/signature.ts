import { createHash } from 'node:crypto';

import { tf } from '../tf.ts';
import { isPlainObject, walk } from '../tracing/nested.ts';

/**
 * What a trace depends on, one line for each value in the arguments: the structure, shape and dtype of tensors,
 * which variable it is, and the values of all else. What is compared by reference (functions, instances of
 * classes) gets a number.
 */
export function signatureOf(args: readonly unknown[]): string {
  const lines: string[] = [];
  args.forEach((argument, i) => {
    walk(argument, '', (leaf, path) => {
      lines.push(`${place(i, args.length, path)}: ${describe(leaf)}`);
    });
  });
  return lines.join('\n');
}

/** What is different in two signatures, in words. */
export function differenceOf(before: string, now: string): string {
  const [old, fresh] = [before, now].map(
    (signature) => new Map(signature.split('\n').map((line) => line.split(/: (.*)/s) as [string, string])),
  ) as [Map<string, string>, Map<string, string>];
  const changes = [...new Set([...old.keys(), ...fresh.keys()])]
    .filter((path) => old.get(path) !== fresh.get(path))
    .map((path) => `${path} was ${old.get(path) ?? 'absent'} and is ${fresh.get(path) ?? 'absent'}`);
  const shown = changes.slice(0, 3);
  const more = changes.length - shown.length;
  return `${shown.join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}

function place(i: number, count: number, path: string): string {
  const argument = count === 1 ? 'the argument' : `argument ${i + 1}`;
  return path === '' ? argument : `${path} of ${argument}`;
}

function describe(leaf: unknown): string {
  if (leaf instanceof tf.Variable) return `variable '${leaf.name}' ${numberOf(leaf)}`;
  if (leaf instanceof tf.Tensor) {
    const { dtype, shape } = leaf as tf.Tensor;
    return `${dtype}[${shape.join()}]`;
  }
  if (typeof leaf === 'string') return JSON.stringify(leaf);
  if (typeof leaf === 'number') return Object.is(leaf, -0) ? '-0' : String(leaf);
  if (leaf instanceof tf.TensorBuffer) {
    const { shape, values } = leaf as tf.TensorBuffer<tf.Rank>;
    return `buffer [${shape.join()}] ${ArrayBuffer.isView(values) ? describe(values) : JSON.stringify(values)}`;
  }
  if (ArrayBuffer.isView(leaf)) {
    const bytes = new Uint8Array(leaf.buffer, leaf.byteOffset, leaf.byteLength);
    return `${leaf.constructor.name} ${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}`;
  }
  if (Array.isArray(leaf)) return '[]';
  if (isPlainObject(leaf)) return '{}';
  if (typeof leaf === 'function' || (typeof leaf === 'object' && leaf !== null)) {
    return `${typeof leaf === 'function' ? 'function' : 'object'} ${numberOf(leaf)}`;
  }
  return `${typeof leaf} ${String(leaf)}`;
}

const numbers = new WeakMap<object, number>();
let last = 0;

function numberOf(object: object): number {
  if (!numbers.has(object)) numbers.set(object, ++last);
  return numbers.get(object)!;
}
