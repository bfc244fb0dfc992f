// @ts-check
import fs from 'node:fs';
import path from 'node:path';

/**
 * Where compiled and downloaded things may live, best place first: a folder of the user's, which outlives
 * `node_modules` and is shared by all clones, and one in the project for where that cannot be written.
 *
 * @param {{ env: NodeJS.ProcessEnv, platform: string, home: string, root: string }} system
 * @returns {[user: string, project: string]}
 */
export function cacheFolders({ env, platform, home, root }) {
  const named = env['MSL_CACHE'];
  const base = env['XDG_CACHE_HOME'];
  const user =
    named !== undefined && named !== ''
      ? path.resolve(named)
      : base !== undefined && path.isAbsolute(base)
        ? path.join(base, 'msl-workbook')
        : platform === 'darwin'
          ? path.join(home, 'Library', 'Caches', 'msl-workbook')
          : path.join(home, '.cache', 'msl-workbook');
  return [user, path.join(root, '.cache')];
}

/**
 * The first of these folders in which a file can be made.
 *
 * @param {readonly string[]} folders
 * @returns {string | undefined}
 */
export function firstWritable(folders) {
  return folders.find((folder) => {
    const trial = path.join(folder, `.trial-${process.pid}`);
    try {
      fs.mkdirSync(folder, { recursive: true });
      fs.writeFileSync(trial, '');
      fs.rmSync(trial);
      return true;
    } catch {
      return false;
    }
  });
}
