/** A large value as a tree of lines, bounded in size whatever the value is. */
import util from 'node:util';

import { withoutOwnLines } from './ownLines.ts';
import {
  cut,
  elementAt,
  entriesOf,
  functionSource,
  isTypedArray,
  keysOf,
  lengthOf,
  members,
  preview,
  previewProperty,
  sizeOf,
  type Kind,
  type TypedArray,
} from './preview.ts';
import { attempt, isObject, plainProperty } from './safe.ts';
import { grouped, statistics, statisticsText } from './statistics.ts';
import { tensorBundle } from './tensors.ts';
import { isTensor } from './tensorHead.ts';

export interface TreeNode {
  /** What stands before the value: a property's name, an index. */
  readonly key: string;
  readonly text: string;
  readonly kind: Kind;
  /** Preformatted text inside: source, a stack trace, a long string. */
  block?: string;
  readonly children: TreeNode[];
  /** What is left out. */
  rest?: string;
}

/** A list shows so many of its first and last elements; one of plain values, which takes less room, more. */
const FIRST = 90;
const LAST = 10;
const FIRST_PLAIN = 900;
const LAST_PLAIN = 100;
/** Plain values on one line. */
const ROW = 10;
/** A collection or object shows so many members. */
const MEMBERS = 100;
const DEEPEST = 8;
const LONGEST_BLOCK = 8000;
/** Of longer typed arrays the range is that of so many numbers: it takes 30 ms. */
const LARGEST_SUMMARY = 5e6;

/** HTML around a line, in characters. */
const OVERHEAD = 80;

interface Path {
  readonly value: object;
  readonly up: Path | undefined;
}

type Item = { readonly rest: string } | { readonly block: string } | LeafItem;
interface LeafItem {
  readonly key: string;
  readonly text: string;
  readonly kind: Kind;
  readonly value?: unknown;
}

const HEX = /[^\x00-\x7f]/g; // eslint-disable-line no-control-regex -- all that is not ASCII

/** Bytes of a text in UTF-8 and HTML, roughly. */
const weight = (text: string): number =>
  text.length + 2 * (text.match(HEX)?.length ?? 0) + 4 * (text.match(/[&<>"']/g)?.length ?? 0);

/**
 * The tree of a value. It is unfolded level by level, so that a bound on its size (`budget`, bytes of HTML) leaves
 * each part its first contents.
 */
export function tree(value: unknown, budget = 40_000): TreeNode {
  const { text, kind } = preview(value);
  const root: TreeNode = { key: '', text, kind, children: [] };
  let left = budget;
  const queue: { node: TreeNode; path: Path; depth: number }[] = [];
  if (unfolds(value)) queue.push({ node: root, path: { value: value as object, up: undefined }, depth: 1 });
  // The queue grows while it is gone through.
  for (const { node, path, depth } of queue) {
    for (const item of contents(path.value)) {
      if (left <= 0) {
        node.rest ??= '…';
        break;
      }
      if ('rest' in item) {
        left -= OVERHEAD;
        node.children.push({ key: '', text: item.rest, kind: 'note', children: [] });
      } else if ('block' in item) {
        node.block = cutBlock(item.block, Math.min(LONGEST_BLOCK, left));
        left -= weight(node.block);
      } else {
        const circular = isObject(item.value) && isAbove(path, item.value);
        const shown = circular ? { text: '[Circular]', kind: 'note' as const } : item;
        const child: TreeNode = { key: item.key, text: shown.text, kind: shown.kind, children: [] };
        left -= OVERHEAD + weight(child.key) + weight(child.text);
        node.children.push(child);
        if (!circular && depth < DEEPEST && unfolds(item.value)) {
          queue.push({ node: child, path: { value: item.value as object, up: path }, depth: depth + 1 });
        }
      }
    }
  }
  return root;
}

function cutBlock(text: string, length: number): string {
  return text.length <= length
    ? text
    : `${text.slice(0, length)}…\n(${grouped(text.length - length)} more characters)`;
}

function isAbove(path: Path | undefined, value: object): boolean {
  for (let up = path; up; up = up.up) if (up.value === value) return true;
  return false;
}

/** Strings of more characters are shown whole only when unfolded. */
const LONG_STRING = 60;

function unfolds(value: unknown): boolean {
  if (typeof value === 'string') return value.length > LONG_STRING;
  return (
    isObject(value) && !util.types.isProxy(value) && !util.types.isDate(value) && !util.types.isRegExp(value)
  );
}

function* contents(value: unknown): Generator<Item> {
  if (typeof value === 'string') {
    yield { block: value };
    return;
  }
  if (!isObject(value)) return;
  try {
    yield* objectContents(value);
  } catch {
    yield { rest: '… not readable' };
  }
}

function* objectContents(value: object): Generator<Item> {
  if (isTensor(value)) {
    yield { block: tensorBundle(value)['text/plain'] as string };
    return;
  }
  if (typeof value === 'function') yield { block: functionSource(value) };
  if (util.types.isNativeError(value)) yield* errorContents(value);
  if (Array.isArray(value) || isTypedArray(value)) yield* listContents(value);
  if (util.types.isMap(value) || util.types.isSet(value)) yield* collectionContents(value);
  if (util.types.isAnyArrayBuffer(value)) yield* listContents(new Uint8Array(value));
  if (Array.isArray(value) ? value.length > 1e5 : isTypedArray(value) && lengthOf(value) > 1e5) return;
  let count = 0;
  for (const { name, property } of members(value)) {
    if (count++ === MEMBERS) {
      yield { rest: `… ${grouped(keysOf(value).length - MEMBERS)} more` };
      return;
    }
    yield { key: name, ...previewProperty(property, 1), value: property.value as unknown };
  }
}

function* errorContents(error: Error): Generator<Item> {
  const text = stackOf(error);
  if (typeof text === 'string') yield { block: withoutOwnLines(text) };
  for (const key of ['cause', 'errors']) {
    const held = plainProperty(error, key);
    if (held !== undefined) yield { key, ...preview(held), value: held };
  }
}

/** In some versions of Node.js an error's stack is a getter of the engine, which is safe to run. */
function stackOf(error: Error): unknown {
  return attempt(() => {
    const stack = Object.getOwnPropertyDescriptor(error, 'stack');
    const read: unknown = stack?.get; // eslint-disable-line @typescript-eslint/unbound-method -- applied below
    if (typeof read !== 'function') return stack?.value as unknown;
    const native = Function.prototype.toString.call(read).includes('[native code]');
    return native ? (Reflect.apply(read, error, []) as unknown) : undefined;
  }, undefined);
}

function* listContents(list: readonly unknown[] | TypedArray): Generator<Item> {
  const typed = isTypedArray(list);
  const length = typed ? lengthOf(list) : list.length;
  if (typed && length > ROW) {
    const count = Math.min(length, LARGEST_SUMMARY);
    const of = count < length ? ` (of the first ${grouped(count)})` : '';
    yield { rest: `${statisticsText(statistics(list, count))}${of}` };
  }
  const plain = typed || holdsPlainValues(list);
  const [first, last] = plain ? [FIRST_PLAIN, LAST_PLAIN] : [FIRST, LAST];
  const left = length - first - last;
  if (left <= 0) yield* range(list, 0, length, plain);
  else {
    yield* range(list, 0, first, plain);
    yield { rest: `… ${grouped(left)} more` };
    yield* range(list, length - last, length, plain);
  }
}

/** Whether there are only short values among the elements that would be shown. */
function holdsPlainValues(list: readonly unknown[]): boolean {
  for (let i = 0; i < Math.min(list.length, FIRST_PLAIN); i++) {
    const value = elementAt(list, i)?.value as unknown;
    if (isObject(value) || (typeof value === 'string' && value.length > LONG_STRING)) return false;
  }
  return true;
}

function* range(
  list: readonly unknown[] | TypedArray,
  from: number,
  to: number,
  plain: boolean,
): Generator<Item> {
  const step = plain ? ROW : 1;
  for (let i = from; i < to; i += step) {
    if (!plain) {
      const property = elementAt(list, i);
      yield property === undefined
        ? { key: String(i), text: 'empty', kind: 'note' }
        : { key: String(i), ...previewProperty(property, 1), value: property.value as unknown };
      continue;
    }
    const row: string[] = [];
    let kind: Kind = 'number';
    for (let j = i; j < Math.min(to, i + step); j++) {
      const property = elementAt(list, j);
      const shown = property === undefined ? undefined : previewProperty(property, 1);
      if (shown?.kind !== 'number') kind = shown?.kind === 'string' ? 'string' : 'plain';
      row.push(shown?.text ?? 'empty');
    }
    yield { key: String(i), text: row.join(', '), kind };
  }
}

function* collectionContents(value: Map<unknown, unknown> | Set<unknown>): Generator<Item> {
  let count = 0;
  for (const entry of entriesOf(value)) {
    if (count === MEMBERS) {
      yield { rest: `… ${grouped(sizeOf(value) - MEMBERS)} more` };
      return;
    }
    if (util.types.isMap(value)) {
      const [key, held] = entry as [unknown, unknown];
      // A key that has contents of its own is shown as a line of its own before its value.
      if (isObject(key)) yield { key: `key ${count}`, ...preview(key), value: key };
      const name = isObject(key) ? `value ${count}` : cut(preview(key).text, 80);
      yield { key: name, ...preview(held), value: held };
    } else yield { key: String(count), ...preview(entry), value: entry };
    count++;
  }
}
