import fs from 'node:fs';
import path from 'node:path';

/** Where the kernel works. */
export interface Folders {
  /** The folder of the nearest package.json: imports by package name are resolved from here. */
  readonly root: string;
  /** The notebook's folder: relative imports and file names of cells start here. */
  readonly notebooks: string;
}

/** The project that a notebook in `folder` belongs to. */
export function findFolders(folder: string): Folders {
  for (let root = folder; ; root = path.dirname(root)) {
    if (fs.existsSync(path.join(root, 'package.json'))) return { root, notebooks: folder };
    if (root === path.dirname(root)) return { root: folder, notebooks: folder };
  }
}
