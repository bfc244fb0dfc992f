// @ts-check
import fs from 'node:fs';
import path from 'node:path';

/**
 * @param {string} root the project
 * @returns {string[]} its notebooks in their order, relative to it
 */
export function notebooksIn(root) {
  const names = fs.readdirSync(path.join(root, 'notebooks')).filter((name) => name.endsWith('.ipynb'));
  return names.sort().map((name) => `notebooks/${name}`);
}
