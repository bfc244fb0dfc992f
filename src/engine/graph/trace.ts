import * as tf from '@tensorflow/tfjs';

import type { Binding, OperationAttribute, TensorFlowBackend } from './backend.ts';

/** One operation of a traced graph. Inputs are written `node:output`. */
export interface TracedNode {
  readonly name: string;
  readonly operation: string;
  readonly inputs: readonly string[];
  readonly attributes: readonly OperationAttribute[];
  /** For a constant: its bytes. */
  readonly constant?: {
    readonly shape: readonly number[];
    readonly dtype: number;
    readonly bytes: Uint8Array;
  };
  /** For an input of the graph. */
  readonly placeholder?: { readonly shape: readonly number[]; readonly dtype: number };
}

/** An end of the graph. */
export interface TracedValue {
  /** `node:output`. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: number;
}

/** What a function did, as TensorFlow operations. */
export interface Trace {
  readonly nodes: readonly TracedNode[];
  readonly inputs: readonly TracedValue[];
  readonly outputs: readonly TracedValue[];
  /** Tensors from outside that the function read beside its inputs; fed, like them, at every run. */
  readonly captured: readonly tf.TensorInfo[];
}

/**
 * Runs `fn` once on the inputs and records every TensorFlow operation that it executes.
 *
 * Tensors that `fn` makes from numbers (`tf.scalar(2)`) become constants of the graph. Tensors made outside and
 * used inside are captured by reference: each run feeds their value, and they must live as long as the graph.
 *
 * @throws {Error} where `fn` reads a tensor's values (`dataSync`, `arraySync`, ...): a graph has none while it
 * is traced.
 */
export function trace(
  backend: TensorFlowBackend,
  fn: (inputs: readonly tf.Tensor[]) => readonly tf.Tensor[],
  inputs: readonly tf.Tensor[],
): Trace {
  const binding = backend.binding;
  const nodes: TracedNode[] = [];
  const names = new Map<number, string>();
  const captured: tf.TensorInfo[] = [];
  const inside = new WeakSet();

  const getInputTensorIds = backend.getInputTensorIds.bind(backend);
  const placeholder = (tensor: tf.TensorInfo, name: string): TracedValue => {
    const id = getInputTensorIds([tensor])[0]!;
    const { shape, dtype } = backend.tensorMap.get(tensor.dataId);
    nodes.push({ name, operation: 'Placeholder', inputs: [], attributes: [], placeholder: { shape, dtype } });
    names.set(id, `${name}:0`);
    return { name: `${name}:0`, shape, dtype };
  };
  const ends = inputs.map((tensor, i) => placeholder(tensor, `input${i}`));

  const recording = Object.create(binding) as Binding;
  const define = (name: keyof Binding, value: unknown) => Object.defineProperty(recording, name, { value });
  define('createTensor', (shape: number[], dtype: number, values: tf.backend_util.BackendValues) => {
    const id = binding.createTensor(shape, dtype, values);
    const name = `constant${nodes.length}`;
    const constant = { shape, dtype, bytes: bytesOf(binding, dtype, values) };
    nodes.push({ name, operation: 'Const', inputs: [], attributes: [], constant });
    names.set(id, `${name}:0`);
    return id;
  });
  define(
    'executeOp',
    (operation: string, attributes: OperationAttribute[], ids: number[], outputs: number) => {
      const results = binding.executeOp(operation, attributes, ids, outputs);
      const name = `${operation}_${nodes.length}`;
      nodes.push({ name, operation, attributes, inputs: ids.map((id) => names.get(id)!) });
      results.forEach((result, i) => names.set(result.id, `${name}:${i}`));
      return results;
    },
  );
  define('tensorDataSync', () => {
    throw new Error(
      'A graph function may not read the values of a tensor (dataSync, data, arraySync, array, print) while it ' +
        'is traced: return the tensor and read it outside.',
    );
  });

  // A tensor that is first used here but was made outside is an input as well.
  const write = backend.write.bind(backend);
  backend.write = (values, shape, dtype) => {
    const dataId = write(values, shape, dtype);
    inside.add(dataId);
    return dataId;
  };
  backend.getInputTensorIds = (tensors) => {
    const known = (tensor: tf.TensorInfo): boolean => {
      if (!('dataId' in tensor)) return true; // an int64 constant, which has no tensor of its own
      const stored = backend.tensorMap.get(tensor.dataId);
      return stored.values === null ? names.has(stored.id) : inside.has(tensor.dataId);
    };
    for (const tensor of tensors.filter((t) => !known(t))) {
      // The upload of a captured tensor is no part of the graph.
      backend.binding = binding;
      ends.push(placeholder(tensor, `captured${captured.length}`));
      backend.binding = recording;
      captured.push(tensor);
    }
    return getInputTensorIds(tensors);
  };
  backend.binding = recording;

  let outputs: TracedValue[];
  try {
    outputs = fn(inputs).map((tensor) => {
      const id = backend.getInputTensorIds([tensor])[0]!;
      const { shape, dtype } = backend.tensorMap.get(tensor.dataId);
      return { name: names.get(id)!, shape, dtype };
    });
  } finally {
    backend.binding = binding;
    // The methods of the class show again.
    delete (backend as Partial<TensorFlowBackend>).write;
    delete (backend as Partial<TensorFlowBackend>).getInputTensorIds;
  }
  return { nodes, inputs: ends, outputs, captured };
}

function bytesOf(binding: Binding, dtype: number, values: tf.backend_util.BackendValues): Uint8Array {
  const numbers = values as unknown as ArrayLike<number>;
  const array =
    dtype === binding.TF_FLOAT
      ? Float32Array.from(numbers)
      : dtype === binding.TF_INT32
        ? Int32Array.from(numbers)
        : dtype === binding.TF_INT64
          ? Int32Array.from(numbers) // already two words a number, the low one first
          : dtype === binding.TF_BOOL
            ? Uint8Array.from(numbers)
            : undefined;
  if (array === undefined) {
    throw new Error(`A constant of TensorFlow's type ${dtype} cannot be written into a graph.`);
  }
  return new Uint8Array(array.buffer);
}
