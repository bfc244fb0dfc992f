import { fileURLToPath } from 'node:url';

import { UserError } from '../errors.ts';

/** A traced function did what a graph cannot do. The message names the operation, the line and the remedy. */
export class TracingError extends UserError {
  override readonly name = 'TracingError';
}

/** From where the running operation was called. */
export interface CallSite {
  /** The TensorFlow.js function that was called there, e.g. `dropout`; absent where none was. */
  readonly operation?: string;
  /** The TensorFlow.js functions on the way from the running one to `operation`. */
  readonly through: readonly string[];
  /** `file:line:column` of the first frame outside TensorFlow.js and the engine. */
  readonly place: string;
}

/** Frames of a stack that may lie between an operation and the code that calls it. */
const DEEPEST_STACK = 100;

/** Whatever lies in here is the engine; it is in the sources as well as in the built package. */
const ENGINE = fileURLToPath(new URL('..', import.meta.url));

/** Whatever lies in here is the workbook. */
const WORKBOOK = fileURLToPath(new URL('../..', import.meta.url));

/** Its packages as they are installed, or as its source maps name them. */
const TENSORFLOW_JS = /[\\/](@tensorflow|tfjs-[a-z-]+[\\/](src|dist))[\\/]/;

/** What Node and the compiler of TensorFlow.js put between its own frames. */
const BETWEEN = /^node:|^<anonymous>$|[\\/]tslib[\\/]/;

const UNKNOWN_PLACE = 'an unknown place';

/** Reads the stack: slow, to be used only where an error is about to be thrown. */
export function callSite(): CallSite {
  return siteOf(withDeepStacks(() => new Error()));
}

/** Does something whose errors are to have stacks that reach through the engine. */
export function withDeepStacks<T>(work: () => T): T {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = DEEPEST_STACK;
  try {
    return work();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** From where a function of the user's own failed: the first frame outside the workbook, where there is one. */
export function ownSiteOf(error: Error): CallSite {
  const own = siteOf(error, WORKBOOK);
  return own.place === UNKNOWN_PLACE ? siteOf(error) : own;
}

/** From where what failed was called, as far as the error's stack reaches: the first frame that does not lie in `within`. */
function siteOf({ stack = '' }: Error, within = ENGINE): CallSite {
  const through: string[] = [];
  // The stack is text here, since that is what source maps (of tsx, of the kernel's cells) are applied to.
  for (const line of stack.split('\n')) {
    if (!/^\s+at /.test(line)) continue;
    const frame = /^\s+at (?:(.*) \()?(.*?)\)?$/.exec(line);
    const place = frame?.[2]?.replace(/^file:\/\//, '') ?? '';
    if (BETWEEN.test(place) || place.startsWith(within)) continue;
    if (!TENSORFLOW_JS.test(place)) return callSiteOf(place, through);
    const name = functionName(frame?.[1] ?? '');
    if (name !== undefined) through.push(name);
  }
  return callSiteOf(UNKNOWN_PLACE, through);
}

function callSiteOf(place: string, through: readonly string[]): CallSite {
  const operation = through.at(-1);
  return { place, through, ...(operation === undefined ? {} : { operation }) };
}

/** `Object.dropout_ [as dropout]`, `dropout__op`, `Tensor.print` and the like, without what surrounds the name. */
function functionName(text: string): string | undefined {
  const name = (/\[as (\w+)\]/.exec(text)?.[1] ?? text).replace(/^.*[. ]/, '').replace(/_+(op)?$/, '');
  return /^\w+$/.test(name) && name !== 'anonymous' ? name : undefined;
}
