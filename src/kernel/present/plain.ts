/** Values that nothing special is known of. */
import util from 'node:util';

import { restoring } from '../restore.ts';
import type { MimeBundle } from '../mimeBundle.ts';
import {
  entriesOf,
  functionSource,
  isTypedArray,
  lengthOf,
  members,
  sizeOf,
  withKeysKept,
} from './preview.ts';
import { attempt, hideMarks, isObject, printsItself } from './safe.ts';
import { withoutOwnLines } from './ownLines.ts';
import { isTensor } from './tensorHead.ts';
import { tree } from './tree.ts';
import { treeHtml, treeText } from './treeViews.ts';

/** A value of at most so many parts is shown as text, whole. */
const MOST_PARTS = 200;
const LONGEST_LIST = 100;
const LONGEST_STRING = 1000;
const DEEPEST = 5;
/** A text of more lines or characters is folded. */
const MOST_LINES = 40;
const LONGEST_TEXT = 6000;

/** Whether Node.js's text shows the whole of a value, and well; looks at a bounded part of it. */
function isSmall(root: unknown): boolean {
  let left = MOST_PARTS;
  let characters = LONGEST_TEXT;
  const above = new Set<object>();
  const fits = (value: unknown, depth: number): boolean => {
    if (--left < 0) return false;
    if (typeof value === 'string') return value.length <= LONGEST_STRING && (characters -= value.length) >= 0;
    if (typeof value === 'symbol') return (value.description ?? '').length <= LONGEST_STRING;
    if (!isObject(value) || above.has(value)) return true;
    if (util.types.isProxy(value)) return true;
    if (isTensor(value)) return false;
    hideMarks(value);
    if (typeof value === 'function') return attempt(() => fitsMembers(value, depth), true);
    if (depth > DEEPEST) return false;
    if (Array.isArray(value) && value.length > LONGEST_LIST) return false;
    if (isTypedArray(value) && lengthOf(value) > LONGEST_LIST) return false;
    if ((util.types.isMap(value) || util.types.isSet(value)) && sizeOf(value) > LONGEST_LIST) return false;
    above.add(value);
    const result = attempt(() => fitsMembers(value, depth), true);
    above.delete(value);
    return result;
  };
  const fitsMembers = (value: object, depth: number): boolean => {
    if (Array.isArray(value)) {
      for (let i = 0; i < value.length; i++) {
        if (!fits(Object.getOwnPropertyDescriptor(value, i)?.value, depth + 1)) return false;
      }
    } else if (util.types.isMap(value) || util.types.isSet(value)) {
      for (const entry of entriesOf(value)) if (!fits(entry, depth)) return false;
    } else if (printsItself(value)) return true;
    for (const { property } of members(value)) if (!fits(property.value, depth + 1)) return false;
    return true;
  };
  return fits(root, 0);
}

/** Colours that can be read on white and on black: grey and yellow cannot. */
const COLORS: Readonly<Record<string, string>> = {
  number: 'blue',
  bigint: 'blue',
  boolean: 'magenta',
  undefined: 'magenta',
  null: 'magenta',
  string: 'green',
  symbol: 'green',
  date: 'blue',
  regexp: 'red',
  special: 'cyan',
  module: 'underline',
};

/** util.inspect with colours, whose styles can only be set for the whole process: for this one call. */
function coloured(value: unknown, options: util.InspectOptions): string {
  const styles = util.inspect.styles as unknown as Record<string, string>;
  const before = { ...styles };
  Object.assign(styles, COLORS);
  return restoring(
    () => Object.assign(styles, before),
    () => util.inspect(value, { ...options, colors: true }),
  );
}

export interface PlainOptions {
  /** ANSI colours in the text of objects, as Jupyter shows them; off, and off in any case where NO_COLOR is set. */
  readonly colors?: boolean;
}

/** A small value as Node.js prints it; its own printing code that throws is said so. */
function inspectText(value: unknown, { colors = false }: PlainOptions): string {
  const options = {
    depth: DEEPEST + 1,
    maxArrayLength: LONGEST_LIST,
    maxStringLength: LONGEST_STRING,
    breakLength: 100,
  };
  const print = colors && isObject(value) && (process.env['NO_COLOR'] ?? '') === '' ? coloured : util.inspect;
  try {
    return print(value, options);
  } catch (error) {
    const reason = attempt(() => (error as Error).message, 'an error');
    const text = attempt(() => print(value, { ...options, customInspect: false }), '[not readable]');
    return `${text}\n(its own inspection failed: ${reason})`;
  }
}

/** Representations of any value: text, and where that would be long, an abbreviation that unfolds. */
export function plainBundle(value: unknown, options: PlainOptions = {}): MimeBundle {
  return withKeysKept(() => bundle(value, options));
}

function bundle(value: unknown, options: PlainOptions): MimeBundle {
  if (isSmall(value)) {
    const text = smallText(value, options);
    if (text.length <= LONGEST_TEXT && text.split('\n').length <= MOST_LINES) return { 'text/plain': text };
    // A proxy cannot be unfolded without calling it.
    if (util.types.isProxy(value)) return { 'text/plain': `${text.slice(0, LONGEST_TEXT)}…` };
  }
  const root = tree(value);
  return { 'text/plain': treeText(root), 'text/html': treeHtml(root) };
}

function smallText(value: unknown, options: PlainOptions): string {
  const text = inspectText(value, options);
  if (util.types.isProxy(value)) return text;
  if (util.types.isNativeError(value)) return withoutOwnLines(text);
  const source = typeof value === 'function' ? functionSource(value) : '[native code]';
  return source.includes('[native code]') ? text : `${text}\n${source}`;
}
