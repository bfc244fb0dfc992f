import { tf } from '../tf.ts';
import type { KernelCall } from './kernel.ts';

const inputs = (call: KernelCall): tf.TensorInfo[] =>
  Object.values(call.inputs).filter((x) => x !== undefined);
const always = (): boolean => true;
const isEmpty = (call: KernelCall): boolean => inputs(call).some((x) => tf.util.sizeFromShape(x.shape) === 0);
const isNotFloat = (call: KernelCall): boolean => inputs(call).some((x) => x.dtype !== 'float32');

/**
 * The calls in which a kernel of the backend (4.22) is wrong or refuses, by name; they are computed by the JavaScript
 * backend instead. All of them are rare, or on small tensors.
 */
export const DETOURS: Readonly<Record<string, (call: KernelCall) => boolean>> = {
  // The sum of nothing is not 0 but what the output's memory held before. Likewise the other reductions.
  Sum: isEmpty,
  Mean: isEmpty,
  Prod: isEmpty,
  Max: isEmpty,
  Min: isEmpty,
  Any: isEmpty,
  All: isEmpty,
  // Likewise a product over an axis of length 0; and integers (a confusion matrix) are refused.
  BatchMatMul: (call) => isEmpty(call) || isNotFloat(call),
  // The same, and it adds the bias in the wrong place once a factor is transposed.
  _FusedMatMul: (call) =>
    isEmpty(call) ||
    (call.inputs['bias'] !== undefined &&
      (call.attrs?.['transposeA'] === true || call.attrs?.['transposeB'] === true)),
  // Adds up first, where the 1 takes the digits of what is small: off by a fifth at 1e-7.
  Log1p: always,
  // Off by 2e-7 below 0, which is a fifth of the value at -1e-6.
  Sin: always,
  // 0 for what is 1e-7 or less from it.
  Sign: always,
  // Takes every slope for one of the last axis, also those of another axis.
  Prelu: ({ inputs: { alpha } }) =>
    alpha !== undefined && alpha.shape.at(-1) !== tf.util.sizeFromShape(alpha.shape),
  // To bool: 3 becomes 3, 256 and 0.5 become false.
  Cast: ({ attrs }) => attrs?.['dtype'] === 'bool',
  // Calls its output float32 whatever its input is.
  StridedSlice: isNotFloat,
};
