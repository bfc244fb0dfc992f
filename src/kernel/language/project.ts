import fs from 'node:fs';
import path from 'node:path';

import ts from 'typescript';

import { findFolders, type Folders } from '../folders.ts';

/** Where the kernel works, and how it compiles. Paths have forward slashes, as the compiler's do. */
export interface Project extends Folders {
  /** The project's own compiler options (tsconfig.json), `strict` where there are none. */
  readonly options: ts.CompilerOptions;
}

export const withSlashes = (file: string): string => file.replace(/\\/g, '/');

/** The file of that name in `folder` or the nearest folder above it, up to `top`. */
function nearest(name: string, folder: string, top: string): string | undefined {
  const file = path.join(folder, name);
  if (fs.existsSync(file)) return file;
  return folder === top || folder === path.dirname(folder)
    ? undefined
    : nearest(name, path.dirname(folder), top);
}

function readOptions(root: string, folder: string): ts.CompilerOptions {
  const file = nearest('tsconfig.json', folder, root);
  if (file === undefined) return { strict: true };
  const config = ts.readConfigFile(file, (name) => ts.sys.readFile(name));
  // Only the options are wanted, so the project's files need not be looked for.
  const host = { ...ts.sys, readDirectory: () => [] };
  return ts.parseJsonConfigFileContent(config.config, host, path.dirname(file), undefined, file).options;
}

/** The project that a notebook in `folder` belongs to. */
export function findProject(folder: string): Project {
  const { root, notebooks } = findFolders(folder);
  return { root: withSlashes(root), notebooks: withSlashes(notebooks), options: readOptions(root, folder) };
}
