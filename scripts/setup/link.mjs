// @ts-check
import fs from 'node:fs';
import path from 'node:path';

/**
 * Makes `link` lead to `folder`, in one step: whoever looks sees the old folder or the new one.
 *
 * @param {string} link
 * @param {string} folder
 * @returns {boolean} whether anything had to be done
 */
export function linkTo(link, folder) {
  if (leadsTo(link) === folder) return false;
  fs.mkdirSync(path.dirname(link), { recursive: true });
  const beside = `${link}.${process.pid}`;
  fs.rmSync(beside, { recursive: true, force: true });
  fs.symlinkSync(folder, beside);
  try {
    fs.renameSync(beside, link);
  } catch {
    // A folder of another installation stands there: a link cannot be renamed over it.
    fs.rmSync(link, { recursive: true, force: true });
    fs.renameSync(beside, link);
  }
  return true;
}

/**
 * @param {string} link
 * @returns {string | undefined} undefined where there is no link
 */
export function leadsTo(link) {
  try {
    return fs.readlinkSync(link);
  } catch {
    return undefined;
  }
}
