import { UsageError } from '../../engine/index.ts';
import { isRecord } from '../isRecord.ts';
import type { SpecificationInput } from './schema.ts';

/**
 * Applies changes such as `loss.msl.margin=0.8` to a specification as written. Values are read as JSON, or else
 * as text.
 *
 * @throws {UsageError} for a change without `=`, and for a path that no specification has
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
    for (const key of keys.slice(0, -1)) {
      const there = place[key];
      // A list is reached by its indices: loss.layers.0.weight.
      const inner = isRecord(there) || Array.isArray(there) ? (there as Record<string, unknown>) : {};
      place[key] = inner;
      place = inner;
    }
    place[keys.at(-1)!] = readValue(setting.slice(at + 1));
  }
  return changed;
}

function readValue(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
