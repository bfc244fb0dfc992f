import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { commands, compile } from '../../scripts/setup/addon.mjs';
import { findCompiler } from '../../scripts/setup/compiler.mjs';
import { cacheFolders } from '../../scripts/setup/folders.mjs';
import { findPython } from '../../scripts/setup/python.mjs';
import { temporaryFolder, write } from './support.ts';

/** A folder to be the whole PATH, with these programs, each a line of shell. */
function programs(folder: string, lines: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  for (const [name, line] of Object.entries(lines)) {
    write(folder, { [name]: `#!/bin/sh\n${line}\n` });
    fs.chmodSync(path.join(folder, name), 0o755);
  }
  return { PATH: folder };
}

test('a missing compiler is named with what to install', async (t) => {
  const folder = temporaryFolder(t);
  await assert.rejects(findCompiler(programs(folder, {})), {
    name: 'NotAvailable',
    message:
      'no C++ compiler was found (tried g++, c++, clang++); install one (Debian/Ubuntu: apt install g++; ' +
      'Fedora: dnf install gcc-c++; macOS: xcode-select --install)',
  });
  await assert.rejects(findCompiler({ PATH: folder, CXX: 'none' }), /tried none from CXX/);
});

test('the compiler is CXX with its arguments, else the first that answers', async (t) => {
  const env = programs(temporaryFolder(t), { 'g++': 'exit 1', 'c++': 'exit 0', mine: 'exit 0' });
  assert.deepEqual(await findCompiler(env), ['c++']);
  assert.deepEqual(await findCompiler({ ...env, CXX: ' mine -B dir ' }), ['mine', '-B', 'dir']);
});

test('a compiler that fails is quoted', async (t) => {
  const out = temporaryFolder(t);
  const env = programs(path.join(out, 'bin'), {
    'g++': 'echo "x.cc:1:10: fatal error: algorithm: No such file" >&2; exit 1',
  });
  await assert.rejects(compile(['g++'], [['x.cc']], { env, out }), {
    name: 'NotAvailable',
    message:
      /^g\+\+ could not compile the addon \(x\.cc:1:10: fatal error: algorithm: No such file\); install/,
  });
});

test('libraries are linked by name with GNU ld and by path on a Mac', (t) => {
  const binding = temporaryFolder(t);
  write(binding, { 'binding/a.cc': '', 'binding/a.h': '' });
  const all = { binding, headers: '/headers', helper: '/quiet.c', tensorflow: '/tf', out: '/out' };
  const [linux = []] = commands({ ...all, platform: 'linux', runPath: '$ORIGIN/../tf' });
  assert.ok(linux.includes('-l:libtensorflow_cc.so.2'));
  assert.ok(linux.includes('-Wl,-rpath,$ORIGIN/../tf'));
  assert.ok(linux.includes(path.join(binding, 'binding/a.cc')));
  assert.ok(!linux.some((arg) => arg.endsWith('a.h')));
  const [mac = [], helper = []] = commands({ ...all, platform: 'darwin', runPath: '@loader_path/../tf' });
  assert.ok(mac.includes('/tf/libtensorflow_cc.2.dylib'));
  assert.ok(mac.includes('dynamic_lookup') && helper.includes('dynamic_lookup'));
});

test('a Python that is too old or has no pip is passed over', async (t) => {
  const env = programs(temporaryFolder(t), {
    python3: 'echo 3.8.1 True',
    python: 'echo 3.12.4 False',
    other: 'echo 3.9.0 True',
  });
  assert.deepEqual(await findPython(env, { needsPip: false }), {
    command: 'python',
    version: '3.12.4',
    pip: false,
  });
  await assert.rejects(findPython(env, { needsPip: true }), {
    name: 'NotAvailable',
    message:
      /^no Python from 3\.9 on with pip was found \(python3 is version 3\.8\.1, below 3\.9; python 3\.12\.4 has no pip\); install it /,
  });
  assert.equal((await findPython({ ...env, PYTHON: 'other' }, { needsPip: true })).command, 'other');
  await assert.rejects(findPython({ ...env, MSL_PYTHON: 'python3' }, { needsPip: false }), {
    name: 'WrongUse',
    message: 'MSL_PYTHON is python3, which is version 3.8.1, below 3.9.',
  });
  await assert.rejects(
    findPython({ PATH: '/nonexistent' }, { needsPip: true }),
    /\(python3 is not there; python is not there\)/,
  );
});

test('the cache is MSL_CACHE, else the place of the platform', () => {
  const at = (env: NodeJS.ProcessEnv, platform = 'linux') =>
    cacheFolders({ env, platform, home: '/home/u', root: '/p' });
  assert.deepEqual(at({}), ['/home/u/.cache/msl-workbook', '/p/.cache']);
  assert.deepEqual(at({ XDG_CACHE_HOME: '/x' })[0], '/x/msl-workbook');
  // The XDG specification: a relative path is invalid and to be ignored.
  assert.deepEqual(at({ XDG_CACHE_HOME: 'x' })[0], '/home/u/.cache/msl-workbook');
  assert.deepEqual(at({}, 'darwin')[0], '/home/u/Library/Caches/msl-workbook');
  assert.deepEqual(at({ MSL_CACHE: '/m', XDG_CACHE_HOME: '/x' }, 'darwin')[0], '/m');
});
