/** What users write down: JSON, YAML, or a module. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { pathToFileURL } from 'node:url';

import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Document } from 'yaml';

import { unreadable, UsageError } from '../engine/index.ts';
import { moduleHint } from './moduleHint.ts';

const YAML = ['.yaml', '.yml'];
const MODULES = ['.ts', '.mts', '.js', '.mjs'];

/** Endings of the files that {@link readDocument} reads. */
export const DOCUMENT_ENDINGS: readonly string[] = ['.json', ...YAML, ...MODULES];

/** Where a value stands, e.g. `line 4, column 11`; `undefined` where it does not stand there, but was set later. */
export type Locate = (path: readonly PropertyKey[], value: unknown) => string | undefined;

/** What a file says, and where. */
export interface LocatedDocument {
  readonly value: unknown;
  /** Of a text; a module has no places. */
  readonly locate?: Locate;
}

/**
 * What a user wrote down: the content of a JSON or YAML file, or the default export of a TypeScript or JavaScript module,
 * which runs. A `$schema` is for editors and is left out. What it means is for others to check.
 *
 * @param file from the working directory
 * @param kind what it should hold, for messages, e.g. `specification`
 * @throws {UsageError} for a file that cannot be read, with the place where its form is wrong; for a module that fails or has
 * no default export, or one that is no data, such as a function; and for another ending
 */
export async function readDocument(file: string, kind: string): Promise<unknown> {
  return (await readLocated(file, kind)).value;
}

/** {@link readDocument}, with what finds the place of a value in the file. */
export async function readLocated(file: string, kind: string): Promise<LocatedDocument> {
  const ending = path.extname(file).toLowerCase();
  if (!DOCUMENT_ENDINGS.includes(ending)) {
    throw new UsageError(
      `The ${kind} '${file}' has to be a file that ends in ${DOCUMENT_ENDINGS.join(', ')}.`,
    );
  }
  let text: string;
  try {
    text = (await readFile(file, 'utf8')).replace(/^\uFEFF/, '');
  } catch (error) {
    throw new UsageError(`The ${kind} '${file}' cannot be read: ${unreadable(error)}.`);
  }
  if (MODULES.includes(ending)) return { value: await readModule(path.resolve(file), file, kind) };
  if (text.trim() === '') throw new UsageError(`The ${kind} '${file}' is empty.`);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const form = YAML.includes(ending) ? 'YAML' : 'JSON';
  try {
    const value = form === 'YAML' ? valueOf(document) : parseJson(text, document);
    return { value: withoutSchema(value), locate: locator(document, lines) };
  } catch (error) {
    throw new UsageError(`The ${kind} '${file}' is no valid ${form}: ${(error as Error).message.trim()}`);
  }
}

function valueOf(document: Document.Parsed): unknown {
  const [problem] = document.errors;
  if (problem !== undefined) throw problem;
  return document.toJS() as unknown;
}

/** @param document the same, read as YAML, which JSON is: it knows lines, and names that are there twice */
function parseJson(text: string, { errors }: Document.Parsed): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const { message } = error as Error;
    const [place] = errors[0]?.linePos ?? [];
    if (place === undefined || /line \d/.test(message)) throw error;
    throw new Error(`${message} at line ${place.line}, column ${place.col}`, { cause: error });
  }
  // JSON takes the last of two values of one name without a word.
  const twice = errors.find(({ code }) => code === 'DUPLICATE_KEY');
  if (twice !== undefined) throw twice;
  return value;
}

function withoutSchema(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== '$schema'));
}

async function readModule(absolute: string, file: string, kind: string): Promise<unknown> {
  let loaded: { readonly default?: unknown };
  try {
    loaded = (await importModule(pathToFileURL(absolute).href)) as typeof loaded;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError(`The ${kind} '${file}' cannot be loaded: ${message}${moduleHint(absolute)}`, {
      cause: error,
    });
  }
  const exported = loaded.default;
  // Outside of a package of ES modules it is compiled to CommonJS, whose exports stand where the default export would.
  const isCommonJs = typeof exported === 'object' && exported !== null && '__esModule' in exported;
  const value: unknown = await (isCommonJs ? (exported as { readonly default?: unknown }).default : exported);
  if (value === undefined) {
    throw new UsageError(`The ${kind} '${file}' has no default export: write \`export default …\`.`);
  }
  try {
    structuredClone(value);
  } catch (error) {
    throw new UsageError(
      `The default export of the ${kind} '${file}' is no data: ${firstLine((error as Error).message)}. Write \`export default { … }\`, with values alone.`,
      { cause: error },
    );
  }
  return value;
}

const firstLine = (text: string): string => text.split('\n')[0]!;

/** A file that Node and the project's own loader leave alone: TypeScript in an installed package, `.ts` outside of one. */
const LEFT_ALONE = ['ERR_UNKNOWN_FILE_EXTENSION', 'ERR_REQUIRE_CYCLE_MODULE'];

async function importModule(url: string): Promise<unknown> {
  try {
    return await import(url);
  } catch (error) {
    if (!LEFT_ALONE.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    const { tsImport } = await import('tsx/esm/api');
    return await tsImport(url, import.meta.url);
  }
}

function locator(document: Document, lines: LineCounter): Locate {
  return (where, value) => {
    let node: unknown = document.contents;
    let start: number | undefined;
    for (const key of where) {
      if (isMap(node)) {
        const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
        node = pair?.value;
        start = isScalar(pair?.key) ? pair.key.range?.[0] : undefined;
      } else if (isSeq(node)) {
        node = node.items[Number(key)];
        start = (node as { range?: readonly number[] } | undefined)?.range?.[0];
      } else return undefined;
    }
    if (start === undefined) return undefined;
    const there = (node as { toJS?: (of: Document) => unknown } | null)?.toJS?.(document);
    if (!isDeepStrictEqual(there ?? null, value ?? null)) return undefined;
    const { line, col } = lines.linePos(start);
    return `line ${line}, column ${col}`;
  };
}
