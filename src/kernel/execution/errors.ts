import util from 'node:util';

/** What the protocol says about an error. */
export interface Failure {
  readonly name: string;
  readonly message: string;
  /** What is shown: the whole text, stack trace included. */
  readonly text: string;
}

/** Lines of a stack trace that are the kernel's own: they would hide the two that matter. */
const OWN_LINES = /(src|dist)[/\\]kernel[/\\]|node:vm|node:internal|node:async_hooks|\(<anonymous>\)$/;

/** A place in a cell, as Node writes it: it takes the cell's name for a file of the working folder. */
const CELL_PLACE = /(?:file:\/\/)?[^\s()]*[/\\](In\[\d+\])(?=:\d+)/g;

/** Names of notebooks live in boxes, which V8's texts would show. */
const clean = (text: string): string =>
  text
    .replaceAll('·.v', '')
    .replace(CELL_PLACE, '$1')
    // What stands outside of a cell's functions.
    .replace(/\bat (async )?eval \((In\[\d+\]:\d+:\d+)\)/g, 'at $1$2');

const RED = '\u001b[31m';
const PLAIN = '\u001b[39m';

/** The line of a source, with a caret below. */
export type Excerpt = (place: { file: string; line: number; column: number }) => string | undefined;

/** What is known of an error. `excerpt` shows the line of a cell or file of the project. */
export function describeError(error: unknown, excerpt: Excerpt = () => undefined): Failure {
  if (!(util.types.isNativeError(error) || error instanceof Error)) {
    const text = util.inspect(error);
    return {
      name: 'Error',
      message: typeof error === 'string' ? error : text,
      text: `Uncaught ${text}`,
    };
  }
  const lines = clean(inspectError(error)).split('\n');
  const kept = lines.filter((line, i) => i === 0 || !(/^\s+at /.test(line) && OWN_LINES.test(line)));
  const first = kept.findIndex((line) => /^\s+at /.test(line));
  const head = kept.slice(0, first < 0 ? kept.length : first).join('\n');
  const rest = first < 0 ? [] : kept.slice(first);
  const place = rest.map(placeOf).find((found) => found !== undefined);
  const shown = place && excerpt(place);
  return {
    name: error.name,
    message: clean(error.message),
    text: [`${RED}${head}${PLAIN}`, ...(shown === undefined ? [] : [shown]), ...rest].join('\n'),
  };
}

/** `util.inspect` calls what an error's class defines, which may fail; without a stack it writes brackets. */
function inspectError(error: Error): string {
  const plain = `${error.name}: ${error.message}`;
  try {
    return util.inspect(error).replace(`[${plain}]`, plain);
  } catch {
    return plain;
  }
}

function placeOf(line: string): { file: string; line: number; column: number } | undefined {
  const found = /\(?((?:file:\/\/)?[^\s()]+):(\d+):(\d+)\)?$/.exec(line);
  const [, file, row, column] = found ?? [];
  if (file === undefined || file.includes('node_modules') || file.startsWith('node:')) return undefined;
  return { file, line: Number(row), column: Number(column) };
}
