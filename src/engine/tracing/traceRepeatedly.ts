import { tf } from '../tf.ts';
import type { TensorFlowBackend } from './backend.ts';
import { checkedResult } from './guard.ts';
import { mapTensors, tensorsOf } from './nested.ts';
import { learningRateOf, propertyWith, withLearningRates } from './optimizerState.ts';
import {
  notRepeatable,
  sameNode,
  sameOperation,
  trace,
  type Trace,
  type TracedNode,
  type TraceOptions,
} from './trace.ts';
import { identity, withoutEffect } from './variables.ts';

/** Where an input of a graph, beside the arguments, takes its value from at each run. */
export type Source =
  | { readonly variable: tf.Variable }
  /** A tensor from outside. */
  | { readonly captured: tf.TensorInfo }
  /** A tensor that an optimizer holds, which may be another one at the next run. */
  | { readonly optimizer: tf.Optimizer; readonly property: string }
  /** The learning rate of an optimizer, or its negative. */
  | { readonly optimizer: tf.Optimizer; readonly sign: 1 | -1 };

/** A function as a graph, with what surrounds each run of it. */
export interface TracedFunction<R> {
  /** Inputs: the tensors of the arguments, then `sources`. Outputs: the tensors of the result, then `assigned`. */
  readonly trace: Trace;
  readonly sources: readonly Source[];
  readonly assigned: readonly tf.Variable[];
  readonly iterations: ReadonlyMap<tf.Optimizer, number>;
  /** Optimizers whose learning rate is no input: the graph holds for the one that they have. */
  readonly fixedRates: boolean;
  /** The result, its tensors replaced by the outputs in order. */
  readonly unflatten: (outputs: readonly tf.Tensor[]) => R;
}

/** The tensors of arguments that a graph is fed; a variable is read in its place. */
export function fedTensors(args: unknown): tf.Tensor[] {
  return tensorsOf(args).filter((tensor) => !(tensor instanceof tf.Variable));
}

/**
 * Traces a function until two traces agree. What differs came from outside and would be frozen, except:
 *
 * - The first call may set things up (slots of optimizers, caches), so the first trace may differ from the second.
 * - The learning rate of an optimizer is a number in its operations. It is set to another value for the second
 *   trace: the constants that follow it become inputs.
 *
 * @throws {TracingError} where no two traces agree, at the first operation that differs
 */
export function traceRepeatedly<A extends readonly unknown[], R>(
  backend: TensorFlowBackend,
  fn: (...args: A) => R,
  args: A,
): TracedFunction<R> {
  let last = traceOnce(backend, fn, args, { mayCreate: true });
  // The learning rates vary; where a constant follows one in another way than by its sign, they are left as they are.
  const attempts = hasLearningRates(last) ? [1, 2, 0, 0] : [0, 0];
  for (const [i, attempt] of attempts.entries()) {
    const rates = attempt === 0 ? new Map<tf.Optimizer, number>() : otherRates(last, attempt);
    const mustRepeat = i === attempts.length - 1;
    const next = traceOnce(backend, fn, args, { mayCreate: false, rates, earlier: last.trace, mustRepeat });
    const agreed = agree(last, next);
    if (agreed !== undefined) return { ...agreed, fixedRates: attempt === 0 };
    last = next;
  }
  throw notRepeatable();
}

interface OneTrace<R> extends Omit<TracedFunction<R>, 'fixedRates'> {
  /** Learning rates during the trace. */
  readonly rates: ReadonlyMap<tf.Optimizer, number>;
}

interface TraceOnceOptions extends TraceOptions {
  readonly mayCreate: boolean;
  readonly rates?: ReadonlyMap<tf.Optimizer, number>;
}

function traceOnce<A extends readonly unknown[], R>(
  backend: TensorFlowBackend,
  fn: (...args: A) => R,
  args: A,
  { mayCreate, rates = new Map(), ...options }: TraceOnceOptions,
): OneTrace<R> {
  const once = (): OneTrace<R> =>
    withoutEffect(
      backend,
      ({ variables, assigned, iterations }) => {
        // The function sees the arguments under data of their own: what it captures may share theirs.
        const own = fedTensors(args).map((tensor) => identity(backend, tensor));
        let next = 0;
        const seen = mapTensors(args, (tensor) => (tensor instanceof tf.Variable ? tensor : own[next++]!));
        let structure: R | undefined;
        let changed: tf.Variable[] = [];
        const run = (): tf.Tensor[] => {
          structure = checkedResult(fn(...seen));
          changed = assigned();
          return [...tensorsOf(structure), ...changed];
        };
        const traced = trace(backend, run, own, options);
        const variableOf = new Map([...variables].map(([variable, dataId]) => [dataId, variable]));
        const sources = traced.captured.map((tensor): Source => {
          const variable = variableOf.get(tensor.dataId);
          if (variable !== undefined) return { variable };
          for (const optimizer of iterations.keys()) {
            const property = propertyWith(optimizer, tensor.dataId);
            if (property !== undefined) return { optimizer, property };
          }
          return { captured: tensor };
        });
        return {
          ...{ trace: traced, sources, assigned: changed, iterations },
          rates: new Map(
            [...iterations.keys()].flatMap((optimizer) => {
              const rate = learningRateOf(optimizer);
              return rate === undefined ? [] : [[optimizer, rate] as const];
            }),
          ),
          unflatten: (outputs) => {
            let at = 0;
            return mapTensors(structure as R, () => outputs[at++]!);
          },
        };
      },
      { mayCreate },
    );
  let result: OneTrace<R> | undefined;
  tf.tidy(() => {
    result = withLearningRates(rates, once);
  });
  return result as unknown as OneTrace<R>;
}

function hasLearningRates({ rates }: OneTrace<unknown>): boolean {
  return rates.size > 0;
}

/** A learning rate for each optimizer that is neither the one of the last trace nor that of another optimizer. */
function otherRates({ rates }: OneTrace<unknown>, attempt: number): Map<tf.Optimizer, number> {
  return new Map(
    [...rates].map(([optimizer, rate], i) => [
      optimizer,
      (rate === 0 ? 1 : rate) * (1 + (i + 1 + attempt) / 7),
    ]),
  );
}

/** The second trace, with learning rates as inputs; `undefined` where the traces differ in anything else. */
function agree<R>(a: OneTrace<R>, b: OneTrace<R>): OneTrace<R> | undefined {
  const ends = ({ trace: { outputs } }: OneTrace<R>) => outputs.map(({ name }) => name).join();
  const same =
    a.trace.nodes.length === b.trace.nodes.length &&
    ends(a) === ends(b) &&
    a.sources.length === b.sources.length &&
    a.sources.every((source, i) => sameSource(source, b.sources[i]!)) &&
    a.assigned.length === b.assigned.length &&
    a.assigned.every((variable, i) => variable === b.assigned[i]);
  if (!same) return undefined;
  const inputs = [...b.trace.inputs];
  const sources = [...b.sources];
  const nodes: TracedNode[] = [];
  for (const [i, node] of b.trace.nodes.entries()) {
    const other = a.trace.nodes[i]!;
    if (sameNode(other, node)) {
      nodes.push(node);
      continue;
    }
    const source = sameOperation(other, node) ? learningRateIn(other, node, a.rates, b.rates) : undefined;
    if (source === undefined) return undefined;
    const { shape, dtype } = node.constant!;
    nodes.push({ ...placeholderLike(node), placeholder: { shape, dtype } });
    inputs.push({ name: `${node.name}:0`, shape, dtype });
    sources.push(source);
  }
  return { ...b, trace: { ...b.trace, nodes, inputs }, sources };
}

function placeholderLike({ name }: TracedNode): TracedNode {
  return { name, operation: 'Placeholder', inputs: [], attributes: [] };
}

function sameSource(a: Source, b: Source): boolean {
  if ('captured' in a) return 'captured' in b && a.captured.dataId === b.captured.dataId;
  if ('variable' in a) return 'variable' in b && a.variable === b.variable;
  return 'property' in a && 'property' in b && a.optimizer === b.optimizer && a.property === b.property;
}

/** The optimizer whose learning rate, or its negative, a scalar constant was in both traces. */
function learningRateIn(
  a: TracedNode,
  b: TracedNode,
  ratesA: ReadonlyMap<tf.Optimizer, number>,
  ratesB: ReadonlyMap<tf.Optimizer, number>,
): Source | undefined {
  if (b.constant?.shape.length !== 0 || b.constant.bytes.length !== Float32Array.BYTES_PER_ELEMENT) {
    return undefined;
  }
  const valueOf = ({ constant }: TracedNode) => new Float32Array(constant!.bytes.slice().buffer)[0];
  for (const [optimizer, rate] of ratesB) {
    const before = ratesA.get(optimizer);
    for (const sign of [1, -1] as const) {
      if (before === undefined || valueOf(b) !== Math.fround(sign * rate)) continue;
      if (valueOf(a) === Math.fround(sign * before)) return { optimizer, sign };
    }
  }
  return undefined;
}
