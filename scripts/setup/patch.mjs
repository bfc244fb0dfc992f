// @ts-check
import fs from 'node:fs';
import path from 'node:path';

import { NotAvailable } from './errors.mjs';

/**
 * Changes files as a unified diff says. A hunk is found by its text and not by its line numbers, and its old text
 * must be there exactly once.
 *
 * @param {string} folder where the files lie; a path of the diff is relative to it, after its `a/` or `b/`
 * @param {string} diff what stands before the first file is a comment
 * @throws {NotAvailable} where the files are not those that the diff was made of; nothing is changed then
 */
export function patchFiles(folder, diff) {
  /** @type {Map<string, string>} */
  const texts = new Map();
  for (const { name, before, after } of hunksOf(diff)) {
    const text = texts.get(name) ?? read(path.join(folder, name));
    const places = text.split(before).length - 1;
    if (places !== 1) {
      const first = before.split('\n').find((line) => line.trim() !== '') ?? '';
      throw new NotAvailable(
        `${name} of tfjs-node is not what the set-up's patch was made for: the text that begins with ` +
          `'${first.trim()}' is in it ${places === 0 ? 'nowhere' : `${places} times`}`,
      );
    }
    texts.set(
      name,
      text.replace(before, () => after),
    );
  }
  for (const [name, text] of texts) fs.writeFileSync(path.join(folder, name), text);
}

/**
 * @param {string} diff
 * @returns {{ name: string, before: string, after: string }[]}
 */
function hunksOf(diff) {
  return diff
    .split(/^--- .*\n\+\+\+ /m)
    .slice(1)
    .flatMap((file) => {
      const [name = '', ...hunks] = file.trimEnd().split(/\n@@ .*\n/);
      return hunks.map((hunk) => {
        const lines = hunk.split('\n');
        const without = (/** @type {string} */ sign) =>
          lines.filter((line) => !line.startsWith(sign)).map((line) => `${line.slice(1)}\n`);
        return {
          name: name.replace(/^b\//, ''),
          before: without('+').join(''),
          after: without('-').join(''),
        };
      });
    });
}

/** @param {string} file */
function read(file) {
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
}
