import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import * as tf from '@tensorflow/tfjs';

import { tensorFlowBackend, type TensorFlowBackend } from './backend.ts';
import { mapTensors, signatureOf, tensorsOf } from './nested.ts';
import { inPrecision, requirePrecision, type Precision } from '../precision/precision.ts';
import { encodeSavedModel, SERVE_TAG } from './savedModel.ts';
import { trace, type Trace } from './trace.ts';

/** A function that runs as a TensorFlow graph, with a way to free what it holds. */
export interface GraphFunction<A, R> {
  (argument: A): R;
  /** Frees the sessions of all its graphs. */
  readonly dispose: () => void;
}

/** Options of {@link graphFunction}. */
export interface GraphFunctionOptions {
  /** What the graph computes in; default `float32`. Other engines than TensorFlow refuse `bfloat16`. */
  readonly precision?: Precision;
}

interface Graph<R> {
  readonly session: number;
  readonly inputNames: string;
  readonly outputNames: string;
  readonly captured: readonly tf.TensorInfo[];
  /** The result's structure, its tensors standing for the outputs in order. */
  readonly unflatten: (outputs: readonly tf.Tensor[]) => R;
}

/**
 * Makes a function of tensors run as a TensorFlow graph: what `tf.function` is to Python's TensorFlow.
 *
 * The function is traced at its first call (it runs eagerly and every TensorFlow operation is recorded), and
 * again for an argument of another signature: structure, shapes, dtypes, or another value of something that is
 * no tensor. The graph then runs in a session, in parallel and without a round trip through JavaScript for each
 * operation. On the engines without graphs the function runs eagerly in `tf.tidy`, with the same result.
 *
 * `fn` must be pure: its result depends on its argument and on nothing that changes. Tensors made outside and
 * used inside are captured by reference and must not be disposed before the graph function is.
 *
 * @throws {Error} at tracing, where `fn` reads values of a tensor, or is not repeatable (host randomness, which
 * a graph would freeze: pass random tensors in).
 * @throws {UserError} at a call, where the engine does not know the precision
 */
export function graphFunction<A, R>(
  fn: (argument: A) => R,
  { precision = 'float32' }: GraphFunctionOptions = {},
): GraphFunction<A, R> {
  const graphs = new Map<string, Graph<R>>();
  const call = (argument: A): R => {
    const backend = tensorFlowBackend();
    requirePrecision(precision, tf.getBackend());
    if (backend === undefined) return eager(fn, argument);
    const signature = `${signatureOf(argument)} ${sharing(argument)}`;
    let graph = graphs.get(signature);
    if (graph === undefined) {
      graph = build(backend, fn, argument, precision);
      graphs.set(signature, graph);
    }
    return run(backend, graph, argument);
  };
  const dispose = (): void => {
    for (const graph of graphs.values()) tensorFlowBackend()?.binding.deleteSavedModel(graph.session);
    graphs.clear();
  };
  return Object.assign(call, { dispose });
}

/** Which tensors of the argument are one and the same: a graph traced with one would feed only one of them. */
function sharing(argument: unknown): string {
  const seen = new Map<object, number>();
  return tensorsOf(argument)
    .map(({ dataId }, i) => {
      if (!seen.has(dataId)) seen.set(dataId, i);
      return seen.get(dataId)!;
    })
    .join();
}

/** Runs without a graph. A tensor that passes through is cloned, so that argument and result stay apart. */
function eager<A, R>(fn: (argument: A) => R, argument: A): R {
  const given = new Set(tensorsOf(argument));
  let result: R | undefined;
  tf.tidy(() => {
    result = mapTensors(fn(argument), (tensor) => (given.has(tensor) ? tensor.clone() : tensor));
    return tensorsOf(result);
  });
  return result as R;
}

function build<A, R>(
  backend: TensorFlowBackend,
  fn: (argument: A) => R,
  argument: A,
  precision: Precision,
): Graph<R> {
  const { traced, unflatten } = traceNested(backend, fn, argument);
  // What differs between two traces came from outside the function: it would be frozen.
  if (fingerprint(traced) !== fingerprint(traceNested(backend, fn, argument).traced)) {
    throw new Error(
      'A graph function must be repeatable, but two traces of it differ: it draws random ' +
        'numbers on the host (tf.randomNormal, tf.dropout, Math.random) or reads something that changes. ' +
        'Make such values outside and pass them in.',
    );
  }
  return { ...load(backend, inPrecision(traced, precision, backend.binding)), unflatten };
}

function traceNested<A, R>(
  backend: TensorFlowBackend,
  fn: (argument: A) => R,
  argument: A,
): { traced: Trace; unflatten: (outputs: readonly tf.Tensor[]) => R } {
  let structure: R | undefined;
  const given = tensorsOf(argument);
  let traced: Trace | undefined;
  tf.tidy(() => {
    const run = (): tf.Tensor[] => {
      structure = fn(argument);
      return tensorsOf(structure).map(throughIdentity(backend, given));
    };
    traced = trace(backend, run, given);
  });
  return {
    traced: traced as unknown as Trace,
    unflatten: (outputs) => {
      let next = 0;
      return mapTensors(structure as R, () => outputs[next++]!);
    },
  };
}

/** A session can neither fetch what it is fed nor fetch one value twice: such outputs get a node of their own. */
function throughIdentity(
  backend: TensorFlowBackend,
  given: readonly tf.Tensor[],
): (tensor: tf.Tensor) => tf.Tensor {
  const taken = new Set(given.map((tensor) => tensor.dataId));
  return (tensor) => {
    if (!taken.has(tensor.dataId)) {
      taken.add(tensor.dataId);
      return tensor;
    }
    const { binding } = backend;
    const dtype = backend.tensorMap.get(tensor.dataId).dtype;
    return backend.executeMultipleOutputs(
      'Identity',
      [{ name: 'T', type: binding.TF_ATTR_TYPE, value: dtype }],
      [tensor],
      1,
    )[0]!;
  };
}

/** What two traces of a repeatable function have in common: operations, connections, attributes and constants. */
function fingerprint(traced: Trace): string {
  const hash = createHash('sha256');
  for (const { name, operation, inputs, attributes, constant } of traced.nodes) {
    hash.update(
      JSON.stringify([name, operation, inputs, attributes.map(({ name, value }) => [name, value])]),
    );
    if (constant !== undefined) hash.update(constant.bytes);
  }
  return hash.digest('hex');
}

/** Hands the graph to TensorFlow. Its loader takes a folder, which is removed at once. */
function load(backend: TensorFlowBackend, traced: Trace) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'msl-graph-'));
  try {
    writeFileSync(path.join(folder, 'saved_model.pb'), encodeSavedModel(backend.binding, traced));
    return {
      session: backend.binding.loadSavedModel(folder, SERVE_TAG),
      inputNames: traced.inputs.map((end) => end.name).join(),
      outputNames: traced.outputs.map((end) => end.name).join(),
      captured: traced.captured,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run<R>(backend: TensorFlowBackend, graph: Graph<R>, argument: unknown): R {
  const ids = backend.getInputTensorIds([...tensorsOf(argument), ...graph.captured]);
  const outputs = backend.binding.runSavedModel(graph.session, ids, graph.inputNames, graph.outputNames);
  return graph.unflatten(outputs.map((metadata) => backend.createOutputTensor(metadata)));
}
