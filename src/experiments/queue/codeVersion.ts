import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { describeMachine } from '../environment.ts';

/** Which code makes a run. */
export interface CodeVersion {
  readonly version: string;
  readonly commit: string | null;
  /** SHA-256 of the code that a result depends on. */
  readonly sha256: string;
}

/** The folders that a result depends on. */
const FOLDERS = ['engine', 'data', 'models', 'losses', 'measures', 'training', 'experiments'];

let known: CodeVersion | undefined;

/** The code of this process, as it was when it was first asked for. */
export function codeVersion(): CodeVersion {
  if (known !== undefined) return known;
  const { version, commit } = describeMachine();
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const hash = createHash('sha256');
  for (const folder of FOLDERS) {
    const files = readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => /(?<!\.d)\.[cm]?[jt]s$/.test(file))
      .sort();
    for (const file of files) {
      hash.update(`${folder}/${file.replaceAll(path.sep, '/')}\0`);
      hash.update(readFileSync(path.join(root, folder, file)));
    }
  }
  known = { version, commit, sha256: hash.digest('hex') };
  return known;
}

/** For people: `0.1.0, commit 0123abcd, code 89ef0123`. */
export function describeCode({ version, commit, sha256 }: CodeVersion): string {
  const at = commit === null ? '' : `, commit ${commit.slice(0, 8)}`;
  return `${version}${at}, code ${sha256.slice(0, 8)}`;
}
