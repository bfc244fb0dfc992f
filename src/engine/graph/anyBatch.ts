import type { Trace, TracedNode, TracedValue } from '../tracing/trace.ts';

/** A size that is not known until the graph runs. */
export const UNKNOWN = -1;

/**
 * Makes one trace for any number of samples of two traces of one function, made with two numbers of samples:
 * what differs between them is where the number was written into the graph. In the shapes of inputs and outputs
 * it becomes unknown; in the target of a Reshape, where it may appear in one axis, TensorFlow infers it.
 *
 * @throws {Error} naming the operation that cannot run with another number of samples, or where the traces differ
 * in more than that number
 */
export function forAnyBatch(first: Trace, second: Trace): Trace {
  if (first.nodes.length !== second.nodes.length) {
    throw new Error(
      `The function runs other operations for another number of samples (${first.nodes.length} against ` +
        `${second.nodes.length}), so one graph cannot stand for both.`,
    );
  }
  const nodes = first.nodes.map((node, i) =>
    forAnyBatchNode(node, second.nodes[i]!, first.nodes, second.nodes),
  );
  const ends = (a: readonly TracedValue[], b: readonly TracedValue[]) =>
    a.map((end, i) => ({ ...end, shape: unknownWhereDifferent(end.shape, b[i]!.shape) }));
  return {
    nodes,
    inputs: ends(first.inputs, second.inputs),
    outputs: ends(first.outputs, second.outputs),
    captured: first.captured,
  };
}

function forAnyBatchNode(
  a: TracedNode,
  b: TracedNode,
  first: readonly TracedNode[],
  second: readonly TracedNode[],
): TracedNode {
  const calls = ({ operation, inputs, attributes }: TracedNode) =>
    JSON.stringify([operation, inputs, attributes.map(({ name, value }) => [name, value])]);
  if (calls(a) !== calls(b)) {
    throw new Error(
      `The graph depends on the number of samples in ${a.operation} (${a.name}): ${calls(a)} against ${calls(b)}.`,
    );
  }
  if (a.placeholder !== undefined && b.placeholder !== undefined) {
    const shape = unknownWhereDifferent(a.placeholder.shape, b.placeholder.shape);
    return { ...a, placeholder: { ...a.placeholder, shape } };
  }
  if (a.constant === undefined || b.constant === undefined) return a;
  const same = a.constant.shape.join() === b.constant.shape.join() && a.constant.dtype === b.constant.dtype;
  if (same && Buffer.compare(a.constant.bytes, b.constant.bytes) === 0) return a;
  const readers = first.flatMap((node, i) =>
    node.inputs.flatMap((input, at) => (input === `${a.name}:0` ? [{ node, other: second[i]!, at }] : [])),
  );
  const [bytes, ...others] = readers.map(reshapeTarget);
  if (
    !same ||
    bytes === undefined ||
    others.some((target) => !target || Buffer.compare(target, bytes) !== 0)
  ) {
    const who = [...new Set(readers.map(({ node }) => node.operation))].join(', ');
    throw new Error(
      `A constant that ${who} reads depends on the number of samples, or on something that changes, such as random ` +
        'numbers drawn on the host: one graph cannot stand for every number of samples.',
    );
  }
  return { ...a, constant: { ...a.constant, bytes } };
}

/** A node of the first trace that reads a constant as its input `at`, and what it is in the second trace. */
interface Reader {
  readonly node: TracedNode;
  readonly other: TracedNode;
  readonly at: number;
}

/**
 * Where a constant is the target of a Reshape: the shape of the result, with the one axis that differs left to
 * TensorFlow; `undefined` where it is read as something else, or where several axes differ. Not made of the target
 * itself, which may have left another axis to TensorFlow.
 */
function reshapeTarget({ node, other, at }: Reader): Uint8Array | undefined {
  const [a, b] = [node.results?.[0]?.shape, other.results?.[0]?.shape];
  if (node.operation !== 'Reshape' || at !== 1 || a === undefined || a.length !== b?.length) return undefined;
  const shape = unknownWhereDifferent(a, b);
  if (shape.filter((size) => size === UNKNOWN).length !== 1) return undefined;
  return new Uint8Array(Int32Array.from(shape).buffer);
}

function unknownWhereDifferent(a: readonly number[], b: readonly number[]): number[] {
  return a.map((size, axis) => (size === b[axis] ? size : UNKNOWN));
}
