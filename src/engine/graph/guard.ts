import * as tf from '@tensorflow/tfjs';

import { callSite, TracingError } from './tracingError.ts';

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

let guarding = false;

/** Whether a graph function is being traced, or runs eagerly. */
export function isGuarded(): boolean {
  return guarding;
}

/**
 * Runs `body` and refuses reading a tensor's values, TensorFlow.js's random numbers and disposing variables.
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
    const { operation, place } = callSite();
    // What the code itself draws shows where two traces differ, if it reaches the graph at all.
    return operation === undefined ? random() : refuse(randomMessage(operation, place));
  });
  const engine = tf.engine();
  replace(engine, 'runKernel', (runKernel) => (name, ...rest) => {
    // Its seed is a number: a graph would draw from a stream of its own, eager code the same numbers at every call.
    if (name === 'Multinomial') refuse(randomMessage('multinomial', callSite().place));
    return runKernel.call(engine, name, ...rest) as never;
  });
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

/** @throws {TracingError} for a promise: what follows its first `await` would never be traced */
export function notAsynchronous<T>(result: T): T {
  if (!(result instanceof Promise)) return result;
  result.catch(() => undefined);
  throw new TracingError('A graph function may not be asynchronous, but it returned a promise.');
}

/** Message for a read of values by `method`, called from the user's code directly or through TensorFlow.js. */
export function readMessage(method: string): string {
  const { operation = method, place } = callSite();
  const remedy = operation === 'print' ? 'return the tensor and print it' : 'return the tensor and read it';
  return (
    `A graph function may not read the values of a tensor, since there are none while it is traced: ${operation} at ` +
    `${place} does. Take the values as an argument, compute with the tensor itself, or ${remedy} outside.`
  );
}

function randomMessage(operation: string, place: string): string {
  const instead = RANDOM[operation];
  return (
    `A graph function may not draw random numbers on the host, since a graph would repeat them at every call: ` +
    `${operation} at ${place} does. ` +
    (instead === undefined
      ? 'Draw them outside and pass them in.'
      : `Use the engine's ${instead}, its seed a tensor of the argument that is another one in each call.`)
  );
}
