// @ts-check
import fs from 'node:fs';
import path from 'node:path';

import { WrongUse } from '../setup/errors.mjs';

/** The folders whose tests run on every engine. */
const ON_EVERY_ENGINE = ['engine', 'models', 'losses', 'training'];

/** The folders whose tests compute: they wait for no process, page or timer, and measure no memory. */
const COMPUTING = ['models', 'losses', 'measures', 'training', 'analysis', 'report'];

/**
 * The test files under `test`, or those among them that the user named: files, or folders with all files below.
 *
 * @param {string} root
 * @param {readonly string[]} named
 * @returns {string[]} relative to the project
 * @throws {WrongUse} for a name that leads to no test
 */
export function testFiles(root, named) {
  const all = fs
    .readdirSync(path.join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => path.join('test', file))
    .sort();
  if (named.length === 0) return all;
  const chosen = new Set(
    named.flatMap((name) => {
      const wanted = path.relative(root, path.resolve(root, name));
      const found = all.filter((file) => file === wanted || file.startsWith(wanted + path.sep));
      if (found.length === 0) {
        throw new WrongUse(
          `${name} is no test: expected a file *.test.ts under test/, or a folder with some.`,
        );
      }
      return found;
    }),
  );
  return all.filter((file) => chosen.has(file));
}

/**
 * Those that run on every engine.
 *
 * @param {readonly string[]} files
 */
export function onEveryEngine(files) {
  return files.filter((file) => isBelow(file, ON_EVERY_ENGINE));
}

/**
 * Those that only compute, and may run beside each other, and those that wait for something.
 *
 * @param {readonly string[]} files
 */
export function whatComputes(files) {
  return {
    computing: files.filter((file) => isBelow(file, COMPUTING)),
    waiting: files.filter((file) => !isBelow(file, COMPUTING)),
  };
}

/**
 * @param {string} file
 * @param {readonly string[]} folders
 */
function isBelow(file, folders) {
  return folders.some((folder) => file.startsWith(path.join('test', folder, path.sep)));
}
