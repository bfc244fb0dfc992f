/** Values that describe themselves, as in Deno's kernel: `[Symbol.for('Jupyter.display')]() { return bundle; }`. */
import util from 'node:util';

import type { MimeBundle } from '../mimeBundle.ts';
import { attempt, isObject, lookup } from './safe.ts';

export const DISPLAY = Symbol.for('Jupyter.display');

/** The function with which a value describes itself. */
function describer(value: unknown): ((this: unknown) => unknown) | undefined {
  if (!isObject(value)) return undefined;
  const own: unknown = attempt(() => {
    // Of a proxy this one name is asked: some libraries' data frames are proxies.
    if (util.types.isProxy(value))
      return DISPLAY in value ? (value as Record<symbol, unknown>)[DISPLAY] : undefined;
    return lookup(value, DISPLAY)?.value as unknown;
  }, undefined);
  return typeof own === 'function' ? (own as (this: unknown) => unknown) : undefined;
}

/**
 * The bundle that a value gives of itself, perhaps later; undefined for a value that does not. `otherwise` gives
 * what is shown, beside a note, where describing fails.
 */
export function ownBundle(
  value: unknown,
  otherwise: () => MimeBundle,
): MimeBundle | Promise<MimeBundle> | undefined {
  const describe = describer(value);
  if (!describe) return undefined;
  const failed = (error: unknown) => failedBundle(error, otherwise());
  try {
    const bundle = describe.call(value);
    return util.types.isPromise(bundle)
      ? bundle.then((later) => checked(later), undefined).catch(failed)
      : checked(bundle);
  } catch (error) {
    return failed(error);
  }
}

function checked(bundle: unknown): MimeBundle {
  if (typeof bundle !== 'object' || bundle === null || Array.isArray(bundle)) {
    throw new TypeError(`it gives ${util.inspect(bundle, { depth: 0 })} instead of an object of media types`);
  }
  const entries = Object.entries(bundle as Record<string, unknown>).filter(([, held]) => held !== undefined);
  const wrong = entries.find(([type]) => !type.includes('/'));
  if (wrong) throw new TypeError(`it names '${wrong[0]}', which is no media type`);
  JSON.stringify(bundle); // what cannot be sent (cycles, bigints) is said here
  return Object.fromEntries(entries);
}

function failedBundle(error: unknown, otherwise: MimeBundle): MimeBundle {
  const reason = attempt(
    () => (error instanceof Error ? `${error.name}: ${error.message}` : String(error)),
    'an error',
  );
  const note = `Its Jupyter.display failed: ${reason}`;
  return { 'text/plain': `${String(otherwise['text/plain'])}\n(${note})` };
}
