// @ts-check
import fs from 'node:fs';
import path from 'node:path';

import ts from 'typescript';

/** The folders of `src`, in the order in which data flows. A folder imports only from itself and those before it. */
export const FOLDERS = [
  ...['engine', 'data', 'models', 'losses', 'measures', 'training', 'experiments'],
  ...['analysis', 'report', 'bench', 'notebook', 'cli'],
];

/** Imports none of the others and is imported by none. */
const KERNEL = 'kernel';

/**
 * @typedef {object} Breach
 * @property {string} file relative to `src`
 * @property {number} line
 * @property {string} rule
 */

/**
 * The imports in `src` that break the folder rule.
 *
 * @param {string} src
 * @returns {Breach[]}
 */
export function breaches(src) {
  return fs
    .readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.[cm]?tsx?$/.test(file) && file.includes(path.sep))
    .sort()
    .flatMap((file) => breachesOf(src, file));
}

/**
 * @param {string} src
 * @param {string} file
 * @returns {Breach[]}
 */
function breachesOf(src, file) {
  const from = folderOf(file);
  if (from !== KERNEL && !FOLDERS.includes(from)) {
    return [{ file, line: 1, rule: `src/${from} is not a folder of the design (${FOLDERS.join(', ')})` }];
  }
  const text = fs.readFileSync(path.join(src, file), 'utf8');
  return ts.preProcessFile(text, true, true).importedFiles.flatMap(({ fileName, pos }) => {
    const target = targetOf(src, file, fileName);
    const rule = target === undefined ? undefined : ruleBroken(from, folderOf(target));
    return rule === undefined ? [] : [{ file, line: text.slice(0, pos).split('\n').length, rule }];
  });
}

/**
 * Where an import leads, relative to `src`.
 *
 * @param {string} src
 * @param {string} file
 * @param {string} name
 * @returns {string | undefined} undefined for a package and for a file outside `src`
 */
function targetOf(src, file, name) {
  const target = name.startsWith('#src/')
    ? path.join(src, name.slice('#src/'.length))
    : name.startsWith('.')
      ? path.resolve(src, path.dirname(file), name)
      : undefined;
  if (target === undefined) return undefined;
  const relative = path.relative(src, target);
  return relative.startsWith('..') ? undefined : relative;
}

/** @param {string} file */
function folderOf(file) {
  return file.split(path.sep)[0] ?? '';
}

/**
 * @param {string} from
 * @param {string} to
 * @returns {string | undefined}
 */
function ruleBroken(from, to) {
  if (from === to) return undefined;
  if (from === KERNEL) return `src/kernel imports nothing of src/${to}`;
  if (to === KERNEL)
    return `src/${from} does not import src/kernel: they meet in globalThis[Symbol.for('msl.kernel')]`;
  if (!FOLDERS.includes(to)) return `src/${from} imports src/${to}, which is not a folder of the design`;
  if (FOLDERS.indexOf(to) < FOLDERS.indexOf(from)) return undefined;
  const allowed = FOLDERS.slice(0, FOLDERS.indexOf(from));
  return (
    `src/${from} may import ${allowed.length === 0 ? 'no other folder' : `only from ${allowed.join(', ')}`}, ` +
    `not from src/${to}`
  );
}
