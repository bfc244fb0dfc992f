import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { projectRoot } from '../data/projectRoot.ts';

/** A module of the project's scripts, which are plain JavaScript; `undefined` where it is not installed. */
export async function projectScript<M>(name: string): Promise<M | undefined> {
  const file = path.join(projectRoot(), 'scripts', name);
  return existsSync(file) ? ((await import(pathToFileURL(file).href)) as M) : undefined;
}
