import fs from 'node:fs';
import path from 'node:path';

import ts from 'typescript';

/** Where the kernel works. Paths have forward slashes, as the compiler's do. */
export interface Project {
  /** The folder of the nearest package.json: imports by package name are resolved from here. */
  readonly root: string;
  /** The notebook's folder: relative imports and file names of cells start here. */
  readonly notebooks: string;
  /** The project's own compiler options (tsconfig.json), `strict` where there are none. */
  readonly options: ts.CompilerOptions;
}

export const withSlashes = (file: string): string => file.replace(/\\/g, '/');

function nearestWith(name: string, folder: string): string | undefined {
  for (;;) {
    if (fs.existsSync(path.join(folder, name))) return folder;
    const above = path.dirname(folder);
    if (above === folder) return undefined;
    folder = above;
  }
}

function readOptions(root: string): ts.CompilerOptions {
  const file = path.join(root, 'tsconfig.json');
  if (!fs.existsSync(file)) return { strict: true, types: ['node'] };
  const config = ts.readConfigFile(file, (name) => ts.sys.readFile(name));
  // Only the options are wanted, so the project's files need not be looked for.
  const host = { ...ts.sys, readDirectory: () => [] };
  return ts.parseJsonConfigFileContent(config.config, host, root, undefined, file).options;
}

/** The project that a notebook in `folder` belongs to. */
export function findProject(folder: string): Project {
  const root = nearestWith('package.json', folder) ?? folder;
  return { root: withSlashes(root), notebooks: withSlashes(folder), options: readOptions(root) };
}
