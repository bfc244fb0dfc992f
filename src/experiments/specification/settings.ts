import { UsageError } from '../../engine/index.ts';
import { isRecord } from '../isRecord.ts';
import type { SpecificationInput } from './schema.ts';

/**
 * Applies changes such as `loss.msl.margin=0.8` to a specification as written. Values are read as JSON, or else
 * as text.
 *
 * @throws {UsageError} for a change without `=`, for a path that no specification has, and for what is no place of a list
 */
export function applySettings(value: SpecificationInput, settings: readonly string[]): SpecificationInput {
  const changed = structuredClone(value) as unknown;
  // Whoever reads the specification says what is wrong with it.
  if (!isRecord(changed)) return value;
  for (const setting of settings) {
    const at = setting.indexOf('=');
    if (at < 1) {
      throw new UsageError(`'${setting}' is no setting; write PATH=VALUE, e.g. --set loss.msl.margin=0.8`);
    }
    const keys = setting.slice(0, at).split('.');
    if (keys.some((key) => key === '' || key in Object.prototype)) {
      throw new UsageError(
        `'${setting}' is no setting: '${setting.slice(0, at)}' is no path of a specification.`,
      );
    }
    let place = changed;
    for (const [depth, key] of keys.entries()) {
      if (Array.isArray(place)) requirePlace(place, key, { setting, path: keys.slice(0, depth).join('.') });
      if (depth === keys.length - 1) place[key] = readValue(setting.slice(at + 1));
      else {
        const there = place[key];
        place[key] = isRecord(there) || Array.isArray(there) ? there : {};
        place = place[key] as Record<string, unknown>;
      }
    }
  }
  return changed;
}

/** A list is reached by its indices, as in `loss.layers.0.weight`; the one behind the last makes it longer. */
function requirePlace(
  list: readonly unknown[],
  key: string,
  { setting, path }: { readonly setting: string; readonly path: string },
): void {
  if (/^(0|[1-9]\d*)$/.test(key) && Number(key) <= list.length) return;
  const places =
    list.length === 0
      ? 'nothing in it yet: 0 is the first'
      : `the places 0 to ${list.length - 1}, and ${list.length} to make it longer`;
  throw new UsageError(
    `'${setting}' is no setting: ${path} is a list, which has ${places}; '${key}' is none.`,
  );
}

function readValue(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
