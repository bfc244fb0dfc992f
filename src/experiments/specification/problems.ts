/** What is wrong with a specification, or with what else a schema describes, in words. */
import type { z } from 'zod';

import { nearest, unknownName } from '../../engine/index.ts';
import { customParts } from '../custom/registry.ts';

/**
 * What an issue is about: where, what stands there, and what would be right.
 *
 * @param value that was checked
 * @param schema that it was checked by
 * @param whole what it is called where the issue is about all of it
 */
export function explain(
  issue: z.core.$ZodIssue,
  value: unknown,
  schema: unknown,
  whole = 'the specification',
): string {
  const place = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    return unknownKeys(issue.path, issue.keys, Object.keys(shapeAt(schema, issue.path, value)));
  }
  if (issue.code === 'invalid_union' && issue.discriminator !== undefined) {
    return `${place}: ${unknownKind(issue)}`;
  }
  if (issue.code === 'invalid_union') {
    const inner = nearestIssue(issue.errors);
    if (inner !== undefined) {
      return explain({ ...inner, path: [...issue.path, ...inner.path] }, value, schema, whole);
    }
  }
  const isName =
    issue.code === 'invalid_type' && issue.expected === 'object' && typeof issue.input === 'string';
  if (isName && place !== '' && 'name' in shapeAt(schema, issue.path, value)) {
    return `${place}: ${messageOf(issue)}; write {"name": ${JSON.stringify(issue.input)}}`;
  }
  const input =
    issue.input === undefined
      ? ''
      : ` (it is ${typeof issue.input === 'number' ? issue.input : JSON.stringify(issue.input)})`;
  return `${place === '' ? whole : place}: ${messageOf(issue)}${input}`;
}

/** What refuses a choice by its name (`network`, `sampler`), with the nearest. */
function unknownKind({ path, input, ...issue }: z.core.$ZodIssueInvalidUnion): string {
  const kind = String(path.at(-2));
  const own = customParts().flatMap((part) => (part.kind === kind ? [part.name] : []));
  const options = 'options' in issue ? (issue.options ?? []) : [];
  const names = [...options.filter((name) => typeof name === 'string'), ...own];
  const given = (input as { readonly name?: unknown } | undefined)?.name;
  if (given === undefined) return `no ${kind} is named; there are ${names.join(', ')}`;
  return unknownName(kind, typeof given === 'string' ? given : JSON.stringify(given), names);
}

/** Of a choice between forms, what is wrong with the one that comes nearest; `undefined` where the value has none of them. */
function nearestIssue(forms: readonly (readonly z.core.$ZodIssue[])[]): z.core.$ZodIssue | undefined {
  const unknown = (issues: readonly z.core.$ZodIssue[]): number =>
    issues.reduce((n, issue) => n + (issue.code === 'unrecognized_keys' ? issue.keys.length : 0), 0);
  const inside = forms
    .filter((issues) => issues.some((issue) => issue.path.length > 0 || issue.code === 'unrecognized_keys'))
    .sort((a, b) => unknown(a) - unknown(b) || a.length - b.length)[0];
  return (
    inside?.find(({ code }) => code === 'unrecognized_keys') ?? inside?.find(({ path }) => path.length > 0)
  );
}

/** The issue's message; where a word was none of those allowed, with the nearest that is. */
export function messageOf(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'invalid_value' || typeof issue.input !== 'string') return issue.message;
  const words = issue.values.filter((word) => typeof word === 'string');
  return `${issue.message}${meant(issue.input, words)}`;
}

/** What a message ends with where a word was probably another one. */
export function meant(given: unknown, words: readonly string[]): string {
  const guess = typeof given === 'string' ? nearest(given, words) : undefined;
  return guess === undefined ? '' : `; did you mean "${guess}"?`;
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
    const { element, valueType } = bare(schema);
    schema = element ?? valueType ?? shapeOf(schema, at)[String(key)];
    at = (at as Record<PropertyKey, unknown> | undefined)?.[key];
  }
  return shapeOf(schema, at);
}

interface AnySchema {
  readonly shape?: Record<string, AnySchema>;
  readonly options?: readonly AnySchema[];
  /** Of an array. */
  readonly element?: AnySchema;
  /** Of a record. */
  readonly valueType?: AnySchema;
  readonly unwrap?: () => AnySchema;
  /** What a transformation is given. */
  readonly in?: AnySchema;
  readonly safeParse?: (value: unknown) => { readonly success: boolean };
}

/** Without defaults, transformations and what else is around it. */
function bare(schema: unknown): AnySchema {
  let inner = schema as AnySchema;
  const isBare = () => (inner.shape ?? inner.element ?? inner.valueType) !== undefined || isChoice(inner);
  while (!isBare()) {
    const within = inner.in ?? inner.unwrap?.();
    if (within === undefined) break;
    inner = within;
  }
  return inner;
}

function shapeOf(schema: unknown, value: unknown): Record<string, unknown> {
  const inner = bare(schema);
  if (!isChoice(inner)) return inner.shape ?? {};
  const given = (value ?? {}) as { readonly name?: unknown };
  const named = inner.options.find((option) => option.shape?.['name']?.safeParse?.(given.name).success);
  if (named !== undefined) return named.shape!;
  const known = inner.options.map(({ shape = {} }) => shape);
  if (known.some((shape) => 'name' in shape)) return known[0]!;
  const shared = (shape: object) => Object.keys(given).filter((key) => key in shape).length;
  return known.reduce((a, b) => (shared(b) > shared(a) ? b : a));
}

/** Enums have options, too, which are texts. */
const isChoice = (schema: AnySchema): schema is AnySchema & { options: readonly AnySchema[] } =>
  typeof schema.options?.[0] === 'object';
