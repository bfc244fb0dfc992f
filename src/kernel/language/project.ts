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

/** The file of that name in `folder` or the nearest folder above it, up to `top`. */
function nearest(name: string, folder: string, top?: string): string | undefined {
  for (;;) {
    const file = path.join(folder, name);
    if (fs.existsSync(file)) return file;
    const above = path.dirname(folder);
    if (above === folder || folder === top) return undefined;
    folder = above;
  }
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
  const description = nearest('package.json', folder);
  const root = description === undefined ? folder : path.dirname(description);
  return { root: withSlashes(root), notebooks: withSlashes(folder), options: readOptions(root, folder) };
}
