import { existsSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';

import type { DatasetEntry } from './manifest.ts';
import { projectRoot } from './projectRoot.ts';

/**
 * Where data sets are kept: `MSL_DATA` where it is set, else `data` in the project, else, where the package was
 * installed as a dependency, `data` in the current folder (an installed package is no place for downloads).
 */
export function dataFolder(env: NodeJS.ProcessEnv = process.env, root: string = projectRoot()): string {
  const named = env['MSL_DATA'];
  if (named !== undefined && named !== '') return resolve(named);
  const installed = root.split(sep).includes('node_modules');
  return installed ? resolve('data') : join(root, 'data');
}

/**
 * The folder that holds the files of a set, or `undefined` where there is none of its files. Besides
 * `<dir>/<name>`, where `msl data fetch` puts them, these are looked at: the folder that unpacking the official
 * archive makes, in either of the two, and `dir` itself. A folder with all files goes before one with some.
 */
export function locateDataset(name: string, entry: DatasetEntry, dir: string): string | undefined {
  const unpacked = entry.sources.flatMap((source) => (source.kind === 'archive' ? [source.folder] : []));
  const own = join(dir, entry.folder ?? name);
  const candidates = [own, ...unpacked.flatMap((folder) => [join(own, folder), join(dir, folder)]), dir];
  const present = (folder: string): number =>
    entry.files.filter((file) => existsSync(join(folder, file.name))).length;
  return (
    candidates.find((folder) => present(folder) === entry.files.length) ??
    candidates.find((folder) => present(folder) > 0)
  );
}
