import { tf } from '../tf.ts';
import { UserError } from '../errors.ts';
import { gradientDepth } from '../gradientDepth.ts';
import { requireKnown, requirePrecision, type Precision } from '../precision/precision.ts';
import { tensorFlowBackend, type TensorFlowBackend } from '../tracing/backend.ts';
import { freeingFailedTape } from './failedTape.ts';
import { checkedResult, guarded, isGuarded } from '../tracing/guard.ts';
import { hiddenTensors, isCollection, mapTensors, tensorsOf, walk } from '../tracing/nested.ts';
import { addIterations, learningRateOf, settingsOf, variablesOf } from '../tracing/optimizerState.ts';
import { preparedGraph } from './preparedGraph.ts';
import { openSession, type Session } from './session.ts';
import { differenceOf, signatureOf } from './signature.ts';
import { fedTensors, type Source, type TracedFunction } from '../tracing/traceRepeatedly.ts';
import { allOrNothing } from '../tracing/variables.ts';

/** A function that runs as a TensorFlow graph, with a way to free what it holds. */
export interface GraphFunction<A extends readonly unknown[], R> {
  (...args: A): R;
  /** Frees the sessions of all its graphs. A later call traces anew. */
  readonly dispose: () => void;
}

/** Options of {@link graphFunction}. */
export interface GraphFunctionOptions {
  /** What the graph computes in; default `float32`. Other engines than TensorFlow refuse `bfloat16`. */
  readonly precision?: Precision;
}

interface Graph<R> extends TracedFunction<R> {
  readonly session: Session;
  /** What else than the arguments the graph holds for: settings of optimizers, which variables are trained. */
  readonly conditions: string;
}

/** A graph function that was traced again as often as this is told once that something varies. */
const RETRACES_TO_WARN = 8;

/**
 * Makes a function of tensors run as a TensorFlow graph: what `tf.function` is to Python's TensorFlow.
 *
 * The function is traced at its first call (it runs eagerly and every TensorFlow operation is recorded), and again
 * for arguments of another signature: structure, shapes, dtypes, which variables they hold, or another value of what
 * is no tensor (functions and instances of classes count by reference). The graph then runs in a session, in parallel
 * and without a round trip through JavaScript for each operation. On the engines without graphs the function runs
 * eagerly in `tf.tidy`, with the same result.
 *
 * ```ts
 * const step = graphFunction((images: tf.Tensor4D, labels: tf.Tensor1D) =>
 *   optimizer.minimize(() => loss(images, labels), true),
 * );
 * ```
 *
 * - **Arguments and results** are arrays and plain objects of tensors, nested at will. The tensors of a result are new
 *   ones, which belong to the caller. What is no tensor in a result is what it was at tracing.
 * - **Variables** (`tf.variable`) may be read, assigned and differentiated, by hand or through the optimizers of
 *   `tf.train`, whose slots and counters are advanced as in eager code; a learning rate that changes between calls
 *   needs no new trace. Assignments happen when every value is computed; a call that fails has changed nothing.
 *   Variables may be created in the first call only (an optimizer does), and not disposed.
 * - **Tensors from outside** that the function uses are captured by reference: they stay as they were when it was
 *   traced, and must not be disposed before the graph function is. What changes is an argument or a variable.
 * - **JavaScript** of the function runs while it is traced, two or three times, and never again: a counter does
 *   not count, and a condition on a number holds for good. Values are computed the first time only: a tensor that the
 *   function puts elsewhere holds nothing of use.
 * - A graph function called in another one, or differentiated (`tf.grad(f)`), is part of what calls it.
 *
 * A warning (`process.emitWarning`, code `MSL_RETRACED`) says once what varies where a function was traced again 8
 * times.
 *
 * @throws {TracingError} at a call that traces, with the line of `fn`: where it reads values of a tensor, draws random
 * numbers of the host, disposes what it did not make, or does what else docs/engine.md lists (on every engine); where it
 * is not repeatable, or creates variables in every call (where there are graphs)
 * @throws {UserError} for an unknown precision; at a call, where the engine does not know it, and for arguments that hold
 * tensors in a Map or hold themselves
 * @throws {Error} at a call, where a tensor or a variable that the graph reads was disposed
 */
export function graphFunction<A extends readonly unknown[], R>(
  fn: (...args: A) => R,
  { precision = 'float32' }: GraphFunctionOptions = {},
): GraphFunction<A, R> {
  if (typeof fn !== 'function') {
    throw new UserError(`graphFunction makes a graph of a function, but it was given ${String(fn)}.`);
  }
  requireKnown(precision);
  const graphs = new Map<string, Graph<R>[]>();
  const { traced } = retraceWarning(fn.name);
  const call = (...args: A): R => {
    const backend = tensorFlowBackend();
    requirePrecision(precision, tf.getBackend());
    const given = fedTensors(args).map((tensor) => requireData(tensor, 'A tensor of the arguments'));
    if (isGuarded()) return eager(fn, args);
    // The tape of `tf.grad` and the like knows nothing of a session.
    if (backend === undefined || gradientDepth() > 0) {
      checkArguments(args);
      return freeingFailedTape(() => guarded(() => allOrNothing(() => eager(fn, args))));
    }
    const signature = signatureOf(args);
    const known = graphs.get(signature) ?? [];
    let graph = known.find((candidate) => candidate.conditions === conditionsOf(candidate));
    if (graph === undefined) {
      graph = freeingFailedTape(() => build(backend, fn, args, precision));
      graphs.set(signature, [...known, graph]);
      traced(`${signature}\n${graph.conditions}`);
    }
    return run(graph, given);
  };
  const dispose = (): void => {
    for (const graph of [...graphs.values()].flat()) graph.session.dispose();
    graphs.clear();
  };
  return Object.defineProperty(Object.assign(call, { dispose }), 'name', { value: fn.name });
}

/** @throws {UserError} for a tensor in a Map or a Set, which would be taken for one that never changes */
function checkArguments(args: readonly unknown[]): void {
  walk(args, '', (leaf, path) => {
    if (!isCollection(leaf) || hiddenTensors(leaf).length === 0) return;
    throw new UserError(
      `A graph function takes its tensors in arrays and plain objects, but args${path} is a ${leaf.constructor.name} ` +
        'that holds some. Object.fromEntries or Array.from make one of it.',
    );
  });
}

/** Runs without a graph. What was there before, or is in the result already, is cloned: the result is the caller's. */
function eager<A extends readonly unknown[], R>(fn: (...args: A) => R, args: A): R {
  // Declared private; the numbers of tensors grow in the order in which they are made.
  const first = (tf.engine() as unknown as { nextTensorId(): number }).nextTensorId();
  const taken = new Set<number>();
  let result: R | undefined;
  tf.tidy(() => {
    // As where it is traced, the function has arrays and objects of its own to change.
    const own = mapTensors(args, (tensor) => tensor);
    result = mapTensors(checkedResult(fn(...own)), (tensor) => {
      if (tensor.id < first || tensor instanceof tf.Variable || taken.has(tensor.id)) return tensor.clone();
      taken.add(tensor.id);
      return tensor;
    });
    return tensorsOf(result);
  });
  return result as R;
}

function build<A extends readonly unknown[], R>(
  backend: TensorFlowBackend,
  fn: (...args: A) => R,
  args: A,
  precision: Precision,
): Graph<R> {
  checkArguments(args);
  const { traced, graph } = preparedGraph(backend, fn, args, precision);
  return { ...traced, session: openSession(backend, graph), conditions: conditionsOf(traced) };
}

/** What a graph holds for beside its arguments, one line for each. */
function conditionsOf({
  iterations,
  sources,
  fixedRates,
}: Pick<TracedFunction<unknown>, 'iterations' | 'sources' | 'fixedRates'>): string {
  const settings = [...iterations.keys()].map((optimizer, i) => {
    const held = variablesOf(optimizer);
    // Those of the graph only: it holds on where the optimizer begins to train others, too.
    const slots = sources.filter((source) => 'variable' in source && held.has(source.variable)).length;
    return `optimizer ${i + 1}: ${settingsOf(optimizer, fixedRates ? [] : ['learningRate'])}, slots ${slots}`;
  });
  const trained = sources.flatMap((source) =>
    'variable' in source ? [`trainable of '${source.variable.name}': ${source.variable.trainable}`] : [],
  );
  return [...settings, ...trained].join('\n');
}

function run<R>(graph: Graph<R>, given: readonly tf.Tensor[]): R {
  const { session, sources, assigned, iterations, unflatten } = graph;
  for (const variable of assigned) requireVariable(variable);
  const temporary: tf.Tensor[] = [];
  let outputs: tf.Tensor[];
  try {
    outputs = session.run([...given, ...sources.map((source) => valueOf(source, temporary))]);
  } finally {
    tf.dispose(temporary);
  }
  const results = outputs.slice(0, outputs.length - assigned.length);
  const values = outputs.slice(results.length);
  assign(assigned, values, results);
  for (const [optimizer, count] of iterations) addIterations(optimizer, count);
  return unflatten(results);
}

/** All or none: a shape that is known when the graph has run only may be wrong. */
function assign(
  variables: readonly tf.Variable[],
  values: readonly tf.Tensor[],
  results: readonly tf.Tensor[],
): void {
  const wrong = variables.findIndex((variable, i) => variable.shape.join() !== values[i]!.shape.join());
  if (wrong >= 0) {
    tf.dispose([...values, ...results]);
    const { name, shape } = variables[wrong]!;
    throw new Error(
      `The variable '${name}' has the shape [${shape.join()}] and cannot be assigned a tensor of the shape ` +
        `[${values[wrong]!.shape.join()}].`,
    );
  }
  variables.forEach((variable, i) => {
    variable.assign(values[i]!);
  });
  tf.dispose([...values]);
}

function valueOf(source: Source, temporary: tf.Tensor[]): tf.TensorInfo {
  if ('variable' in source) return requireVariable(source.variable);
  if ('captured' in source) {
    return requireData(source.captured, 'A tensor that the graph function captured');
  }
  if ('property' in source) {
    const held = (source.optimizer as unknown as Record<string, tf.Tensor>)[source.property]!;
    return requireData(held, `The optimizer's '${source.property}'`);
  }
  const scalar = tf.scalar(source.sign * learningRateOf(source.optimizer)!);
  temporary.push(scalar);
  return scalar;
}

function requireVariable(variable: tf.Variable): tf.Variable {
  // `tf.disposeVariables` leaves `isDisposed` as it is.
  if (tf.engine().registeredVariables[variable.name] === variable) return variable;
  throw new Error(
    `The variable '${variable.name}', which the graph function uses, was disposed. Dispose the graph function, too, ` +
      'and make a new one with the variable that takes its place.',
  );
}

/** Data that lies on another engine is no fault: it moves here where it is used. */
function requireData<T extends tf.TensorInfo>(tensor: T, what: string): T {
  if (tf.engine().state.tensorInfo.has(tensor.dataId)) return tensor;
  throw new Error(
    `${what} (${tensor.dtype}[${tensor.shape.join()}]) was disposed. It must live as long as the graph function uses ` +
      'it.',
  );
}

/** Counts traces; the ninth names what is different from the eighth. */
function retraceWarning(name: string): { readonly traced: (signature: string) => void } {
  let count = 0;
  let last = '';
  return {
    traced: (signature) => {
      count++;
      if (count === RETRACES_TO_WARN + 1) {
        const which = name === '' ? '' : ` '${name}'`;
        process.emitWarning(
          `The graph function${which} was traced ${RETRACES_TO_WARN} times again, which takes longer than many runs of ` +
            `its graph. This time ${differenceOf(last, signature)}. Pass what varies as a tensor, of one shape.`,
          { type: 'GraphFunctionWarning', code: 'MSL_RETRACED' },
        );
      }
      last = signature;
    },
  };
}
