import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { setup } from '../../scripts/setup/index.mjs';
import { patchFiles } from '../../scripts/setup/patch.mjs';
import { PATCH, planFor } from '../../scripts/setup/plan.mjs';
import { fakeTools, project, temporaryFolder, write } from './support.ts';

const SCRIPTS = fileURLToPath(new URL('../../scripts/setup', import.meta.url));
const SOURCES = fileURLToPath(new URL('../../node_modules/@tensorflow/tfjs-node/binding', import.meta.url));

const DIFF = `Why.

--- a/one.cc
+++ b/one.cc
@@ -1,3 +1,3 @@
 first
-second
+2nd $& $1
 third
@@ -9 +9,2 @@
 last
+more
--- a/sub/two.cc
+++ b/sub/two.cc
@@ -1,2 +1 @@
 x
-y
`;

test('a diff changes files, wherever in them its text is', (t) => {
  const folder = temporaryFolder(t);
  write(folder, { 'one.cc': 'new\nfirst\nsecond\nthird\n\nlast\n', 'sub/two.cc': 'x\ny\n' });
  patchFiles(folder, DIFF);
  const read = (name: string) => fs.readFileSync(path.join(folder, name), 'utf8');
  assert.equal(read('one.cc'), 'new\nfirst\n2nd $& $1\nthird\n\nlast\nmore\n');
  assert.equal(read('sub/two.cc'), 'x\n');
});

test('a text that is not there, or twice, is named, and nothing is changed', (t) => {
  for (const [one, two, message] of [
    [
      'first\nother\nthird\nlast\n',
      'x\ny\n',
      /^one\.cc of tfjs-node .* begins with 'first' is in it nowhere$/,
    ],
    ['first\nsecond\nthird\nlast\n', 'x\ny\nx\ny\n', /^sub\/two\.cc .* begins with 'x' is in it 2 times$/],
    ['first\nsecond\nthird\nlast\n', undefined, /^sub\/two\.cc .* nowhere$/],
  ] as const) {
    const folder = temporaryFolder(t);
    write(folder, { 'one.cc': one, ...(two === undefined ? {} : { 'sub/two.cc': two }) });
    const run = () => {
      patchFiles(folder, DIFF);
    };
    assert.throws(run, { name: 'NotAvailable', message });
    assert.equal(fs.readFileSync(path.join(folder, 'one.cc'), 'utf8'), one);
  }
});

test('the patch fits tfjs-node, and is what is compiled; the package stays as it is', async (t) => {
  const { root, options } = project(t);
  const { tools } = fakeTools();
  let compiled = '';
  const compile: typeof tools.compile = (compiler, all, at) => {
    const source = all.flat().find((arg) => arg.endsWith('tfjs_backend.cc'));
    compiled = fs.readFileSync(source!, 'utf8');
    return tools.compile(compiler, all, at);
  };
  assert.equal((await setup({ ...options, tools: { ...tools, compile } })).engine, 'tensorflow');
  const original = fs.readFileSync(path.join(SOURCES, 'tfjs_backend.cc'), 'utf8');
  const wanted = fs.readFileSync(PATCH, 'utf8').split('\n');
  for (const line of wanted.filter((text) => /^\+[^+]/.test(text))) {
    assert.ok(compiled.includes(line.slice(1)), line);
  }
  assert.notEqual(compiled, original);
  const inPackage = path.join(root, 'node_modules/@tensorflow/tfjs-node/binding/tfjs_backend.cc');
  assert.equal(fs.readFileSync(inPackage, 'utf8'), original);
});

test('another tfjs-node than the patch was made for: one clear line, and wasm', async (t) => {
  const { root, options, said } = project(t);
  const file = path.join(root, 'node_modules/@tensorflow/tfjs-node/binding/tfjs_backend.cc');
  fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replaceAll('input_op_name_array', 'names'));
  const { tools, calls } = fakeTools();
  assert.equal((await setup({ ...options, tools })).engine, 'wasm');
  assert.match(
    said.join('\n'),
    /TensorFlow is not used: binding\/tfjs_backend\.cc of tfjs-node is not what the set-up's patch was made for: .*nowhere\. The slower wasm engine is used\./,
  );
  assert.deepEqual(calls, [], 'it is said before the download');
});

test('an addon that was compiled with another patch is compiled again', async (t) => {
  const { root, cache, options } = project(t);
  const scripts = path.join(temporaryFolder(t), 'scripts', 'setup');
  fs.cpSync(SCRIPTS, scripts, { recursive: true });
  const system = {
    ...{ root, env: { MSL_CACHE: cache }, platform: 'linux', arch: 'x64', home: os.homedir() },
    variant: undefined,
  };
  const keyBy = async (query: string) => {
    const copy = (await import(`${pathToFileURL(path.join(scripts, 'plan.mjs')).href}?${query}`)) as {
      planFor: typeof planFor;
    };
    return copy.planFor(system).key;
  };
  assert.equal(await keyBy('same'), planFor(system).key);
  fs.appendFileSync(path.join(scripts, 'native', 'binding.patch'), '\n');
  assert.notEqual(await keyBy('changed'), planFor(system).key);
  const { tools, calls } = fakeTools();
  const { folder } = await setup({ ...options, tools });
  const older = folder!.replace(planFor(system).key, '00000000');
  fs.renameSync(folder!, older);
  assert.equal((await setup({ ...options, tools })).built, true);
  assert.equal(calls.filter((call) => call === 'compile').length, 2);
  assert.equal(calls.filter((call) => call === 'download').length, 1);
});
