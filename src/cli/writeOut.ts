import { writeFileSync } from 'node:fs';
import path from 'node:path';

import { makeFolder } from '../engine/index.ts';

/**
 * Writes the file that `--out` names, in a folder that is made where there is none. Not by a rename: it may be a pipe or
 * `/dev/stdout`.
 *
 * @throws {Error} the system's, which `main` says in words
 */
export function writeOut(file: string, content: string | Uint8Array): void {
  makeFolder(path.dirname(path.resolve(file)));
  writeFileSync(file, content);
}
