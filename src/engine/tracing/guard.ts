import { tf } from '../tf.ts';
import { hiddenTensors, walk } from './nested.ts';
import { callSite, TracingError, type CallSite } from './tracingError.ts';

/**
 * What a graph function may not do, whether it is traced or (on the engines without graphs) runs eagerly, so that
 * code which works on one engine works on all of them.
 */

/** Methods of a tensor that hand out its values. */
const READS = ['dataSync', 'data', 'arraySync', 'array', 'print', 'buffer', 'bufferSync', 'bytes'] as const;

/** What draws random numbers on the host, and what of the engine does the same inside a graph. */
const RANDOM: Readonly<Record<string, string>> = {
  dropout: 'dropout(x, { rate, seed })',
  randomNormal: 'randomNormal(shape, { seed })',
  randomStandardNormal: 'randomNormal(shape, { seed })',
  randomUniform: 'randomUniform(shape, { seed })',
  truncatedNormal: 'truncatedNormal(shape, { seed })',
  multinomial: 'categorical(logits, { samples, seed })',
};

/** Kernels whose result has another shape for other values, of which a trace would know but one. */
const OF_UNKNOWN_SHAPE: ReadonlySet<string> = new Set([
  'Unique',
  'Where',
  'StringSplit',
  ...['NonMaxSuppressionV3', 'NonMaxSuppressionV4', 'NonMaxSuppressionV5'],
]);

let guarding = false;

/** Whether a graph function is being traced, or runs eagerly. */
export function isGuarded(): boolean {
  return guarding;
}

/**
 * Runs `body` and refuses reading a tensor's values, TensorFlow.js's random numbers, disposing variables and tensors
 * that were there before, and changing the engine.
 *
 * @throws {TracingError} even where `body` caught it
 */
export function guarded<T>(body: () => T): T {
  if (guarding) return body();
  let refused: TracingError | undefined;
  const refuse = (message: string): never => {
    refused ??= new TracingError(message);
    throw refused;
  };
  const undo: (() => void)[] = [];
  const replace = <O extends object, K extends keyof O>(
    object: O,
    key: K,
    make: (original: O[K]) => O[K],
  ) => {
    const own = Object.getOwnPropertyDescriptor(object, key);
    const value = make(object[key]);
    Object.defineProperty(object, key, { value, configurable: true, writable: true });
    undo.push(() => {
      if (own === undefined) Reflect.deleteProperty(object, key);
      else Object.defineProperty(object, key, own);
    });
  };
  const prototype = tf.Tensor.prototype as unknown as Record<string, () => unknown>;
  for (const name of READS) replace(prototype, name, () => () => refuse(readMessage(name)));
  replace(Math, 'random', (random) => () => {
    const site = callSite();
    // What the code itself draws shows where two traces differ, if it reaches the graph at all.
    return site.operation === undefined ? random() : refuse(randomMessage(site));
  });
  const engine = tf.engine();
  replace(engine, 'runKernel', (runKernel) => (name, ...rest) => {
    // Its seed is a number: a graph would draw from a stream of its own, eager code the same numbers at every call.
    if (name === 'Multinomial') refuse(randomMessage(callSite()));
    if (OF_UNKNOWN_SHAPE.has(name)) refuse(unknownShapeMessage(callSite()));
    return runKernel.call(engine, name, ...rest) as never;
  });
  // Declared private; the numbers of tensors grow in the order in which they are made.
  const first = (engine as unknown as { nextTensorId(): number }).nextTensorId();
  replace(engine, 'disposeTensor', (disposeTensor) => (tensor) => {
    // A variable is disposed and given other data where it is assigned.
    if (tensor.id < first && !(tensor instanceof tf.Variable)) {
      refuse(
        `A graph function may not dispose a tensor that it did not make, but ${words(callSite())} disposes ` +
          `${describe(tensor)}: dispose it outside.`,
      );
    }
    disposeTensor.call(engine, tensor);
  });
  replace(
    engine,
    'setBackend',
    () => () =>
      refuse(`A graph function may not change the engine, but ${callSite().place} does: do that outside.`),
  );
  replace(engine, 'disposeVariable', () => (variable) => {
    refuse(
      `A graph function may not dispose a variable, but ${callSite().place} disposes '${variable.name}': ` +
        'dispose it outside.',
    );
  });
  guarding = true;
  try {
    const result = body();
    if (refused === undefined) return result;
  } catch (error) {
    throw refused ?? error;
  } finally {
    guarding = false;
    for (const restore of undo.reverse()) restore();
  }
  throw refused;
}

/**
 * What a graph function returned, if it can be the result of a graph.
 *
 * @throws {TracingError} for a promise, since what follows its first `await` would never be traced, a generator, which
 * has not begun, a tensor that was disposed, and tensors in what is neither an array nor a plain object
 */
export function checkedResult<T>(result: T): T {
  if (isObject(result) && typeof result['then'] === 'function') {
    // Not `instanceof`: a cell of a notebook runs in a realm of its own.
    void Promise.resolve(result).catch(() => undefined);
    throw new TracingError(
      'A graph function may not be asynchronous, but it returned a promise: await outside, and pass in what comes of it.',
    );
  }
  if (isObject(result) && typeof result['next'] === 'function') {
    throw new TracingError('A graph function may not be a generator, but it returned one: return an array.');
  }
  walk(result, '', (leaf, path) => {
    const where = path === '' ? 'its result' : `${path} of its result`;
    if (leaf instanceof tf.Tensor && leaf.isDisposed) {
      throw new TracingError(
        `A graph function disposed ${where}, ${describe(leaf as tf.Tensor)}, before it returned it: whoever calls it ` +
          'disposes its results.',
      );
    }
    const [hidden] = hiddenTensors(leaf);
    if (hidden !== undefined) {
      throw new TracingError(
        `A graph function returned a tensor, ${describe(hidden)}, in a ${(leaf as object).constructor.name} as ${where}, ` +
          'where a graph cannot put another one in its place: return arrays and plain objects.',
      );
    }
  });
  return result;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function describe({ dtype, shape }: tf.Tensor): string {
  return `${dtype}[${shape.join()}]`;
}

/** Message for a read of values by `method`, called from the user's code directly or through TensorFlow.js. */
export function readMessage(method: string): string {
  const { operation = method, place } = callSite();
  if (tf.env().getBool('DEBUG')) {
    return (
      "A graph function does not run in TensorFlow.js's debug mode, which reads every result, as here that of " +
      `${operation} at ${place}: turn it off (tf.env().set('DEBUG', false)), or debug the function itself.`
    );
  }
  const remedy = operation === 'print' ? 'return the tensor and print it' : 'return the tensor and read it';
  return (
    `A graph function may not read the values of a tensor, since there are none while it is traced: ${operation} at ` +
    `${place} does. Take the values as an argument, compute with the tensor itself, or ${remedy} outside.`
  );
}

function unknownShapeMessage(site: CallSite): string {
  return (
    `A graph function may not use what has another shape for other values, since its operations are those for the ` +
    `shapes it was traced with: ${words(site)} does. Compute that outside and pass it in, or count and mask instead.`
  );
}

function words({ operation, place }: CallSite): string {
  return operation === undefined ? place : `${operation} at ${place}`;
}

function randomMessage({ operation, through, place }: CallSite): string {
  const drawing = through.findLast((name) => name in RANDOM) ?? operation;
  const instead = RANDOM[drawing ?? ''];
  const what = drawing === operation ? operation : `${drawing} in ${operation}`;
  const remedy = `Use the engine's ${instead}, its seed a tensor of the argument that is another one in each call.`;
  return (
    `A graph function may not draw random numbers on the host, since a graph would repeat them at every call: ` +
    `${what} at ${place} does. ` +
    (instead === undefined
      ? 'Draw them outside and pass them in.'
      : drawing === operation
        ? remedy
        : `${remedy} What draws only once, such as the weights of a layer, is made outside.`)
  );
}
