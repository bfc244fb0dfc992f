import type { MimeBundle } from '../output.ts';

/** What is shown of a TensorFlow.js tensor. */
export interface TensorLike {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly isDisposed: boolean;
  dataSync(): Iterable<unknown> & { readonly length: number };
  toString(): string;
}

export function isTensor(value: unknown): value is TensorLike {
  if (typeof value !== 'object' || value === null) return false;
  const tensor = value as Partial<TensorLike>;
  return (
    typeof tensor.dtype === 'string' && Array.isArray(tensor.shape) && typeof tensor.dataSync === 'function'
  );
}

/** Tensors of more elements are not summed up: that would fetch them from the device. */
const LARGEST_SUMMARY = 1e6;

function summary(values: ReturnType<TensorLike['dataSync']>): string {
  let min = Infinity;
  let max = -Infinity;
  let sum = 0;
  for (const element of values) {
    const value = Number(element);
    // NaN has to be seen in all three.
    if (!(value >= min)) min = value;
    if (!(value <= max)) max = value;
    sum += value;
  }
  const short = (value: number) => Number(value.toPrecision(4));
  return `min ${short(min)}, mean ${short(sum / values.length)}, max ${short(max)}`;
}

/** A tensor: type, shape, range, and a few values. */
export function tensorBundle(tensor: TensorLike): MimeBundle {
  const head = `Tensor ${tensor.dtype} [${tensor.shape.join(', ')}]`;
  if (tensor.isDisposed) return { 'text/plain': `${head} (disposed)` };
  const size = tensor.shape.reduce((product, length) => product * length, 1);
  const numeric = tensor.dtype === 'float32' || tensor.dtype === 'int32' || tensor.dtype === 'bool';
  const range = numeric && size > 1 && size <= LARGEST_SUMMARY ? ` · ${summary(tensor.dataSync())}` : '';
  // tfjs prints "Tensor" and indents the values by four.
  const values = tensor
    .toString()
    .replace(/^Tensor\n/, '')
    .replace(/^ {4}/gm, '');
  return { 'text/plain': `${head}${range}\n${values}` };
}
