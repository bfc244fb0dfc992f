import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
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
    { load: (file) => fs.readFileSync(file, 'utf8'), resolve: () => undefined },
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

test('import() of a package gives no warning', async () => {
  assert.equal(((await modules.import('node:path')) as typeof path).sep, path.sep);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(warnings, []);
});

function module(file: string): NodeJS.Module {
  const require = createRequire(file);
  return { id: file, filename: file, path: root, paths: [], children: [], parent: null, require } as never;
}
