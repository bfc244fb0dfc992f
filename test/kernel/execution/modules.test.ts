import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, before, test } from 'node:test';

import { interop, Modules } from '../../../src/kernel/execution/modules.ts';

let root: string;
let modules: Modules;
const warnings: string[] = [];
const listen = (warning: Error): void => {
  warnings.push(warning.message);
};

before(() => {
  root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'msl-modules-')));
  fs.mkdirSync(path.join(root, 'notebooks'));
  fs.writeFileSync(path.join(root, 'beside.cjs'), 'exports.where = "root";');
  fs.writeFileSync(path.join(root, 'notebooks', 'beside.cjs'), 'exports.where = "notebooks";');
  process.on('warning', listen);
  modules = new Modules(
    { root, notebooks: path.join(root, 'notebooks') },
    { load: () => undefined, resolve: () => undefined },
  );
});
after(() => {
  process.off('warning', listen);
  fs.rmSync(root, { recursive: true });
});

test("a cell's require starts at the notebook's folder", () => {
  const require = (globalThis as unknown as { require: NodeJS.Require }).require;
  assert.deepEqual(require('./beside.cjs'), { where: 'notebooks' });
  assert.deepEqual(require('../beside.cjs'), { where: 'root' });
  fs.writeFileSync(path.join(root, 'above.cjs'), 'exports.where = "above";');
  assert.deepEqual(require('./above.cjs'), { where: 'above' }, 'and goes on at the root');
  assert.throws(() => require('./nowhere.cjs') as unknown, { code: 'MODULE_NOT_FOUND' });
});

test('a module that is not there is missed by the cell, at its place', async () => {
  const missing = {
    code: 'MODULE_NOT_FOUND',
    message: "Cannot find module 'nowhere'",
    requireStack: undefined,
  };
  const require = (globalThis as unknown as { require: NodeJS.Require }).require;
  await modules.prepare(['nowhere']);
  const asks = {
    atItsImport: () => modules.require('nowhere'),
    withRequire: () => require('nowhere') as unknown,
    withImport: () => modules.import('nowhere'),
  };
  for (const [name, ask] of Object.entries(asks)) {
    let error: unknown;
    try {
      await ask();
    } catch (thrown) {
      error = thrown;
    }
    const { code, message, requireStack, stack } = error as Error & Record<string, unknown>;
    assert.deepEqual({ code, message, requireStack }, missing, name);
    if (name !== 'withImport') assert.match(stack!, new RegExp(`at (?:Object\\.)?${name} \\(`));
  }
});

test('a module has one namespace, however often it is imported', () => {
  const module = { a: 1 };
  assert.equal(interop(module), interop(module));
  assert.equal((interop(module) as { default: unknown }).default, module);
});

test('a module that was being loaded when its cell was ended is loaded anew', () => {
  const file = path.join(root, 'half.cjs');
  fs.writeFileSync(file, 'exports.begun = true; exports.done = true;');
  const { cache } = createRequire(file);
  // What an end from outside leaves behind.
  cache[file] = { ...module(file), exports: { begun: true }, loaded: false };
  modules.forgetUnfinished();
  assert.deepEqual(modules.require(file), { begun: true, done: true });
  modules.forgetUnfinished();
  assert.equal(cache[file].loaded, true, 'what is loaded stays');
});

test('a package that fails is loaded once, and fails the cell', async () => {
  const folder = path.join(root, 'node_modules', 'bad');
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(
    path.join(folder, 'index.js'),
    'globalThis.loads = (globalThis.loads ?? 0) + 1; throw new Error("bad");',
  );
  await modules.prepare(['bad']);
  assert.throws(() => modules.require('bad'), /bad/);
  assert.equal((globalThis as unknown as { loads: number }).loads, 1);
});

/** A package with a form for `import` and another for `require`, and one that is for `import` only. */
function packages(): void {
  const put = (name: string, files: Readonly<Record<string, string>>): void => {
    const folder = path.join(root, 'node_modules', name);
    fs.mkdirSync(folder, { recursive: true });
    for (const [file, text] of Object.entries(files)) fs.writeFileSync(path.join(folder, file), text);
  };
  put('dual', {
    'package.json': '{"exports": {"import": "./i.mjs", "require": "./i.cjs"}}',
    'i.mjs': 'export const o = {};',
    'i.cjs': 'exports.o = {};',
  });
  put('only', { 'package.json': '{"exports": {"import": "./i.mjs"}}', 'i.mjs': 'export const o = {};' });
}

test('import() of a package gives the module that the others have', async () => {
  packages();
  await modules.prepare(['dual', 'only']);
  for (const name of ['dual', 'only']) {
    const { o } = modules.require(name) as { o: object };
    assert.equal(((await modules.import(name)) as { o: object }).o, o, name);
  }
  await assert.rejects(modules.import('nowhere'), { code: 'MODULE_NOT_FOUND' });
  const url = pathToFileURL(path.join(root, 'beside.cjs')).href;
  assert.deepEqual({ ...((await modules.import(url)) as object) }, { where: 'root' });
});

test('import.meta.resolve', () => {
  packages();
  assert.equal(modules.resolve('node:fs'), 'node:fs');
  assert.equal(modules.resolve('fs'), 'node:fs');
  assert.equal(modules.resolve('dual'), pathToFileURL(path.join(root, 'node_modules', 'dual', 'i.cjs')).href);
  assert.throws(() => modules.resolve('nowhere'), { code: 'MODULE_NOT_FOUND' });
});

test('what required a file that changed is loaded anew, too', () => {
  const file = (name: string, text: string): string => {
    fs.writeFileSync(path.join(root, name), text);
    return path.join(root, name);
  };
  const inner = file('inner.cjs', 'exports.n = 1;');
  file('middle.cjs', 'exports.n = require("./inner.cjs").n;');
  const outer = file('outer.cjs', 'exports.n = require("./middle.cjs").n;');
  const other = file('other.cjs', 'exports.o = {};');
  const before = modules.require(other);
  assert.deepEqual(modules.require(outer), { n: 1 });
  file('inner.cjs', 'exports.n = 2;');
  modules.forget([inner]);
  assert.deepEqual(modules.require(outer), { n: 2 });
  assert.equal(modules.require(other), before);
});

test('import() of a package gives no warning', async () => {
  assert.equal(((await modules.import('node:path')) as typeof path).sep, path.sep);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(warnings, []);
});

function module(file: string): NodeJS.Module {
  const require = createRequire(file);
  return { id: file, filename: file, path: root, paths: [], children: [], parent: null, require } as never;
}
