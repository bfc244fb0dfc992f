/** What is wrong with a specification, in words. */
import type { z } from 'zod';

import { nearest, unknownName } from '../../engine/index.ts';
import { customParts } from '../custom/registry.ts';
import { NETWORK_NAMES } from '../networkNames.ts';

/** What an issue is about: where, what stands there, and what would be right. */
export function explain(issue: z.core.$ZodIssue, value: unknown, schema: unknown): string {
  const place = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    return unknownKeys(issue.path, issue.keys, Object.keys(shapeAt(schema, issue.path, value)));
  }
  if (issue.code === 'invalid_union' && place === 'network.name') {
    const own = customParts().flatMap((part) => (part.kind === 'network' ? [part.name] : []));
    const given = String((issue.input as { name?: unknown } | undefined)?.name);
    return `${place}: ${unknownName('network', given, [...NETWORK_NAMES, ...own])}`;
  }
  const input = issue.input === undefined ? '' : ` (it is ${JSON.stringify(issue.input)})`;
  return `${place === '' ? 'the specification' : place}: ${messageOf(issue)}${input}`;
}

/** The issue's message; where a word was none of those allowed, with the nearest that is. */
export function messageOf(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'invalid_value' || typeof issue.input !== 'string') return issue.message;
  const words = issue.values.filter((word) => typeof word === 'string');
  const guess = nearest(issue.input, words);
  return guess === undefined ? issue.message : `${issue.message}; did you mean "${guess}"?`;
}

/** What refuses fields that are not known, with the nearest that are. */
export function unknownKeys(
  path: readonly PropertyKey[],
  keys: readonly string[],
  known: readonly string[],
): string {
  const unknown = keys.map((key) => {
    const suggestion = nearest(key, known);
    return `'${[...path, key].join('.')}'${suggestion === undefined ? '' : ` (did you mean '${suggestion}'?)`}`;
  });
  return `${unknown.join(', ')} is not known here; there are ${known.join(', ')}`;
}

/** The fields at a path of a schema; where there is a choice, those of what `value` has chosen. */
function shapeAt(from: unknown, path: readonly PropertyKey[], value: unknown): Record<string, unknown> {
  let schema = from;
  let at = value;
  for (const key of path) {
    schema = shapeOf(schema, at)[String(key)];
    at = (at as Record<PropertyKey, unknown> | undefined)?.[key];
  }
  return shapeOf(schema, at);
}

interface AnySchema {
  readonly shape?: Record<string, AnySchema>;
  readonly options?: readonly AnySchema[];
  readonly unwrap?: () => AnySchema;
  /** What a transformation is given. */
  readonly in?: AnySchema;
  readonly safeParse?: (value: unknown) => { readonly success: boolean };
}

function shapeOf(schema: unknown, value: unknown): Record<string, unknown> {
  let inner = schema as AnySchema;
  while (inner.shape === undefined && !isChoice(inner)) {
    const within = inner.in ?? inner.unwrap?.();
    if (within === undefined) break;
    inner = within;
  }
  if (!isChoice(inner)) return inner.shape ?? {};
  const { name } = (value ?? {}) as { name?: unknown };
  const chosen = inner.options.find((option) => option.shape?.['name']?.safeParse?.(name).success);
  return (chosen ?? inner.options[0])?.shape ?? {};
}

/** Enums have options, too, which are texts. */
const isChoice = (schema: AnySchema): schema is AnySchema & { options: readonly AnySchema[] } =>
  typeof schema.options?.[0] === 'object';
