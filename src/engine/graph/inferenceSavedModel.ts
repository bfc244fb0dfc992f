import { createRequire } from 'node:module';

import type { tf } from '../tf.ts';
import { tensorFlowBackend } from '../tracing/backend.ts';
import type { InferenceGraph } from './inferenceGraph.ts';
import { encodeSavedModel, SERVE_TAG } from './savedModel.ts';

const require = createRequire(import.meta.url);

/** The one signature, by the name that TensorFlow's tools look for. */
const SIGNATURE = 'serving_default';

/** A model that was read back. */
export interface LoadedModel {
  /** Outputs by name; the caller disposes them. */
  predict(inputs: Readonly<Record<string, tf.Tensor>>): tf.NamedTensorMap;
  dispose(): void;
}

/** The graph as the files of a SavedModel, by name; its weights are constants of the graph. */
export function encodeInferenceModel({ nodes, input, outputs }: InferenceGraph): Record<string, Uint8Array> {
  const { binding } = tensorFlowBackend()!;
  const names = { inputs: [input.key], outputs: outputs.map(({ key }) => key) };
  return { 'saved_model.pb': encodeSavedModel(binding, { nodes, inputs: [input], outputs }, names) };
}

/** Reads a SavedModel by tfjs-node's own loader, through its signature. */
export async function loadSavedModel(folder: string): Promise<LoadedModel> {
  const { node } = require('@tensorflow/tfjs-node') as {
    node: { loadSavedModel(path: string, tags: string[], signature: string): Promise<LoadedModel> };
  };
  return node.loadSavedModel(folder, [SERVE_TAG], SIGNATURE);
}
