// @ts-check
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

/**
 * Whether a project is a checkout, with its sources, rather than an installed package, which has `dist` only.
 *
 * @param {string} root
 */
export function isCheckout(root) {
  return fs.existsSync(path.join(root, 'src', 'cli'));
}

/**
 * The command that sets up the engine.
 *
 * @param {string} root the project
 */
export function setupCommand(root) {
  return isCheckout(root) ? 'npm run setup' : 'npx msl setup';
}

/**
 * The folder and description of an installed package, wherever it lies for the engine's code: in the project's own
 * `node_modules`; where the project is itself a dependency, in `dist/node_modules`, which it carries, or above.
 *
 * @param {string} root the project
 * @param {string} name
 * @returns {{ folder: string, description: { version: string, binary?: { napi_versions?: number[] } } } | undefined}
 * undefined where it is not installed
 */
export function installed(root, name) {
  const code = path.join(root, isCheckout(root) ? 'src' : 'dist', 'index.js');
  for (const modules of createRequire(code).resolve.paths(name) ?? []) {
    const folder = path.join(modules, ...name.split('/'));
    try {
      return { folder, description: JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')) };
    } catch {
      // Not here: the next folder up.
    }
  }
  return undefined;
}
