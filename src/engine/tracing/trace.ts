import type { backend_util } from '@tensorflow/tfjs';

import { tf } from '../tf.ts';
import type { Binding, OperationAttribute, TensorFlowBackend } from './backend.ts';
import { guarded, readMessage } from './guard.ts';
import { standIns, type OutputKind } from './standIns.ts';
import { callSite, TracingError } from './tracingError.ts';

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
  /** For an operation: what it gave in the trace. */
  readonly results?: readonly OutputKind[];
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

export interface TraceOptions {
  /** An earlier trace of the function. As far as this one repeats it, its values are not computed. */
  readonly earlier?: Trace;
  /** Whether it must. */
  readonly mustRepeat?: boolean;
}

/**
 * Types, by the input that has them, that tfjs-node leaves to TensorFlow to infer, or (the mean of integers, which it
 * casts first) states wrongly, which eager TensorFlow overlooks: a graph must state them.
 */
const INFERRED: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  ExpandDims: { T: 0, Tdim: 1 },
  Mean: { T: 0 },
};

/**
 * Runs `fn` once on the inputs and records every TensorFlow operation that it executes.
 *
 * Tensors that `fn` makes from numbers (`tf.scalar(2)`) become constants of the graph. Tensors made outside and
 * used inside are captured by reference: each run feeds their value, and they must live as long as the graph.
 *
 * @throws {TracingError} where `fn` does what {@link guarded} refuses, or does not repeat `earlier` where it must
 */
export function trace(
  backend: TensorFlowBackend,
  fn: (inputs: readonly tf.Tensor[]) => readonly tf.Tensor[],
  inputs: readonly tf.Tensor[],
  { earlier, mustRepeat = false }: TraceOptions = {},
): Trace {
  const binding = backend.binding;
  const uncomputed = standIns(binding);
  /** Nodes whose value may be another one than in the earlier trace. */
  const changed = new Set<string>();
  const nodes: TracedNode[] = [];
  const names = new Map<number, string>();
  const types = new Map<number, number>();
  const captured: tf.TensorInfo[] = [];
  const inside = new WeakSet();

  /** Adds a node. Returns what it gave in the earlier trace, where it must give the same shapes now. */
  const add = (node: TracedNode): readonly OutputKind[] | undefined => {
    const before = earlier?.nodes[nodes.length];
    const same = sameNode(node, before);
    if (mustRepeat && !same) throw notRepeatable(node);
    nodes.push(node);
    if (same && !node.inputs.some((input) => changed.has(nodeOf(input)))) return before?.results;
    changed.add(node.name);
    return undefined;
  };

  const getInputTensorIds = backend.getInputTensorIds.bind(backend);
  const placeholder = (tensor: tf.TensorInfo, name: string): TracedValue => {
    const id = getInputTensorIds([tensor])[0]!;
    const { shape, dtype } = backend.tensorMap.get(tensor.dataId);
    add({ name, operation: 'Placeholder', inputs: [], attributes: [], placeholder: { shape, dtype } });
    names.set(id, `${name}:0`);
    types.set(id, dtype);
    return { name: `${name}:0`, shape, dtype };
  };
  const ends = inputs.map((tensor, i) => placeholder(tensor, `input${i}`));

  const nameOf = (id: number): string => {
    const name = names.get(id);
    if (name !== undefined) return name;
    throw new TracingError(
      `${callSite().place} uses a tensor that was made past the engine: it cannot be part of a graph.`,
    );
  };

  const recording = Object.create(binding) as Binding;
  const define = (name: keyof Binding, value: unknown) => Object.defineProperty(recording, name, { value });
  define('createTensor', (shape: number[], dtype: number, values: backend_util.BackendValues) => {
    const id = binding.createTensor(shape, dtype, values);
    const name = `constant${nodes.length}`;
    const constant = { shape, dtype, bytes: bytesOf(binding, dtype, values) };
    add({ name, operation: 'Const', inputs: [], attributes: [], constant });
    names.set(id, `${name}:0`);
    types.set(id, dtype);
    return id;
  });
  define(
    'executeOp',
    (operation: string, attributes: OperationAttribute[], ids: number[], outputs: number) => {
      const name = `${operation}_${nodes.length}`;
      const types_ = INFERRED[operation] ?? {};
      const inferred = Object.entries(types_).map(([attribute, input]) => {
        return { name: attribute, type: binding.TF_ATTR_TYPE, value: types.get(ids[input]!) };
      });
      const stated = attributes.filter((attribute) => !(attribute.name in types_));
      const node = { name, operation, attributes: [...stated, ...inferred], inputs: ids.map(nameOf) };
      const seen = add(node);
      const results =
        seen === undefined ? binding.executeOp(operation, attributes, ids, outputs) : uncomputed.make(seen);
      nodes.splice(-1, 1, { ...node, results: results.map(({ shape, dtype }) => ({ shape, dtype })) });
      results.forEach(({ id, dtype }, i) => {
        names.set(id, `${name}:${i}`);
        types.set(id, dtype);
      });
      return results;
    },
  );
  define('tensorDataSync', (id: number) => {
    // tfjs-node checks indices on the host before it gathers; TensorFlow itself checks them again in the graph.
    if (new Error().stack?.includes('GatherV2') === true) return binding.tensorDataSync(id);
    throw new TracingError(readMessage('readSync'));
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
      // Not the object: a variable's `dataId` changes.
      captured.push({ dataId: tensor.dataId, shape: tensor.shape, dtype: tensor.dtype });
    }
    return getInputTensorIds(tensors);
  };
  backend.binding = recording;

  let outputs: TracedValue[];
  try {
    outputs = guarded(() => fn(inputs)).map((tensor) => {
      const id = backend.getInputTensorIds([tensor])[0]!;
      const { shape, dtype } = backend.tensorMap.get(tensor.dataId);
      return { name: nameOf(id), shape, dtype };
    });
  } finally {
    uncomputed.dispose();
    backend.binding = binding;
    // The methods of the class show again.
    delete (backend as Partial<TensorFlowBackend>).write;
    delete (backend as Partial<TensorFlowBackend>).getInputTensorIds;
  }
  return { nodes, inputs: ends, outputs, captured };
}

/** `node` of `node:output`. */
function nodeOf(input: string): string {
  return input.slice(0, input.lastIndexOf(':'));
}

/** Whether two nodes are the same, to the bytes of a constant. */
export function sameNode(a: TracedNode, b: TracedNode | undefined): boolean {
  if (b === undefined || !sameOperation(a, b)) return false;
  return a.constant === undefined || Buffer.compare(a.constant.bytes, b.constant!.bytes) === 0;
}

/** Whether two nodes are the same up to the values of a constant. */
export function sameOperation(a: TracedNode, b: TracedNode): boolean {
  const words = ({ name, operation, inputs, attributes, constant, placeholder }: TracedNode) =>
    JSON.stringify([
      ...[name, operation, inputs, attributes.map((attribute) => [attribute.name, attribute.value])],
      ...[constant?.shape, constant?.dtype, placeholder?.shape, placeholder?.dtype],
    ]);
  return words(a) === words(b);
}

/** For where a trace does not repeat the one before. */
export function notRepeatable(node?: TracedNode): TracingError {
  const what = node?.operation === 'Const' ? 'a number that becomes a constant' : node?.operation;
  const where = what === undefined ? '' : `, first in ${what} at ${callSite().place}`;
  return new TracingError(
    `A graph function must be repeatable, but two traces of it differ${where}. It draws random numbers on the host ` +
      '(Math.random, tf.rand) or reads something that changes, which a graph would freeze: pass such values in.',
  );
}

function bytesOf(binding: Binding, dtype: number, values: backend_util.BackendValues): Uint8Array {
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
    throw new TracingError(
      `A graph function may not make a string tensor, but ${callSite().place} does: make it outside, and pass it in ` +
        'or use it by reference.',
    );
  }
  return new Uint8Array(array.buffer);
}
