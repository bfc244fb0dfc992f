// @ts-check
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { problemsOf } from '../lab/committed.mjs';
import { notebooksIn } from '../lab/notebooks.mjs';

/** Names that everyone's machines have, which are words besides. */
const COMMON = new Set(['root', 'user', 'admin', 'node', 'runner', 'jovyan', 'ubuntu', 'build']);

/**
 * What keeps the project's notebooks from being committed: outputs that are stale or missing, and what does not belong
 * into a file that others read. See `problemsOf`.
 *
 * @param {string} root the project
 * @returns {string[]} a line for each
 */
export function notebookProblems(root) {
  const { username } = os.userInfo();
  const user = username.length < 3 || COMMON.has(username) ? undefined : username;
  return notebooksIn(root).flatMap((file) => {
    const text = fs.readFileSync(path.join(root, file), 'utf8');
    return problemsOf(file, text, { user }).map((problem) => `${file}: ${problem}`);
  });
}
