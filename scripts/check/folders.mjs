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
 * @typedef {object} Import
 * @property {string} file relative to `src`
 * @property {number} line
 * @property {string} target relative to `src`
 */

/**
 * The imports in `src` that break the rule of the folders, or that lead round in a circle: in every folder, the files and folders
 * beside each other build on one another in one direction. An `index` is the door of its folder, and hands on what others have.
 *
 * @param {string} src
 * @returns {Breach[]}
 */
export function breaches(src) {
  const files = fs
    .readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.[cm]?tsx?$/.test(file) && file.includes(path.sep))
    .sort();
  /** @param {string} file */
  const isKnown = (file) => [KERNEL, ...FOLDERS].includes(folderOf(file));
  const strangers = files
    .filter((file) => !isKnown(file))
    .map((file) => ({
      ...{ file, line: 1 },
      rule: `src/${folderOf(file)} is not a folder of the design (${FOLDERS.join(', ')})`,
    }));
  const imports = files.filter(isKnown).flatMap((file) => importsOf(src, file));
  const upwards = imports.flatMap(({ file, line, target }) => {
    const rule = ruleBroken(folderOf(file), folderOf(target));
    return rule === undefined ? [] : [{ file, line, rule }];
  });
  const rooms = files.filter((file) => isIndex(path.basename(file))).flatMap((file) => codeIn(src, file));
  return [...strangers, ...upwards, ...circles(imports), ...rooms].sort((a, b) => compare(a.file, b.file));
}

/**
 * @param {string} a
 * @param {string} b
 */
function compare(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * What a file imports from `src`.
 *
 * @param {string} src
 * @param {string} file
 * @returns {Import[]}
 */
function importsOf(src, file) {
  const text = fs.readFileSync(path.join(src, file), 'utf8');
  return ts.preProcessFile(text, true, true).importedFiles.flatMap(({ fileName, pos }) => {
    const target = targetOf(src, file, fileName);
    return target === undefined ? [] : [{ file, line: text.slice(0, pos).split('\n').length, target }];
  });
}

/** @param {string} name */
function isIndex(name) {
  return /^index\./.test(name);
}

/**
 * Code in an index.
 *
 * @param {string} src
 * @param {string} file
 * @returns {Breach[]} the first line of it
 */
function codeIn(src, file) {
  const source = ts.createSourceFile(
    file,
    fs.readFileSync(path.join(src, file), 'utf8'),
    ts.ScriptTarget.Latest,
  );
  const code = source.statements.find(
    (statement) => !ts.isExportDeclaration(statement) || statement.moduleSpecifier === undefined,
  );
  if (code === undefined) return [];
  const { line } = source.getLineAndCharacterOfPosition(code.getStart(source));
  const rule = 'an index only hands on what other files export; its code belongs in a file with a name';
  return [{ file, line: line + 1, rule }];
}

/**
 * Circles of files and folders that lie beside each other.
 *
 * @param {readonly Import[]} imports
 * @returns {Breach[]} of each folder the first, at an import that is part of it
 */
function circles(imports) {
  /** @type {Map<string, Map<string, Map<string, Import>>>} by the folder, the importing child, and the imported one */
  const folders = new Map();
  for (const each of imports) {
    const from = each.file.split(path.sep);
    const to = each.target.split(path.sep);
    const depth = from.findIndex((name, i) => name !== to[i]);
    const [a, b] = [from[depth], to[depth]];
    // Between the folders of `src` the other rule holds.
    if (depth < 1 || a === undefined || b === undefined) continue;
    const folder = from.slice(0, depth).join('/');
    const children = folders.get(folder) ?? new Map();
    const targets = children.get(a) ?? new Map();
    folders.set(folder, children.set(a, targets.set(b, targets.get(b) ?? each)));
  }
  return [...folders].flatMap(([folder, children]) => {
    const circle = circleIn(children);
    const [from = '', to = ''] = circle ?? [];
    const first = children.get(from)?.get(to);
    if (circle === undefined || first === undefined) return [];
    const { file, line } = first;
    return [{ file, line, rule: `in src/${folder} imports lead round in a circle: ${circle.join(' -> ')}` }];
  });
}

/**
 * A way through children of a folder that ends where it began; undefined where there is none.
 *
 * @param {ReadonlyMap<string, ReadonlyMap<string, Import>>} children
 * @returns {readonly string[] | undefined}
 */
function circleIn(children) {
  /** @type {Set<string>} */
  const done = new Set();
  /**
   * @param {string} child
   * @param {readonly string[]} way
   * @returns {readonly string[] | undefined}
   */
  const follow = (child, way) => {
    if (way.includes(child)) return [...way.slice(way.indexOf(child)), child];
    if (done.has(child)) return undefined;
    for (const next of children.get(child)?.keys() ?? []) {
      const circle = follow(next, [...way, child]);
      if (circle !== undefined) return circle;
    }
    done.add(child);
    return undefined;
  };
  for (const child of children.keys()) {
    const circle = follow(child, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
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
