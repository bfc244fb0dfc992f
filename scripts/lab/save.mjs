// @ts-check
import fs from 'node:fs';

import { notebookText, problemsOf, stemOf, withOutputs } from './committed.mjs';
import { replaceFile } from './figures.mjs';

/**
 * Writes the outputs of an executed copy into a notebook, as they are committed.
 *
 * @param {string} notebook a file, which is replaced as a whole or not at all
 * @param {string} executed a file
 * @param {string} profile by which it was executed
 * @param {(text: string) => void} [report] where it says how large it is and what keeps it from being committed
 */
export function writeOutputs(notebook, executed, profile, report = console.log) {
  const before = JSON.parse(fs.readFileSync(notebook, 'utf8'));
  const after = JSON.parse(fs.readFileSync(executed, 'utf8'));
  const text = notebookText(withOutputs(before, after, { stem: stemOf(notebook), profile }));
  replaceFile(notebook, text);
  report(`     saved, ${(Buffer.byteLength(text) / 1e6).toFixed(2)} MB`);
  for (const problem of problemsOf(notebook, text)) report(`     ${problem}`);
}
