import { writeFileSync } from 'node:fs';
import path from 'node:path';

import type { tf } from '../tf.ts';
import { inPrecision, type Precision } from '../precision/precision.ts';
import { makeFolder } from '../makeFolder.ts';
import { tensorFlowBackend, type TensorFlowBackend } from '../tracing/backend.ts';
import { encodeSavedModel } from './savedModel.ts';
import { withFetchableOutputs } from './session.ts';
import { simplified } from './simplify.ts';
import type { Trace } from '../tracing/trace.ts';
import { fedTensors, traceRepeatedly, type TracedFunction } from '../tracing/traceRepeatedly.ts';

/** A traced function and the graph that TensorFlow is given for it. */
export interface PreparedGraph<R> {
  readonly traced: TracedFunction<R>;
  /** In the precision, simplified, and with outputs that a session can fetch. */
  readonly graph: Trace;
}

/** Traces a function and makes the graph of it that runs. */
export function preparedGraph<A extends readonly unknown[], R>(
  backend: TensorFlowBackend,
  fn: (...args: A) => R,
  args: A,
  precision: Precision,
): PreparedGraph<R> {
  const traced = traceRepeatedly(backend, fn, args);
  const lowered = inPrecision(traced.trace, precision, backend.binding);
  return { traced, graph: withFetchableOutputs(backend, simplified(lowered)) };
}

/**
 * Writes the graph that `graphFunction(fn, { precision })` runs for these arguments, for tools that look into graphs: a
 * SavedModel with the inputs `input0`, `input1`, ... and outputs `output0`, ...
 *
 * @param folder is made; its `saved_model.pb` is replaced
 * @returns the tensors that the inputs are fed, in order
 * @throws {Error} on other engines than TensorFlow, and for a function that reads more than its arguments
 */
export function writeGraph<A extends readonly unknown[]>(
  folder: string,
  fn: (...args: A) => unknown,
  args: A,
  precision: Precision,
): tf.Tensor[] {
  const backend = tensorFlowBackend();
  if (backend === undefined) throw new Error('Only the engine TensorFlow has graphs that can be written.');
  const { traced, graph } = preparedGraph(backend, fn, args, precision);
  if (traced.sources.length > 0) {
    throw new Error(
      `The function reads ${traced.sources.length} tensors beside its arguments: pass them as arguments.`,
    );
  }
  makeFolder(folder);
  writeFileSync(path.join(folder, 'saved_model.pb'), encodeSavedModel(backend.binding, graph));
  return fedTensors(args);
}
