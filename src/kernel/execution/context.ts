/**
 * Which cell code belongs to: the one that started the timer or promise in which it runs, or added the listener.
 *
 * Node's AsyncLocalStorage does the same, but below Node 24 it counts what stands on the stack, and the process aborts
 * where code is ended from outside (wire/interrupts.ts) while a promise of a cell runs. V8's promise hooks, on which
 * it rests, the timers, and what Node calls back (callbacks.ts) are enough here.
 */
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers';
import { promisify } from 'node:util';
import { promiseHooks } from 'node:v8';

import { bindCallbacks } from './callbacks.ts';

type Callback = (...args: unknown[]) => unknown;
type Schedule = (callback: Callback, ...args: unknown[]) => unknown;

/** A constructor whose result is its argument: what extends it adds its private fields to that. */
const Given = function (object: object) {
  return object;
} as unknown as new (object: object) => object;

/** Remembers who made a promise, in a field that nobody else sees; faster than a WeakMap. */
class Owner extends Given {
  #owner: unknown;

  static set(promise: object, owner: unknown): void {
    new Owner(promise).#owner = owner;
  }

  static of(promise: object): unknown {
    return #owner in promise ? promise.#owner : undefined;
  }
}

/** A value that code started by a function sees as long as it goes on. */
export interface Context<T> {
  readonly get: () => T | undefined;
  readonly run: <R>(value: T, work: () => R) => R;
  /** A function that runs in the context in which it was bound. */
  readonly bind: <A extends unknown[], R>(work: (...args: A) => R) => (...args: A) => R;
  /** Whom an error belonged to that nobody caught: the code that threw it, or that made the rejected promise. */
  readonly ownerOf: (error: unknown, promise?: Promise<unknown>) => T | undefined;
  /** Nothing runs: to be called when code was ended from outside. */
  readonly forget: () => void;
}

/** The context of a thread. There is one at most: it changes the global timers. */
export function createContext<T>(): Context<T> {
  let current: T | undefined;
  let thrown: { readonly error: unknown; readonly by: T | undefined } | undefined;

  const run = <R>(value: T | undefined, work: () => R): R => {
    const before = current;
    current = value;
    try {
      return work();
    } catch (error) {
      if (thrown?.error !== error) thrown = { error, by: value };
      throw error;
    } finally {
      current = before;
    }
  };
  const bind = <A extends unknown[], R>(work: (...args: A) => R): ((...args: A) => R) => {
    const owner = current;
    return owner === undefined ? work : (...args) => run(owner, () => work(...args));
  };

  promiseHooks.createHook({
    init: (promise) => {
      if (current !== undefined) Owner.set(promise, current);
    },
    before: (promise) => {
      current = Owner.of(promise) as T | undefined;
    },
    after: () => {
      current = undefined;
    },
  });
  // Anything but a function is left to the timers, which refuse it.
  const bound = (callback: Callback): Callback =>
    typeof callback === 'function' ? bind(callback) : callback;
  for (const owner of [globalThis, timers] as unknown as Record<string, Schedule>[]) {
    for (const name of ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask']) {
      const original = owner[name];
      if (original) owner[name] = wrapped(original, bound);
    }
  }
  const process = globalThis.process as unknown as Record<'nextTick', Schedule>;
  process.nextTick = wrapped(process.nextTick.bind(globalThis.process), bound);
  bindCallbacks((work) => {
    const owner = current;
    if (owner === undefined) return work;
    return function (this: unknown, ...args) {
      return run(owner, () => work.apply(this, args));
    };
  });
  syncBuiltinESMExports();

  return {
    get: () => current,
    run,
    bind,
    ownerOf: (error, promise) => {
      const by = promise && (Owner.of(promise) as T | undefined);
      const owner = by ?? (thrown?.error === error ? thrown?.by : current);
      thrown = undefined; // it would be kept alive
      return owner;
    },
    forget: () => {
      current = undefined;
    },
  };
}

function wrapped(original: Schedule, bound: (callback: Callback) => Callback): Schedule {
  const schedule: Schedule = (callback, ...args) => original(bound(callback), ...args);
  const { custom } = promisify;
  const promised = (original as unknown as Record<symbol, unknown>)[custom];
  if (promised !== undefined) Object.defineProperty(schedule, custom, { value: promised });
  return Object.defineProperty(schedule, 'name', { value: original.name });
}
