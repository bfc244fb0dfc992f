/** Any value in a few words, on one line. */
import util from 'node:util';

import { restoring } from '../restore.ts';
import { attempt, className, hideMarks, lookup, printsItself } from './safe.ts';
import { grouped } from './statistics.ts';
import { isTensor, tensorHead } from './tensorHead.ts';

/** How a text is coloured. */
export type Kind = 'number' | 'string' | 'word' | 'function' | 'error' | 'note' | 'plain';

export interface Preview {
  readonly text: string;
  readonly kind: Kind;
}

export interface Member {
  /** As it stands before the value. */
  readonly name: string;
  /** What the property holds; a getter is not run. */
  readonly property: PropertyDescriptor;
}

export type TypedArray = NodeJS.TypedArray;

export const isTypedArray = (value: object): value is TypedArray => util.types.isTypedArray(value);

/** A preview is cut at about this many characters, a string in it earlier. */
const LONGEST = 100;
const LONGEST_STRING = 60;
const LONGEST_INNER_STRING = 24;

/** A native getter, whatever a subclass puts in its place. */
function nativeGetter(prototype: object, name: string): (value: object) => number {
  const property = Object.getOwnPropertyDescriptor(prototype, name);
  return (value) => Reflect.apply(property!.get!, value, []) as number; // eslint-disable-line @typescript-eslint/unbound-method -- applied
}

const mapSize = nativeGetter(Map.prototype, 'size');
const setSize = nativeGetter(Set.prototype, 'size');

/** The number of elements of a typed array. */
export const lengthOf: (value: TypedArray) => number = nativeGetter(
  Object.getPrototypeOf(Uint8Array.prototype) as object,
  'length',
);

/** The true size, whatever a subclass says. */
export const sizeOf = (value: Map<unknown, unknown> | Set<unknown>): number =>
  util.types.isMap(value) ? mapSize(value) : setSize(value);

/** The entries of a map or the elements of a set, without the iterator that a subclass may have. */
export const entriesOf = (value: object): Iterable<unknown> =>
  util.types.isMap(value) ? Map.prototype.entries.call(value) : Set.prototype.values.call(value);

export function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

const quoted = (text: string, longest = LONGEST_STRING): string =>
  text.length <= longest ? util.inspect(text) : `${util.inspect(text.slice(0, longest))}…`;

/** Lists of many keys, which take long to make. */
let kept: Map<object, readonly (string | symbol)[]> | undefined;

/** Makes the list of an object's keys once while a value is looked at. */
export function withKeysKept<T>(work: () => T): T {
  if (kept) return work();
  kept = new Map();
  return restoring(() => (kept = undefined), work);
}

/** An object's own keys. */
export function keysOf(value: object): readonly (string | symbol)[] {
  const known = kept?.get(value);
  if (known) return known;
  const keys = attempt<readonly (string | symbol)[]>(() => Reflect.ownKeys(value), []);
  if (keys.length > 1000) kept?.set(value, keys);
  return keys;
}

/** The properties that a reader is interested in: enumerable ones, symbols too. */
export function* members(value: object): Generator<Member> {
  if (util.types.isProxy(value)) return;
  const list = Array.isArray(value) || isTypedArray(value);
  for (const key of keysOf(value)) {
    if (list && typeof key === 'string' && /^\d+$/.test(key)) continue;
    const property = attempt(() => Object.getOwnPropertyDescriptor(value, key), { value: 'not readable' });
    // A module that is still loading refuses to be read.
    if (property?.enumerable === false || property === undefined) continue;
    const name = typeof key === 'symbol' ? `[${cut(key.toString(), LONGEST_STRING)}]` : keyText(key);
    yield { name, property };
  }
}

const keyText = (key: string): string =>
  /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(key) ? cut(key, 80) : quoted(key);

const accessor = (property: PropertyDescriptor): string =>
  property.get && property.set ? '[Getter/Setter]' : property.get ? '[Getter]' : '[Setter]';

/** A property in a few words. */
export const previewProperty = (property: PropertyDescriptor, depth = 0): Preview =>
  property.get || property.set
    ? { text: accessor(property), kind: 'note' }
    : preview(property.value as unknown, depth);

/** `depth` 0 names what a container is, 1 shows its first contents too. */
export function preview(value: unknown, depth = 1): Preview {
  switch (typeof value) {
    case 'string':
      return { text: quoted(value, depth > 0 ? LONGEST_STRING : LONGEST_INNER_STRING), kind: 'string' };
    case 'number':
    case 'bigint':
      return { text: cut(util.inspect(value), LONGEST), kind: 'number' };
    case 'symbol':
      return { text: cut(value.toString(), LONGEST), kind: 'string' };
    case 'undefined':
    case 'boolean':
      return { text: String(value), kind: 'word' };
    default:
      if (value === null) return { text: 'null', kind: 'word' };
      return attempt(() => previewObject(value as object, depth), { text: '[not readable]', kind: 'note' });
  }
}

function previewObject(value: object, depth: number): Preview {
  if (util.types.isProxy(value)) return { text: 'Proxy', kind: 'note' };
  hideMarks(value);
  if (typeof value === 'function') return { text: functionHead(value), kind: 'function' };
  if (util.types.isNativeError(value)) return { text: cut(errorHead(value), LONGEST), kind: 'error' };
  if (util.types.isDate(value) || util.types.isRegExp(value) || util.types.isBoxedPrimitive(value)) {
    return { text: cut(oneLine(value), LONGEST), kind: util.types.isRegExp(value) ? 'string' : 'number' };
  }
  if (isTensor(value)) return { text: tensorHead(value), kind: 'plain' };
  const name = className(value);
  if (Array.isArray(value)) {
    const head = name === 'Array' || name === undefined ? 'Array' : name;
    return container(`${head}(${grouped(value.length)})`, '[]', depth, elements(value));
  }
  if (isTypedArray(value)) {
    return container(`${name ?? 'TypedArray'}(${grouped(lengthOf(value))})`, '[]', depth, elements(value));
  }
  if (util.types.isMap(value) || util.types.isSet(value)) {
    const kind = util.types.isMap(value) ? 'Map' : 'Set';
    return container(`${name ?? kind}(${grouped(sizeOf(value))})`, '{}', depth, collection(value));
  }
  if (util.types.isAnyArrayBuffer(value)) {
    return { text: `${name ?? 'ArrayBuffer'} of ${grouped(value.byteLength)} bytes`, kind: 'plain' };
  }
  const opaque =
    util.types.isPromise(value) ||
    util.types.isWeakMap(value) ||
    util.types.isWeakSet(value) ||
    util.types.isExternal(value);
  if (opaque || printsItself(value)) return { text: cut(oneLine(value), LONGEST), kind: 'plain' };
  const head = name ?? (Object.getPrototypeOf(value) === null ? '[Object: null prototype]' : 'Object');
  return container(head === 'Object' ? '' : head, '{}', depth, properties(value));
}

/** As Node.js prints it, on one line; its own code that throws is not asked. */
function oneLine(value: object): string {
  const options = { depth: 0, breakLength: Infinity, maxArrayLength: 5, maxStringLength: LONGEST };
  const text =
    attempt(() => util.inspect(value, options), undefined) ??
    attempt(() => util.inspect(value, { ...options, customInspect: false }), className(value) ?? 'Object');
  return text.replace(/\s+/g, ' ');
}

/** Name, with its arguments or its base class. */
function functionHead(value: object): string {
  const name = className({ constructor: value }) ?? 'anonymous';
  const source = functionSource(value);
  const extended = /^class\s+(?:[\p{L}\p{N}_$]+\s+)?(extends\s+[^{]{1,60}?)\s*\{/u.exec(source)?.[1];
  if (source.startsWith('class'))
    return cut(`class ${name}${extended === undefined ? '' : ` ${extended}`}`, LONGEST);
  const args = /^(?:async\s*)?(?:function\b[^(]{0,80}|[\p{L}\p{N}_$]{0,80}\s*)?(\([^()]{0,80}\))/u.exec(
    source,
  )?.[1];
  return cut(
    `ƒ ${name}${args === undefined || source.includes('[native code]') ? '()' : args.replace(/\s+/g, ' ')}`,
    LONGEST,
  );
}

/**
 * A function's source. In the code that runs, names that live in a notebook's boxes are written `name·.v`, loops ask
 * `if (stop·[0]) resume·();`, and what follows an `await` is `resume·(await …)` (language/interruptible.ts).
 */
export const functionSource = (value: object): string =>
  attempt(() => Function.prototype.toString.call(value), '')
    .replace(/\s*(?:if \(stop·\[0\]\)\s+)?resume·\(\);/g, '')
    .replaceAll('resume·(', '(')
    .replace(/\(0, ([\p{L}\p{N}_$]+)·\.v\)/gu, '$1')
    .replaceAll('·.v', '');

function errorHead(value: Error): string {
  const message = lookup(value, 'message')?.value as unknown;
  const name = lookup(value, 'name')?.value as unknown;
  const head = typeof name === 'string' ? name : (className(value) ?? 'Error');
  return typeof message === 'string' && message !== '' ? `${head}: ${message.slice(0, LONGEST)}` : head;
}

/** The element of a list, or nothing where it has none there. */
export function elementAt(list: readonly unknown[] | TypedArray, i: number): PropertyDescriptor | undefined {
  if (!Array.isArray(list)) return { value: (list as TypedArray)[i] };
  return attempt(() => Object.getOwnPropertyDescriptor(list, i), undefined);
}

function* elements(list: readonly unknown[] | TypedArray): Generator<string> {
  const length = Array.isArray(list) ? list.length : lengthOf(list as TypedArray);
  for (let i = 0; i < length; i++) {
    const property = elementAt(list, i);
    yield property === undefined ? 'empty' : previewProperty(property).text;
  }
}

function* collection(value: object): Generator<string> {
  for (const entry of entriesOf(value)) {
    if (!util.types.isMap(value)) yield preview(entry, 0).text;
    else {
      const [key, held] = entry as [unknown, unknown];
      yield `${preview(key, 0).text} => ${preview(held, 0).text}`;
    }
  }
}

function* properties(value: object): Generator<string> {
  for (const { name, property } of members(value)) yield `${name}: ${previewProperty(property).text}`;
}

function container(head: string, [open, close]: string, depth: number, parts: Generator<string>): Preview {
  const before = head === '' ? '' : `${head} `;
  if (depth === 0)
    return { text: head === '' || head.endsWith(')') ? head || '{…}' : `${head} {…}`, kind: 'plain' };
  let text = '';
  for (const part of parts) {
    if (text.length + part.length > LONGEST - 20) {
      text += text === '' ? cut(part, LONGEST - 20) : ', …';
      break;
    }
    text += text === '' ? part : `, ${part}`;
  }
  const space = close === '}' && text !== '' ? ' ' : '';
  return { text: `${before}${open!}${space}${text}${space}${close!}`, kind: 'plain' };
}
