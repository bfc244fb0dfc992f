import type { backend_util } from '@tensorflow/tfjs';

import { tf } from '../tf.ts';

/** An attribute of a TensorFlow operation, as the binding takes it. */
export interface OperationAttribute {
  readonly name: string;
  /** One of the binding's `TF_ATTR_*`. */
  readonly type: number;
  readonly value: unknown;
}

/** What the binding says of a tensor that it made. */
export interface TensorMetadata {
  readonly id: number;
  readonly shape: number[];
  readonly dtype: number;
}

/** tfjs-node's native binding: every operation of the engine passes through `executeOp`. */
export interface Binding {
  executeOp(
    name: string,
    attributes: OperationAttribute[],
    inputs: number[],
    outputs: number,
  ): TensorMetadata[];
  createTensor(shape: number[], dtype: number, values: backend_util.BackendValues): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): Float32Array | Int32Array | Uint8Array;
  loadSavedModel(folder: string, tags: string): number;
  deleteSavedModel(id: number): void;
  runSavedModel(id: number, inputs: number[], inputNames: string, outputNames: string): TensorMetadata[];
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  readonly TF_INT64: number;
  readonly TF_BOOL: number;
  readonly TF_UINT8: number;
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_SHAPE: number;
}

/** A tensor as the backend stores it: `values` waits on the host until an operation first needs it. */
interface StoredTensor {
  readonly shape: number[];
  readonly dtype: number;
  readonly id: number;
  readonly values: backend_util.BackendValues | null;
}

/** tfjs-node's backend, with the members that tracing needs (tfjs-node declares some of them private). */
export interface TensorFlowBackend {
  binding: Binding;
  readonly tensorMap: { get(dataId: object): StoredTensor; has(dataId: object): boolean };
  write(values: backend_util.BackendValues, shape: number[], dtype: tf.DataType): object;
  getInputTensorIds(tensors: tf.TensorInfo[]): number[];
  createOutputTensor(metadata: TensorMetadata): tf.Tensor;
  executeMultipleOutputs(
    name: string,
    attributes: OperationAttribute[],
    inputs: tf.TensorInfo[],
    outputs: number,
  ): tf.Tensor[];
}

/** The TensorFlow backend, or `undefined` on the other engines. */
export function tensorFlowBackend(): TensorFlowBackend | undefined {
  return tf.getBackend() === 'tensorflow' ? (tf.backend() as unknown as TensorFlowBackend) : undefined;
}
