import path from 'node:path';

import { projectRoot } from '../data/index.ts';

/** Where runs are recorded: `MSL_RUNS`, else `runs` in the project, else `runs` in the current folder. */
export function runsFolder(env: NodeJS.ProcessEnv = process.env): string {
  const named = env['MSL_RUNS'];
  if (named !== undefined && named !== '') return path.resolve(named);
  const root = projectRoot();
  return path.join(root.split(path.sep).includes('node_modules') ? process.cwd() : root, 'runs');
}
