import { tf } from '../tf.ts';
import { tensorFlowBackend, type TensorFlowBackend } from '../tracing/backend.ts';
import { mapTensors } from '../tracing/nested.ts';
import type { TracedNode } from '../tracing/trace.ts';

/**
 * An operation of TensorFlow that hands its input on, and that TensorFlow.js never uses: the border of a region.
 * Its message says on which side of the border its output lies.
 */
export const BORDER = 'PreventGradient';
const INSIDE = 'float32';
const OUTSIDE = 'any precision';

/**
 * The same values, from which a graph function of lower precision computes in float32: what is derived from
 * them, and the gradients of it until they reach these values again. For losses, where products of features
 * stand for distances that bfloat16's 8 bits would lose. Without mixed precision nothing changes.
 *
 * @param value tensors, nested at will; those that are not float32 are left as they are
 */
export function fullPrecision<T>(value: T): T {
  const backend = tensorFlowBackend();
  if (backend === undefined) return value;
  const enter: Crossing = tf.customGrad((x) => ({
    value: border(backend, x as tf.Tensor, INSIDE),
    gradFunc: (dy: tf.Tensor) => leave(dy),
  }));
  // As an operation with a gradient, or a gradient through it would have none.
  const leave: Crossing = tf.customGrad((dy) => ({
    value: border(backend, dy as tf.Tensor, OUTSIDE),
    gradFunc: (ddy: tf.Tensor) => enter(ddy),
  }));
  return mapTensors(value, (tensor) => (tensor.dtype === 'float32' ? enter(tensor) : tensor));
}

type Crossing = (x: tf.Tensor) => tf.Tensor;

function border(backend: TensorFlowBackend, x: tf.Tensor, message: string): tf.Tensor {
  const { TF_ATTR_TYPE, TF_ATTR_STRING, TF_FLOAT } = backend.binding;
  const attributes = [
    { name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT },
    { name: 'message', type: TF_ATTR_STRING, value: message },
  ];
  return backend.executeMultipleOutputs(BORDER, attributes, [x], 1)[0]!;
}

/** Names of the operations between the borders, those of the inner border included. */
export function float32Region(nodes: readonly TracedNode[]): ReadonlySet<string> {
  const region = new Set<string>();
  for (const { name, operation, inputs, attributes } of nodes) {
    const inside =
      operation === BORDER
        ? attributes.some((a) => a.name === 'message' && a.value === INSIDE)
        : inputs.some((input) => region.has(input.replace(/:\d+$/, '')));
    if (inside) region.add(name);
  }
  return region;
}
