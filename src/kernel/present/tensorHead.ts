/** What a tensor of TensorFlow.js is, without its values. */
import { isObject, plainProperty } from './safe.ts';

/** What is used of a tensor. */
export interface TensorLike {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly isDisposed: boolean;
  dataSync(): ArrayLike<unknown>;
  slice?(begin: readonly number[], size: readonly number[]): TensorLike;
  dispose?(): void;
  toString(): string;
}

export function isTensor(value: unknown): value is TensorLike {
  return (
    isObject(value) &&
    typeof plainProperty(value, 'dtype') === 'string' &&
    Array.isArray(plainProperty(value, 'shape')) &&
    typeof plainProperty(value, 'dataSync') === 'function'
  );
}

/** What a tensor is, without its values. */
export function tensorHead(tensor: TensorLike): string {
  const name = plainProperty(tensor, 'trainable') === undefined ? 'Tensor' : 'Variable';
  return `${name} ${tensor.dtype} [${tensor.shape.join(', ')}]${tensor.isDisposed ? ' (disposed)' : ''}`;
}
