import { tf } from '../tf.ts';
import { UserError } from '../errors.ts';
import { forAnyBatch, UNKNOWN } from './anyBatch.ts';
import { tensorFlowBackend, type Binding, type TensorFlowBackend } from '../tracing/backend.ts';
import { trace, type Trace, type TracedNode, type TracedValue } from '../tracing/trace.ts';

/** Pixels as bytes, or numbers; inside the graph both are float32. */
export type InferenceDtype = 'uint8' | 'float32';

export interface InferenceOptions {
  /** Input of the graph: its name, and shape of one sample (`[height, width, channels]` for images). */
  readonly input: {
    readonly name: string;
    readonly shape: readonly number[];
    readonly dtype: InferenceDtype;
  };
  /** What the graph computes: outputs by name, from `[batch, ...shape] float32`. Captured tensors are frozen. */
  readonly fn: (batch: tf.Tensor) => Readonly<Record<string, tf.Tensor>>;
  /** Names for tensors that `fn` captures. */
  readonly constants: Readonly<Record<string, tf.Tensor>>;
}

/** A graph that stands alone: weights inside, named input and outputs, for any number of samples. */
export interface InferenceGraph {
  /** Each after those whose results it reads. The last ones carry the names of the outputs. */
  readonly nodes: readonly TracedNode[];
  /** `shape` begins with -1, the unknown number of samples; `name` is `node:0`, `key` the name alone. */
  readonly input: NamedEnd;
  readonly outputs: readonly NamedEnd[];
}

export interface NamedEnd extends TracedValue {
  readonly key: string;
}

/** Numbers of samples of the two traces; any two that are no other size of the graph by chance would do. */
const BATCHES = [2, 3] as const;

/**
 * Traces a function for inference and freezes what it captures, so that the graph can be written to a file and run
 * elsewhere. It is traced with two numbers of samples, see {@link forAnyBatch}.
 *
 * @throws {UserError} on an engine without graphs
 * @throws {Error} where the function's operations depend on the number of samples
 */
export function inferenceGraph(options: InferenceOptions): InferenceGraph {
  const backend = tensorFlowBackend();
  if (backend === undefined) {
    throw new UserError(
      `A graph is written by TensorFlow, but this process runs on the engine '${tf.getBackend()}'. Set TensorFlow up ` +
        '(`npm run setup`, or `npx msl setup` where the package is installed) and leave MSL_ENGINE unset.',
    );
  }
  let keys: string[] = [];
  const traceWith = (batch: number): Trace => {
    let traced: Trace | undefined;
    tf.tidy(() => {
      const samples = tf.zeros([batch, ...options.input.shape]);
      const run = ([input]: readonly tf.Tensor[]): tf.Tensor[] => {
        const outputs = options.fn(input!);
        keys = Object.keys(outputs);
        return Object.values(outputs);
      };
      traced = trace(backend, run, [samples]);
    });
    return traced as unknown as Trace;
  };
  const [first, second] = BATCHES.map(traceWith) as [Trace, Trace];
  if (first.captured.some((tensor, i) => tensor.dataId !== second.captured[i]?.dataId)) {
    throw new Error('Two traces of the function captured different tensors: it is not repeatable.');
  }
  return assemble(backend, forAnyBatch(first, second), keys, options);
}

function assemble(
  { binding }: TensorFlowBackend,
  traced: Trace,
  keys: readonly string[],
  { input, constants }: InferenceOptions,
): InferenceGraph {
  const given = traced.inputs[0]!;
  const frozen = new Map(
    traced.captured.map((tensor, i) => {
      const known = Object.entries(constants).find(([, t]) => t.dataId === tensor.dataId);
      return [traced.inputs[i + 1]!.name, freeze(binding, tensor, known?.[0] ?? `captured${i}`)];
    }),
  );
  const type = (name: string, value: number) => ({ name, type: binding.TF_ATTR_TYPE, value });
  /** Where a result of the trace is found now, if not in its place. */
  const moved = new Map<string, string>();
  const nodes: TracedNode[] = [];
  const shape = [UNKNOWN, ...input.shape];
  const dtype = input.dtype === 'uint8' ? binding.TF_UINT8 : binding.TF_FLOAT;
  nodes.push({
    name: input.name,
    operation: 'Placeholder',
    inputs: [],
    attributes: [],
    placeholder: { shape, dtype },
  });
  moved.set(given.name, `${input.name}:0`);
  if (input.dtype === 'uint8') {
    const name = `${input.name}_float32`;
    const attributes = [
      type('SrcT', dtype),
      type('DstT', binding.TF_FLOAT),
      { name: 'Truncate', type: binding.TF_ATTR_BOOL, value: false },
    ];
    nodes.push({ name, operation: 'Cast', inputs: [`${input.name}:0`], attributes });
    moved.set(given.name, `${name}:0`);
  }
  const place = (name: string) => moved.get(name) ?? name;
  for (const node of traced.nodes) {
    const result = `${node.name}:0`;
    const constant = frozen.get(result);
    if (constant !== undefined) {
      nodes.push(constant);
      moved.set(result, `${constant.name}:0`);
    } else if (changesNothing(node)) {
      moved.set(result, place(node.inputs[0]!));
    } else if (result !== given.name) {
      nodes.push({ ...node, inputs: node.inputs.map(place) });
    }
  }
  const outputs = keys.map((key, i): NamedEnd => {
    const end = traced.outputs[i]!;
    nodes.push({
      name: key,
      operation: 'Identity',
      inputs: [place(end.name)],
      attributes: [type('T', end.dtype)],
    });
    return { ...end, key, name: `${key}:0` };
  });
  const needed = neededFor(keys, nodes);
  const names = new Set(needed.map(({ name }) => name));
  if (names.size !== needed.length) throw new Error('Two nodes of the graph have one name.');
  return { nodes: needed, input: { key: input.name, name: `${input.name}:0`, shape, dtype }, outputs };
}

/** TensorFlow.js casts float32 to float32 here and there. */
function changesNothing({ operation, attributes }: TracedNode): boolean {
  const value = (name: string) => attributes.find((attribute) => attribute.name === name)?.value;
  return operation === 'Cast' && value('SrcT') === value('DstT');
}

function freeze(binding: Binding, tensor: tf.TensorInfo, name: string): TracedNode {
  if (tensor.dtype !== 'float32' && tensor.dtype !== 'int32') {
    throw new Error(`'${name}' is of type ${tensor.dtype}, which the graph cannot hold.`);
  }
  const values = tf.backend().readSync(tensor.dataId) as Float32Array | Int32Array;
  const constant = {
    shape: tensor.shape,
    dtype: tensor.dtype === 'float32' ? binding.TF_FLOAT : binding.TF_INT32,
    bytes: new Uint8Array(values.slice().buffer),
  };
  return { name, operation: 'Const', inputs: [], attributes: [], constant };
}

/** The nodes that the named ones depend on, in their order. */
function neededFor(keys: readonly string[], nodes: readonly TracedNode[]): TracedNode[] {
  const needed = new Set(keys);
  return nodes
    .toReversed()
    .filter((node) => {
      if (!needed.has(node.name)) return false;
      for (const input of node.inputs) needed.add(input.slice(0, input.lastIndexOf(':')));
      return true;
    })
    .reverse();
}
