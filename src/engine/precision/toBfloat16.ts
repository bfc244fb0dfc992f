import type { Binding, OperationAttribute } from '../tracing/backend.ts';
import type { Trace, TracedNode } from '../tracing/trace.ts';
import { bfloat16Bytes, DT_BFLOAT16 } from './bfloat16.ts';
import { BORDER, float32Region } from './float32Region.ts';
import { LOWERINGS } from './operations.ts';

/** The binding's numbers for types and attributes. */
export type TypeNumbers = Pick<Binding, 'TF_FLOAT' | 'TF_ATTR_TYPE' | 'TF_ATTR_BOOL'>;

/**
 * Mixed precision: the same graph, in which {@link LOWERINGS} says which operations compute in bfloat16. A pure
 * function of the list of operations.
 *
 * - Inputs and outputs of the graph keep their types.
 * - A value that is needed in the other type is cast once, by a node `NODE/bfloat16` or `NODE/float32` before
 *   its first reader, however many read it, and never back: who needs the first type reads the first value. A constant
 *   gets a second constant in place of a cast.
 * - Operations that leave a value as it is (`Identity`, a cast of float32 to float32, which TensorFlow.js writes
 *   in every product) are looked through.
 * - What was computed from values under {@link fullPrecision} stays float32.
 */
export function toBfloat16<G extends Pick<Trace, 'nodes' | 'outputs'>>(traced: G, types: TypeNumbers): G {
  const kept = float32Region(traced.nodes);
  const nodes: TracedNode[] = [];
  const constants = new Map(traced.nodes.filter((n) => n.constant !== undefined).map((n) => [n.name, n]));
  /** Outputs that are bfloat16. */
  const lowered = new Set<string>();
  /** The values that were cast, `VALUE>TYPE`, and what they became. */
  const casts = new Map<string, string>();
  /** What the values that were looked through are. */
  const origins = new Map<string, string>();
  /** Nodes that matter only to their readers. */
  const optional = new Set<string>();

  const cast = (value: string, to: 'bfloat16' | 'float32'): string => {
    const key = `${value}>${to}`;
    const known = casts.get(key);
    if (known !== undefined) return known;
    const name = `${value.replace(/:0$/, '').replace(':', '/')}/${to}`;
    const constant = constants.get(value.slice(0, value.lastIndexOf(':')))?.constant;
    const [from, into] = to === 'bfloat16' ? [types.TF_FLOAT, DT_BFLOAT16] : [DT_BFLOAT16, types.TF_FLOAT];
    if (to === 'bfloat16' && constant !== undefined) {
      optional.add(value.slice(0, value.lastIndexOf(':')));
      const bytes = bfloat16Bytes(constant.bytes);
      nodes.push({
        name,
        operation: 'Const',
        inputs: [],
        attributes: [],
        constant: { ...constant, dtype: DT_BFLOAT16, bytes },
      });
    } else {
      nodes.push({
        name,
        operation: 'Cast',
        inputs: [value],
        attributes: [
          { name: 'SrcT', type: types.TF_ATTR_TYPE, value: from },
          { name: 'DstT', type: types.TF_ATTR_TYPE, value: into },
          { name: 'Truncate', type: types.TF_ATTR_BOOL, value: false },
        ],
      });
    }
    optional.add(name);
    casts.set(key, `${name}:0`);
    return `${name}:0`;
  };
  const asFloat32 = (value: string): string => (lowered.has(value) ? cast(value, 'float32') : value);

  for (const node of traced.nodes) {
    const inputs = node.inputs.map((value) => origins.get(value) ?? value);
    if (passesThrough(node, types)) {
      origins.set(`${node.name}:0`, inputs[0]!);
      optional.add(node.name);
    }
    const operands = kept.has(node.name) ? undefined : loweredOperands(node, inputs, lowered, types);
    if (operands === undefined) {
      nodes.push({ ...node, inputs: inputs.map(asFloat32) });
      continue;
    }
    const mixed = inputs.map((value, i) => {
      if (!operands.has(i)) return asFloat32(value);
      return lowered.has(value) ? value : cast(value, 'bfloat16');
    });
    nodes.push({ ...node, inputs: mixed, attributes: node.attributes.map(toType('T', DT_BFLOAT16)) });
    lowered.add(`${node.name}:0`);
  }
  const outputs = traced.outputs.map((end) => ({ ...end, name: asFloat32(end.name) }));
  return {
    ...traced,
    nodes: withoutUnread(
      nodes,
      optional,
      outputs.map((end) => end.name),
    ),
    outputs,
  };
}

/** Places of the operands that become bfloat16, or `undefined` where the operation stays float32. */
function loweredOperands(
  node: TracedNode,
  inputs: readonly string[],
  lowered: ReadonlySet<string>,
  types: TypeNumbers,
): ReadonlySet<number> | undefined {
  const lowering = LOWERINGS.get(node.operation);
  if (lowering === undefined || attribute(node, 'T') !== types.TF_FLOAT) return undefined;
  const all = inputs.flatMap((value, i) => (isControl(value) ? [] : [i]));
  const operands = lowering.operands === 'every' ? all : lowering.operands;
  const isLowered = (i: number): boolean => lowered.has(inputs[i]!);
  const goes =
    lowering.when === 'always' ||
    (lowering.when === 'any' ? operands.some(isLowered) : operands.every(isLowered));
  return goes ? new Set(operands) : undefined;
}

/** Whether a float32 value comes out as it goes in, with no other node to wait for. */
function passesThrough(node: TracedNode, { TF_FLOAT }: TypeNumbers): boolean {
  if (node.inputs.length !== 1) return false;
  return node.operation === 'Identity' || node.operation === BORDER
    ? attribute(node, 'T') === TF_FLOAT
    : node.operation === 'Cast' &&
        attribute(node, 'SrcT') === TF_FLOAT &&
        attribute(node, 'DstT') === TF_FLOAT;
}

function attribute({ attributes }: TracedNode, name: string): unknown {
  return attributes.find((a) => a.name === name)?.value;
}

function toType(name: string, dtype: number): (attribute: OperationAttribute) => OperationAttribute {
  return (attribute) => (attribute.name === name ? { ...attribute, value: dtype } : attribute);
}

/** An input `^node` waits for a node and reads nothing. */
function isControl(input: string): boolean {
  return input.startsWith('^');
}

/** Leaves out those of the optional nodes that nobody reads. */
function withoutUnread(
  nodes: readonly TracedNode[],
  optional: ReadonlySet<string>,
  ends: readonly string[],
): TracedNode[] {
  const nodeOf = (value: string): string => value.replace(/^\^/, '').replace(/:\d+$/, '');
  const read = new Set(ends.map(nodeOf));
  const left: TracedNode[] = [];
  for (const node of [...nodes].reverse()) {
    if (optional.has(node.name) && !read.has(node.name)) continue;
    for (const input of node.inputs) read.add(nodeOf(input));
    left.push(node);
  }
  return left.reverse();
}
