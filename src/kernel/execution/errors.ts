import util from 'node:util';

import { isFrame, withoutOwnLines } from '../present/ownLines.ts';
import { attempt } from '../present/safe.ts';

/** What the protocol says about an error. */
export interface Failure {
  readonly name: string;
  readonly message: string;
  /** What is shown: the whole text, stack trace included. */
  readonly text: string;
}

/**
 * A place in a cell, as Node writes it: it takes the cell's name for a file of the working folder. Looked for where a
 * word begins only, or a message that is one long word would take the square of its length.
 */
const CELL_PLACE = /(?<![^\s()])(?:file:\/\/)?[^\s()]*[/\\](In\[[\d.]+\])(?=:\d+)/g;

/** Names of notebooks live in boxes, which V8's texts would show. */
const clean = (text: string): string =>
  text
    .replaceAll('·.v', '')
    .replace(CELL_PLACE, '$1')
    // What stands outside of a cell's functions, and functions without a name.
    .replace(/\bat (async )?eval \((In\[[\d.]+\]:\d+:\d+)\)/g, 'at $1$2')
    .replace(/\bat ((?:async )?[\w$.]+)\.eval \((?=In\[)/g, 'at $1.<anonymous> (');

const RED = '\u001b[31m';
const PLAIN = '\u001b[39m';

/** Of a longer message, so much of the beginning is shown: a notebook keeps it. */
const LONGEST_MESSAGE = 10_000;

const shortened = (text: string): string =>
  text.length <= LONGEST_MESSAGE
    ? text
    : `${text.slice(0, LONGEST_MESSAGE)}… (${text.length.toLocaleString('en')} characters)`;

/** The line of a source, with a caret below. */
export type Excerpt = (place: { file: string; line: number; column: number }) => string | undefined;

/** What is known of an error, whatever was thrown. `excerpt` shows the line of a cell or file of the project. */
export function describeError(error: unknown, excerpt: Excerpt = () => undefined): Failure {
  if (!attempt(() => util.types.isNativeError(error) || error instanceof Error, false)) {
    const text = attempt(() => util.inspect(error), '[not readable]');
    return {
      name: 'Error',
      message: shortened(typeof error === 'string' ? error : text),
      text: `Uncaught ${shortened(text)}`,
    };
  }
  const name = textOf(error as Error, 'name', 'Error');
  const message = textOf(error as Error, 'message', '');
  const kept = withoutOwnLines(clean(inspectError(error as Error, `${name}: ${message}`))).split('\n');
  const first = kept.findIndex(isFrame);
  const head = kept.slice(0, first < 0 ? kept.length : first).join('\n');
  const rest = first < 0 ? [] : kept.slice(first);
  const place = rest.map(placeOf).find((found) => found !== undefined);
  const shown = place && attempt(() => excerpt(place), undefined);
  return {
    name,
    message: shortened(clean(message)),
    text: [`${RED}${shortened(head)}${PLAIN}`, ...(shown === undefined ? [] : [shown]), ...rest].join('\n'),
  };
}

/** A property as text: anything may stand there, and it may throw. */
function textOf(error: Error, property: 'name' | 'message', otherwise: string): string {
  return attempt(() => {
    const value: unknown = error[property];
    return typeof value === 'string' ? value : value === undefined ? otherwise : util.inspect(value);
  }, otherwise);
}

/** `util.inspect` calls what an error's class defines, which may fail; without a stack it writes brackets. */
const inspectError = (error: Error, plain: string): string =>
  attempt(() => util.inspect(error).replace(`[${plain}]`, () => plain), plain);

/** A place in a trace. */
const TRACE = /\n[^ a-zA-Z\n]*(?:\[\d+m)* {2,}at [^\n]*:\d+:\d+/;

/** A text in which stack traces may stand, as `console.trace` writes them: those without the kernel's lines. */
export function withoutKernel(text: string): string {
  if (!TRACE.test(text)) return text;
  return withoutOwnLines(clean(text));
}

function placeOf(line: string): { file: string; line: number; column: number } | undefined {
  const found = /\(?((?:file:\/\/)?[^\s()]+):(\d+):(\d+)\)?(?: \{)?$/.exec(line);
  const [, file, row, column] = found ?? [];
  if (file === undefined || file.includes('node_modules') || file.startsWith('node:')) return undefined;
  return { file, line: Number(row), column: Number(column) };
}
