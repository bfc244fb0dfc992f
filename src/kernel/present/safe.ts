/** Looks into values without running code of theirs: no getter and no trap of a proxy is called. */
import util from 'node:util';

/** Prototype chains are followed so far. */
const LONGEST_CHAIN = 100;

/** What a reading gives, or something else where it throws. */
export function attempt<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}

export const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function';

/** A property, own or inherited; nothing where a proxy would have to be asked. */
export function lookup(value: object, name: PropertyKey): PropertyDescriptor | undefined {
  let owner: object | null = value;
  for (let i = 0; i < LONGEST_CHAIN && owner !== null; i++) {
    if (util.types.isProxy(owner)) return undefined;
    const property = Object.getOwnPropertyDescriptor(owner, name);
    if (property) return property;
    owner = Object.getPrototypeOf(owner) as object | null;
  }
  return undefined;
}

/** The value of a property that is not a getter. */
export const plainProperty = (value: object, name: PropertyKey): unknown =>
  attempt(() => lookup(value, name)?.value as unknown, undefined);

/** The name of a value's class; undefined for objects without one. */
export function className(value: object): string | undefined {
  const constructor = plainProperty(value, 'constructor');
  if (typeof constructor !== 'function' || util.types.isProxy(constructor)) return undefined;
  const name: unknown = attempt(
    () => Object.getOwnPropertyDescriptor(constructor, 'name')?.value as unknown,
    undefined,
  );
  return typeof name === 'string' && name !== '' ? name : undefined;
}

/** What Node.js writes on promises and timers while AsyncLocalStorage is used. */
const MARKS = new Set([
  'async_id_symbol',
  'trigger_async_id_symbol',
  'asyncId',
  'triggerId',
  'kResourceStore',
]);

/** Keeps Node.js's marks out of all printing, also that of util.inspect; what they hold stays. */
export function hideMarks(value: object): void {
  if (util.types.isProxy(value)) return;
  for (const symbol of Object.getOwnPropertySymbols(value)) {
    if (!MARKS.has(symbol.description ?? '')) continue;
    attempt(() => Object.defineProperty(value, symbol, { enumerable: false }), undefined);
  }
}

/** Whether a value prints itself through `[util.inspect.custom]`. */
export const printsItself = (value: object): boolean =>
  typeof plainProperty(value, util.inspect.custom) === 'function';
