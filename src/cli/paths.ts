import path from 'node:path';

export { runsFolder } from '../experiments/index.ts';

/** A path as short as it can be said from the current folder. */
export function shortPath(file: string): string {
  const relative = path.relative(process.cwd(), file);
  return relative.startsWith('..') ? file : relative === '' ? '.' : relative;
}

/** How a run is named on the command line; `findRun` reads it. */
export const RUN_ARGUMENT =
  'a run: its folder, the end of that, or the beginning of its hash (four digits or more); see msl runs list';
