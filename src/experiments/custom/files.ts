/** Parts of the user's own in files: loaded, and checked against what a specification recorded. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { unreadable, UsageError, UserError } from '../../engine/index.ts';
import { moduleHint } from '../moduleHint.ts';
import { recordedPath } from './paths.ts';
import { customPart, customParts, setOrigin } from './registry.ts';
import type { CustomPart } from './types.ts';

/**
 * Loads a file that registers parts. One that was loaded before is loaded again only where its content has changed.
 *
 * @param file a module, from the working directory
 * @returns what it registered
 * @throws {UsageError} where the file cannot be read
 * @throws {UserError} where it fails, or registers nothing
 */
export async function loadCustomParts(file: string): Promise<readonly CustomPart[]> {
  const absolute = path.resolve(file);
  const recorded = recordedPath(file);
  const sha256 = hashOf(absolute, file);
  const known = customParts().filter((part) => part.file === recorded && part.sha256 === sha256);
  if (known.length > 0) return known;
  const before = new Set(customParts());
  try {
    await importOwn(absolute);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UserError(`${file} cannot be loaded: ${message}${moduleHint(absolute)}`, { cause: error });
  }
  const registered = customParts().filter((part) => !before.has(part));
  if (registered.length === 0) {
    throw new UserError(
      `${file} registers nothing: call registerLoss, registerTap or registerNetwork at its top level. It has to be an ES ` +
        'module (.mts, .mjs, or in a project whose package.json says "type": "module"), and not be imported elsewhere, too.',
    );
  }
  setOrigin(registered, recorded, sha256);
  return registered.map(({ kind, name }) => customPart(kind, name)!);
}

/** Of an installed package; a clone is TypeScript itself, and the kernel loads what is. */
let readsTypeScript = !import.meta.url.endsWith('.js');

async function importOwn(absolute: string): Promise<void> {
  if (inNotebook()) {
    await import(absolute);
    return;
  }
  // Before the import, since what it imports in turn would be remembered as failed. And into the same modules as all else, not apart from
  // them (as `tsImport` does): what the file registers has to be in the registry that is read.
  if (!readsTypeScript) {
    const { register } = await import('tsx/esm/api');
    register();
    readsTypeScript = true;
  }
  await import(freshUrl(absolute));
}

/** How often files were loaded in this process. */
let loads = 0;

/** A module that runs, also where its file ran before with another content or with this one; what it imports is loaded once. */
function freshUrl(absolute: string): string {
  const url = pathToFileURL(absolute);
  url.searchParams.set('load', String(++loads));
  return url.href;
}

/** The kernel loads the project's modules itself, by their paths, and again when they have changed. */
const inNotebook = (): boolean => Symbol.for('msl.kernel') in globalThis;

/** Loads the files that a specification, as written or complete, names under `custom`. What is no list is left to its reader. */
export async function loadFilesOf(specification: { readonly custom?: unknown } | null): Promise<void> {
  const custom = specification?.custom;
  if (!Array.isArray(custom)) return;
  for (const entry of custom as unknown[]) {
    const file = typeof entry === 'string' ? entry : (entry as { file?: unknown } | null)?.file;
    if (typeof file === 'string') await loadCustomParts(file);
  }
}

/**
 * Makes sure that the parts of a complete specification are those that it recorded: loads their files where need be. Nothing runs of
 * a file that has changed.
 *
 * @throws {UserError} for a file that has changed or is not there, and for a part of another process's cell
 */
export async function requireCustomParts(parts: readonly CustomPart[]): Promise<void> {
  for (const part of parts) {
    const { kind, name, file, sha256 } = part;
    const isThere = (): boolean => customPart(kind, name)?.sha256 === sha256;
    if (isThere()) continue;
    if (file === null) throw new UserError(cellRefusal(part));
    const now = hashOf(path.resolve(file), file);
    if (now !== sha256) {
      throw new UserError(
        `${file} has changed: the specification's ${kind} '${name}' is that of the content with sha256 ${sha256}, which is ` +
          `now ${now}. Bring the file back, or start anew with a specification of the file as it is.`,
      );
    }
    await loadCustomParts(file);
    if (!isThere())
      throw new UserError(`${file} does not register the ${kind} '${name}' that the specification needs.`);
  }
}

function cellRefusal({ kind, name }: CustomPart): string {
  const changed = customPart(kind, name) === undefined ? '' : ' and has changed since';
  return (
    `The ${kind} '${name}' was registered in a cell${changed}; such a specification runs only in the process that holds it. ` +
    'Put it in a file, and name the file under "custom".'
  );
}

function hashOf(absolute: string, named: string): string {
  try {
    return createHash('sha256').update(readFileSync(absolute)).digest('hex');
  } catch (error) {
    throw new UsageError(
      `The file '${named}' under "custom" cannot be read: ${unreadable(error)}. Paths are from the working directory.`,
    );
  }
}
