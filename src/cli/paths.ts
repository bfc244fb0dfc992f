import path from 'node:path';

import { projectRoot } from '../data/index.ts';

/** Where runs are recorded: `MSL_RUNS`, else `runs` in the project, else `runs` in the current folder. */
export function runsFolder(): string {
  const named = process.env['MSL_RUNS'];
  if (named !== undefined && named !== '') return path.resolve(named);
  const root = projectRoot();
  return path.join(root.split(path.sep).includes('node_modules') ? process.cwd() : root, 'runs');
}

/** A path as short as it can be said from the current folder. */
export function shortPath(file: string): string {
  const relative = path.relative(process.cwd(), file);
  return relative.startsWith('..') ? file : relative === '' ? '.' : relative;
}

/** How a run is named on the command line; `findRun` reads it. */
export const RUN_ARGUMENT =
  'a run: its folder, the end of that, or the beginning of its hash; see msl runs list';
