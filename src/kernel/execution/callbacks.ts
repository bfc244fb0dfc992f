/**
 * Binds what Node itself calls later to the code that asked for it: listeners of events, and callbacks of files,
 * compression and cryptography. Nothing is bound where `bind` gives back the function it got: outside of cells.
 */
import crypto from 'node:crypto';
import { EventEmitter } from 'node:events';
import fs from 'node:fs';
import zlib from 'node:zlib';

type Callback = (this: unknown, ...args: unknown[]) => unknown;
export type Bind = (work: Callback) => Callback;
type Methods = Record<string, Callback | undefined>;

/**
 * Replaces a function, and keeps what is known by its name and its properties (`promisify` looks at them). What Node lets nobody
 * replace, as some of `zlib` from Node 26 on, stays as it is.
 */
function replace(owner: Methods, name: string, by: (original: Callback) => Callback): void {
  const original = owner[name];
  if (typeof original !== 'function') return;
  if (Object.getOwnPropertyDescriptor(owner, name)?.writable === false) return;
  const replaced = by(original);
  Object.defineProperties(replaced, Object.getOwnPropertyDescriptors(original));
  owner[name] = replaced;
}

/** As Node marks listeners that stand for others, so that those can be removed and counted. */
interface Standing extends Callback {
  listener?: unknown;
}

const standsFor = (listener: Callback): boolean => Object.hasOwn(listener, 'listener');

function bindEmitters(bind: Bind): void {
  const events = EventEmitter.prototype as unknown as Methods;
  const bound = (listener: unknown): unknown => {
    if (typeof listener !== 'function' || standsFor(listener as Callback)) return listener;
    const standing: Standing = bind(listener as Callback);
    if (standing !== listener) standing.listener = listener;
    return standing;
  };
  for (const name of ['on', 'addListener', 'prependListener'])
    replace(
      events,
      name,
      (original) =>
        function (this: unknown, type, listener) {
          return original.call(this, type, bound(listener));
        },
    );
  // Node's own wrapper would hide the listener behind two functions.
  const adding: [name: string, by: 'on' | 'prependListener'][] = [
    ['once', 'on'],
    ['prependOnceListener', 'prependListener'],
  ];
  for (const [name, by] of adding)
    replace(
      events,
      name,
      (original) =>
        function (this: unknown, type, listener) {
          const work = typeof listener === 'function' ? bind(listener as Callback) : listener;
          if (work === listener) return original.call(this, type, listener);
          const emitter = this as EventEmitter;
          let isDone = false;
          const standing: Standing = (...args) => {
            if (isDone) return undefined;
            isDone = true;
            emitter.removeListener(type as string, standing);
            return (work as Callback).apply(emitter, args);
          };
          standing.listener = listener;
          return emitter[by](type as string, standing);
        },
    );
}

function bindTargets(bind: Bind): void {
  const targets = EventTarget.prototype as unknown as Methods;
  const known = new WeakMap<object, WeakMap<object, Callback>>();
  replace(
    targets,
    'addEventListener',
    (original) =>
      function (this: unknown, type, listener, ...rest) {
        if (typeof listener !== 'function') return original.call(this, type, listener, ...rest);
        const own = known.get(this as object) ?? new WeakMap<object, Callback>();
        // One function for a listener: a target keeps each only once.
        const bound = own.get(listener) ?? bind(listener as Callback);
        if (bound !== listener) known.set(this as object, own.set(listener, bound));
        return original.call(this, type, bound, ...rest);
      },
  );
  replace(
    targets,
    'removeEventListener',
    (original) =>
      function (this: unknown, type, listener, ...rest) {
        const bound = typeof listener === 'function' ? known.get(this as object)?.get(listener) : undefined;
        return original.call(this, type, bound ?? listener, ...rest);
      },
  );
}

/** Functions that take a callback as their last argument are those with a twin that does without. */
function bindLast(module: Methods, bind: Bind): void {
  for (const name of Object.keys(module))
    if (`${name}Sync` in module)
      replace(
        module,
        name,
        (original) =>
          function (this: unknown, ...args) {
            const last = args.at(-1);
            if (typeof last === 'function') args[args.length - 1] = bind(last as Callback);
            return original.apply(this, args);
          },
      );
}

export function bindCallbacks(bind: Bind): void {
  bindEmitters(bind);
  bindTargets(bind);
  for (const module of [fs, zlib, crypto]) bindLast(module as unknown as Methods, bind);
}
