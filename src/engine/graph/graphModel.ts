import type { io } from '@tensorflow/tfjs';

import { tf } from '../tf.ts';
import { tensorFlowBackend, type Binding, type OperationAttribute } from '../tracing/backend.ts';
import type { InferenceGraph, NamedEnd } from './inferenceGraph.ts';
import type { TracedNode } from '../tracing/trace.ts';

/**
 * Writes a graph as a graph model of TensorFlow.js, the form that its converter writes: `model.json` with the
 * operations as JSON of their protocol messages, and the constants in binary files beside it.
 * `tf.loadGraphModel(URL of model.json)` reads it, in a browser and elsewhere.
 *
 * `predict` of such a model returns the outputs by name (TensorFlow.js 3.15 and newer).
 */

/** Bytes of a weight file, as the converter has it: what browsers keep in their caches. */
const SHARD_BYTES = 4 * 1024 * 1024;

/** Files by name. @throws {Error} for what TensorFlow.js has no type or form for */
export function encodeGraphModel(graph: InferenceGraph, generatedBy: string): Record<string, Uint8Array> {
  const { binding } = tensorFlowBackend()!;
  const constants = graph.nodes.flatMap(({ name, constant }) =>
    constant === undefined ? [] : [{ name, ...constant }],
  );
  const data = Buffer.concat(constants.map(({ bytes }) => bytes));
  const count = Math.max(1, Math.ceil(data.byteLength / SHARD_BYTES));
  const shards = Array.from({ length: count }, (_, i) => ({
    name: `group1-shard${i + 1}of${count}.bin`,
    bytes: data.subarray(i * SHARD_BYTES, (i + 1) * SHARD_BYTES),
  }));
  const weights = constants.map(({ name, shape, dtype }) => ({
    name,
    shape,
    dtype: weightType(binding, dtype, name),
  }));
  const end = ({ name, dtype, shape }: NamedEnd) => ({
    name,
    dtype: typeName(binding, dtype),
    tensorShape: shapeMessage(shape),
  });
  const model = {
    format: 'graph-model',
    generatedBy,
    convertedBy: null,
    signature: {
      inputs: { [graph.input.key]: end(graph.input) },
      outputs: Object.fromEntries(graph.outputs.map((output) => [output.key, end(output)])),
    },
    userDefinedMetadata: { structuredOutputKeys: graph.outputs.map(({ key }) => key) },
    modelTopology: {
      node: graph.nodes.map((node) => nodeMessage(binding, node)),
      library: {},
      versions: {},
    },
    weightsManifest: [{ paths: shards.map(({ name }) => name), weights }],
  };
  return {
    'model.json': Buffer.from(JSON.stringify(model)),
    ...Object.fromEntries(shards.map(({ name, bytes }) => [name, bytes])),
  };
}

/** Reads a graph model from its files, on the engine of this process. */
export async function decodeGraphModel(files: Readonly<Record<string, Uint8Array>>): Promise<tf.GraphModel> {
  const { modelTopology, weightsManifest, ...rest } = JSON.parse(
    Buffer.from(files['model.json']!).toString(),
  ) as Pick<io.ModelJSON, 'weightsManifest'> & { modelTopology: object };
  const bytes = Buffer.concat(weightsManifest.flatMap(({ paths }) => paths.map((name) => files[name]!)));
  const artifacts: io.ModelArtifacts = {
    ...rest,
    modelTopology,
    weightSpecs: weightsManifest.flatMap(({ weights }) => weights),
    weightData: Uint8Array.from(bytes).buffer,
  };
  return tf.loadGraphModel({ load: () => Promise.resolve(artifacts) });
}

function nodeMessage(
  binding: Binding,
  { name, operation, inputs, attributes, constant, placeholder }: TracedNode,
) {
  const type = (dtype: number) => ({ type: typeName(binding, dtype) });
  const attr =
    constant !== undefined
      ? {
          dtype: type(constant.dtype),
          // The values are in the weight files; the converter leaves type and shape here too.
          value: {
            tensor: { dtype: typeName(binding, constant.dtype), tensorShape: shapeMessage(constant.shape) },
          },
        }
      : placeholder !== undefined
        ? { dtype: type(placeholder.dtype), shape: { shape: shapeMessage(placeholder.shape) } }
        : Object.fromEntries(
            attributes.map((attribute) => [attribute.name, attributeMessage(binding, attribute, name)]),
          );
  // The first result of a node goes by the node's name alone.
  const input = inputs.map((from) => (from.endsWith(':0') ? from.slice(0, -2) : from));
  return { name, op: operation, ...(input.length === 0 ? {} : { input }), attr };
}

/** An attribute in the JSON form of protocol messages: 64-bit integers as text, bytes in base64. */
function attributeMessage(binding: Binding, { name, type, value }: OperationAttribute, node: string): object {
  if (type === binding.TF_ATTR_SHAPE) return { shape: shapeMessage(value as number[]) };
  const forms = new Map<number, readonly [key: string, form: (v: unknown) => unknown]>([
    [binding.TF_ATTR_STRING, ['s', (v) => Buffer.from(String(v)).toString('base64')]],
    [binding.TF_ATTR_INT, ['i', (v) => String(Number(v))]],
    [binding.TF_ATTR_FLOAT, ['f', Number]],
    [binding.TF_ATTR_BOOL, ['b', Boolean]],
    [binding.TF_ATTR_TYPE, ['type', (v) => typeName(binding, Number(v))]],
  ]);
  const form = forms.get(type);
  if (form === undefined)
    throw new Error(`The attribute '${name}' of ${node} has the type ${type}, which has no JSON form.`);
  const [key, write] = form;
  return Array.isArray(value) ? { list: { [key]: value.map(write) } } : { [key]: write(value) };
}

function shapeMessage(shape: readonly number[]) {
  return { dim: shape.map((size) => ({ size: String(size) })) };
}

function typeName(binding: Binding, dtype: number): string {
  const names = new Map([
    [binding.TF_FLOAT, 'DT_FLOAT'],
    [binding.TF_INT32, 'DT_INT32'],
    [binding.TF_UINT8, 'DT_UINT8'],
    [binding.TF_BOOL, 'DT_BOOL'],
  ]);
  const name = names.get(dtype);
  if (name === undefined) throw new Error(`TensorFlow's type ${dtype} has no counterpart in TensorFlow.js.`);
  return name;
}

function weightType(binding: Binding, dtype: number, name: string): 'float32' | 'int32' | 'bool' {
  const types = new Map([
    [binding.TF_FLOAT, 'float32'],
    [binding.TF_INT32, 'int32'],
    [binding.TF_BOOL, 'bool'],
  ] as const);
  const type = types.get(dtype);
  if (type === undefined)
    throw new Error(`The constant ${name} has TensorFlow's type ${dtype}, which TensorFlow.js cannot hold.`);
  return type;
}
