// @ts-check
import fs from 'node:fs';
import path from 'node:path';

/**
 * Says that a folder is complete: written last, by a rename. Sizes of the files it vouches for show one that was
 * truncated afterwards.
 *
 * @typedef {object} Stamp
 * @property {Readonly<Record<string, number>>} files bytes, by path within the folder
 * @property {string} [tensorflow] version
 */

const NAME = 'stamp.json';

/**
 * @param {string} folder
 * @param {Omit<Stamp, 'files'>} [facts]
 */
export function writeStamp(folder, facts = {}) {
  /** @type {Record<string, number>} */
  const files = {};
  for (const entry of fs.readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath ?? entry.path, entry.name);
    // Hundreds of small headers would be looked at in every start.
    if (/\.(h|json|txt)$/.test(entry.name)) continue;
    files[path.relative(folder, file)] = fs.statSync(file).size;
  }
  const beside = path.join(folder, `.${NAME}-${process.pid}`);
  fs.writeFileSync(beside, `${JSON.stringify({ ...facts, files }, null, 2)}\n`);
  fs.renameSync(beside, path.join(folder, NAME));
}

/**
 * @param {string} folder
 * @returns {Stamp | undefined} undefined where the folder is not complete
 */
export function readStamp(folder) {
  try {
    /** @type {Stamp} */
    const stamp = JSON.parse(fs.readFileSync(path.join(folder, NAME), 'utf8'));
    const whole = Object.entries(stamp.files).every(
      ([file, size]) => fs.statSync(path.join(folder, file)).size === size,
    );
    return whole ? stamp : undefined;
  } catch {
    return undefined;
  }
}
