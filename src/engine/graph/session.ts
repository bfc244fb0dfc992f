import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { tf } from '../tf.ts';
import { namingFile } from '../fileError.ts';
import type { TensorFlowBackend } from '../tracing/backend.ts';
import { encodeSavedModel, SERVE_TAG } from './savedModel.ts';
import type { Trace, TracedNode, TracedValue } from '../tracing/trace.ts';

/** A graph that TensorFlow runs. */
export interface Session {
  /** @param inputs in the order of the trace's inputs @returns tensors in the order of its outputs */
  readonly run: (inputs: readonly tf.TensorInfo[]) => tf.Tensor[];
  readonly dispose: () => void;
}

/** Hands a graph to TensorFlow. Its loader takes a folder, which is removed at once. */
export function openSession(backend: TensorFlowBackend, traced: Trace): Session {
  const { binding } = backend;
  const folder = mkdtempSync(path.join(os.tmpdir(), 'msl-graph-'));
  let session: number;
  try {
    const file = path.join(folder, 'saved_model.pb');
    const model = encodeSavedModel(binding, traced);
    namingFile(file, () => {
      writeFileSync(file, model);
    });
    session = binding.loadSavedModel(folder, SERVE_TAG);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const namesOf = (ends: readonly TracedValue[]) => ends.map((end) => end.name).join();
  const inputNames = namesOf(traced.inputs);
  const outputNames = namesOf(traced.outputs);
  return {
    run: (inputs) => {
      if (traced.outputs.length === 0) return [];
      const ids = backend.getInputTensorIds([...inputs]);
      const outputs = binding.runSavedModel(session, ids, inputNames, outputNames);
      return outputs.map((metadata) => backend.createOutputTensor(metadata));
    },
    dispose: () => {
      binding.deleteSavedModel(session);
    },
  };
}

/** A session can neither fetch what it is fed nor fetch one value twice: such outputs get a node of their own. */
export function withFetchableOutputs(backend: TensorFlowBackend, traced: Trace): Trace {
  const taken = new Set(traced.inputs.map((end) => end.name));
  const nodes: TracedNode[] = [...traced.nodes];
  const outputs = traced.outputs.map((end, i): TracedValue => {
    if (!taken.has(end.name)) {
      taken.add(end.name);
      return end;
    }
    const name = `output${i}`;
    const attributes = [{ name: 'T', type: backend.binding.TF_ATTR_TYPE, value: end.dtype }];
    nodes.push({ name, operation: 'Identity', inputs: [end.name], attributes });
    return { ...end, name: `${name}:0` };
  });
  return { ...traced, nodes, outputs };
}
