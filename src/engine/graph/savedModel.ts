import type { Binding, OperationAttribute } from '../tracing/backend.ts';
import { messages, type AttrValue, type ListValue, type NodeDef, type TensorShape } from './messages.ts';
import type { Trace, TracedNode, TracedValue } from '../tracing/trace.ts';
import { TracingError } from '../tracing/tracingError.ts';

/** Version of the GraphDef format that is declared: older than TensorFlow 2.21's own, which reads it. */
const GRAPH_PRODUCER = 1645;
/** Bytes of constants that are sure to fit into a protocol buffer, which has 2^31 - 1 at most. */
const LARGEST = 2 ** 31 - 2 ** 26;
/** Version of the SavedModel format. */
const SAVED_MODEL_SCHEMA = 1;
/** The one tag that TensorFlow's loaders look for by default. */
export const SERVE_TAG = 'serve';

/** Names of a graph's ends in its signature. */
export interface EndNames {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/**
 * Writes a traced graph as the bytes of a `saved_model.pb`, which TensorFlow's loaders run.
 *
 * @param names of the ends in the signature `serving_default`; default: `input0`, `input1`, ..., `output0`, ...
 */
export function encodeSavedModel(
  binding: Binding,
  traced: Pick<Trace, 'nodes' | 'inputs' | 'outputs'>,
  names?: EndNames,
): Uint8Array {
  const constants = traced.nodes.reduce((sum, { constant }) => sum + (constant?.bytes.byteLength ?? 0), 0);
  if (constants > LARGEST) {
    throw new TracingError(
      `The graph would hold ${(constants / 2 ** 30).toFixed(1)} GiB of constants, but TensorFlow's format ends at ` +
        '2 GiB: make large tensors outside of a graph function, which then uses them by reference.',
    );
  }
  const pb = messages();
  const graph = new pb.GraphDef();
  for (const node of traced.nodes) graph.addNode(encodeNode(binding, node));
  const versions = new pb.VersionDef();
  versions.setProducer(GRAPH_PRODUCER);
  graph.setVersions(versions);

  const signature = new pb.SignatureDef();
  traced.inputs.forEach((end, i) => {
    signature.getInputsMap().set(names?.inputs[i] ?? `input${i}`, encodeEnd(end));
  });
  traced.outputs.forEach((end, i) => {
    signature.getOutputsMap().set(names?.outputs[i] ?? `output${i}`, encodeEnd(end));
  });
  signature.setMethodName('tensorflow/serving/predict');

  const info = new pb.MetaGraphDef.MetaInfoDef();
  info.addTags(SERVE_TAG);
  const meta = new pb.MetaGraphDef();
  meta.setMetaInfoDef(info);
  meta.setGraphDef(graph);
  meta.getSignatureDefMap().set('serving_default', signature);

  const model = new pb.SavedModel();
  model.setSavedModelSchemaVersion(SAVED_MODEL_SCHEMA);
  model.addMetaGraphs(meta);
  return model.serializeBinary();
}

function encodeNode(binding: Binding, node: TracedNode): NodeDef {
  const pb = messages();
  const encoded = new pb.NodeDef();
  encoded.setName(node.name);
  encoded.setOp(node.operation);
  for (const input of node.inputs) encoded.addInput(input);
  const attributes = encoded.getAttrMap();
  const type = (dtype: number): AttrValue => {
    const value = new pb.AttrValue();
    value.setType(dtype);
    return value;
  };
  if (node.constant !== undefined) {
    const tensor = new pb.Tensor();
    tensor.setDtype(node.constant.dtype);
    tensor.setTensorShape(encodeShape(node.constant.shape));
    tensor.setTensorContent(node.constant.bytes);
    const value = new pb.AttrValue();
    value.setTensor(tensor);
    attributes.set('dtype', type(node.constant.dtype));
    attributes.set('value', value);
  } else if (node.placeholder !== undefined) {
    const shape = new pb.AttrValue();
    shape.setShape(encodeShape(node.placeholder.shape));
    attributes.set('dtype', type(node.placeholder.dtype));
    attributes.set('shape', shape);
  } else {
    for (const attribute of node.attributes) {
      attributes.set(attribute.name, encodeAttribute(binding, attribute, node.operation));
    }
  }
  return encoded;
}

function encodeAttribute(binding: Binding, attribute: OperationAttribute, operation: string): AttrValue {
  const pb = messages();
  const encoded = new pb.AttrValue();
  const { type, value } = attribute;
  if (type === binding.TF_ATTR_SHAPE) {
    encoded.setShape(encodeShape(value as number[]));
    return encoded;
  }
  const text = (v: unknown) => new TextEncoder().encode(String(v));
  const single = new Map<number, (v: unknown) => void>([
    [binding.TF_ATTR_STRING, (v) => { encoded.setS(text(v)); }],
    [binding.TF_ATTR_INT, (v) => { encoded.setI(Number(v)); }],
    [binding.TF_ATTR_FLOAT, (v) => { encoded.setF(Number(v)); }],
    [binding.TF_ATTR_BOOL, (v) => { encoded.setB(Boolean(v)); }],
    [binding.TF_ATTR_TYPE, (v) => { encoded.setType(Number(v)); }],
  ]); // prettier-ignore
  const list = new Map<number, (into: ListValue, v: unknown) => void>([
    [binding.TF_ATTR_STRING, (into, v) => { into.addS(text(v)); }],
    [binding.TF_ATTR_INT, (into, v) => { into.addI(Number(v)); }],
    [binding.TF_ATTR_FLOAT, (into, v) => { into.addF(Number(v)); }],
    [binding.TF_ATTR_BOOL, (into, v) => { into.addB(Boolean(v)); }],
    [binding.TF_ATTR_TYPE, (into, v) => { into.addType(Number(v)); }],
  ]); // prettier-ignore
  const set = single.get(type);
  const add = list.get(type);
  if (set === undefined || add === undefined) {
    throw new Error(
      `The attribute '${attribute.name}' of ${operation} has the type ${type}, which no graph can hold.`,
    );
  }
  if (Array.isArray(value)) {
    const values = new pb.AttrValue.ListValue();
    for (const v of value as unknown[]) add(values, v);
    encoded.setList(values);
  } else {
    set(value);
  }
  return encoded;
}

function encodeShape(shape: readonly number[]): TensorShape {
  const pb = messages();
  const encoded = new pb.TensorShape();
  for (const size of shape) {
    const dim = new pb.TensorShape.Dim();
    dim.setSize(size);
    encoded.addDim(dim);
  }
  return encoded;
}

function encodeEnd(end: TracedValue) {
  const pb = messages();
  const encoded = new pb.TensorInfo();
  encoded.setName(end.name);
  encoded.setDtype(end.dtype);
  encoded.setTensorShape(encodeShape(end.shape));
  return encoded;
}
