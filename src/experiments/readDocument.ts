import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { parse, YAMLParseError } from 'yaml';

import { UsageError } from '../engine/index.ts';

const YAML = ['.yaml', '.yml'];
const MODULES = ['.ts', '.mts', '.js', '.mjs'];

/** Endings of the files that {@link readDocument} reads. */
export const DOCUMENT_ENDINGS: readonly string[] = ['.json', ...YAML, ...MODULES];

/**
 * What a user wrote down: the content of a JSON or YAML file, or the default export of a TypeScript or JavaScript module,
 * which runs. What it means is for others to check.
 *
 * @param file from the working directory
 * @param kind what it should hold, for messages, e.g. `specification`
 * @throws {UsageError} for a file that cannot be read, with the place where its form is wrong; for a module that fails or has
 * no default export, and for another ending
 */
export async function readDocument(file: string, kind: string): Promise<unknown> {
  const ending = path.extname(file).toLowerCase();
  if (!DOCUMENT_ENDINGS.includes(ending)) {
    throw new UsageError(
      `The ${kind} '${file}' has to be a file that ends in ${DOCUMENT_ENDINGS.join(', ')}.`,
    );
  }
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new UsageError(`The ${kind} '${file}' cannot be read: ${(error as Error).message}.`);
  }
  if (MODULES.includes(ending)) return await readModule(path.resolve(file), file, kind);
  try {
    return YAML.includes(ending) ? (parse(text) as unknown) : (JSON.parse(text) as unknown);
  } catch (error) {
    const form = YAML.includes(ending) ? 'YAML' : 'JSON';
    const message = error instanceof YAMLParseError ? error.message.trim() : (error as Error).message;
    throw new UsageError(`The ${kind} '${file}' is no valid ${form}: ${message}.`);
  }
}

async function readModule(absolute: string, file: string, kind: string): Promise<unknown> {
  let loaded: { readonly default?: unknown };
  try {
    loaded = (await importModule(pathToFileURL(absolute).href)) as typeof loaded;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError(`The ${kind} '${file}' cannot be loaded: ${message}`, { cause: error });
  }
  if (loaded.default === undefined) {
    throw new UsageError(`The ${kind} '${file}' has no default export: write \`export default …\`.`);
  }
  return loaded.default;
}

/** A checkout runs TypeScript; an installed package, which is JavaScript, learns it with the first such file. */
async function importModule(url: string): Promise<unknown> {
  try {
    return await import(url);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_UNKNOWN_FILE_EXTENSION') throw error;
    const { register } = await import('tsx/esm/api');
    register();
    return await import(url);
  }
}
