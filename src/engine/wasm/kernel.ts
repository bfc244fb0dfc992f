import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';

import { tf } from '../tf.ts';

/** What a kernel receives: its tensors and attributes by name, and the backend that holds the memory. */
export interface KernelCall {
  readonly inputs: tf.NamedTensorInfoMap;
  readonly attrs?: tf.NamedAttrMap;
  readonly backend: BackendWasm;
}

/** A kernel of the wasm backend with one output. */
export type WasmKernel = (call: KernelCall) => tf.TensorInfo;

/**
 * Runs a registered kernel of the wasm backend without a tensor, a tape or a scope around it. The caller owns the
 * output and gives it back with {@link free}.
 *
 * @throws {Error} if the backend has no kernel of that name.
 */
export function run(
  backend: BackendWasm,
  name: string,
  inputs: tf.NamedTensorInfoMap,
  attrs: tf.NamedAttrMap = {},
): tf.TensorInfo {
  // The type says that there always is one; `getKernel` returns undefined where there is none.
  const kernel = tf.getKernel(name, 'wasm') as tf.KernelConfig | undefined;
  if (kernel === undefined) throw new Error(`The wasm backend has no kernel '${name}'.`);
  const output = kernel.kernelFunc({ inputs, attrs, backend });
  if (Array.isArray(output)) throw new Error(`The kernel '${name}' has ${output.length} outputs, not one.`);
  return output;
}

/** Gives the memory of these outputs back. */
export function free(backend: BackendWasm, ...outputs: readonly tf.TensorInfo[]): void {
  for (const output of outputs) backend.disposeData(output.dataId);
}

/**
 * The values of a float32 tensor as they lie in the wasm memory. Any later allocation may move that memory and
 * leave the view empty, so take it after the last one.
 */
export function floats(backend: BackendWasm, tensor: tf.TensorInfo): Float32Array {
  return backend.typedArrayFromHeap(tensor) as Float32Array;
}

/** A float32 output without values. */
export function allocate(backend: BackendWasm, shape: readonly number[]): tf.TensorInfo {
  return backend.makeOutput([...shape], 'float32');
}

/**
 * Hands `use` a part of a float32 tensor's memory as a tensor of its own, without a copy: `shape` read from element
 * `start` on. It ends with the call; the memory stays with `whole`.
 */
export function withPart<T>(
  backend: BackendWasm,
  whole: tf.TensorInfo,
  start: number,
  shape: readonly number[],
  use: (part: tf.TensorInfo) => T,
): T {
  const { memoryOffset } = backend.dataIdMap.get(whole.dataId);
  const bytes = Float32Array.BYTES_PER_ELEMENT;
  const part = backend.makeOutput([...shape], 'float32', memoryOffset + start * bytes);
  try {
    return use(part);
  } finally {
    // Not disposeData(), which would free memory in the middle of another tensor.
    backend.wasm.tfjs.disposeData(backend.dataIdMap.get(part.dataId).id);
    backend.dataIdMap.delete(part.dataId);
  }
}

/** The same memory under another shape, for the input of a kernel. */
export function reshaped(tensor: tf.TensorInfo, shape: readonly number[]): tf.TensorInfo {
  return { ...tensor, shape: [...shape] };
}

/** One of a kernel's inputs. */
export function input(call: KernelCall, name: string): tf.TensorInfo {
  const tensor = call.inputs[name];
  if (tensor === undefined) throw new Error(`A kernel was called without its input '${name}'.`);
  return tensor;
}
