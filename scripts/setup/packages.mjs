// @ts-check
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

/**
 * The folder and description of an installed package, wherever npm put it: in the project's own `node_modules`, or
 * above where the project is itself a dependency.
 *
 * @param {string} root the project
 * @param {string} name
 * @returns {{ folder: string, description: { version: string, binary?: { napi_versions?: number[] } } } | undefined}
 * undefined where it is not installed
 */
export function installed(root, name) {
  for (const modules of createRequire(path.join(root, 'package.json')).resolve.paths(name) ?? []) {
    const folder = path.join(modules, ...name.split('/'));
    try {
      return { folder, description: JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')) };
    } catch {
      // Not here: the next folder up.
    }
  }
  return undefined;
}
