import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { ensureDependencies, mismatch } from '../../scripts/setup/dependencies.mjs';
import { silent } from '../../scripts/setup/report.mjs';
import { temporaryFolder, write } from './support.ts';

const LOCKED = {
  '': { version: '0.1.0' },
  'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
  'node_modules/mac-only': { version: '2.0.0', integrity: 'sha512-m', optional: true },
};

/** What npm leaves behind when it succeeds. */
function install(root: string, packages: Readonly<Record<string, object>>): void {
  for (const name of Object.keys(packages)) write(root, { [path.join(name, 'package.json')]: '{}' });
  write(root, { 'node_modules/.package-lock.json': JSON.stringify({ packages }) });
}

test('installed packages are compared with the lockfile', (t) => {
  const root = temporaryFolder(t);
  assert.equal(mismatch(root), undefined, 'without a lockfile npm has put the packages in place');
  write(root, { 'package-lock.json': JSON.stringify({ packages: LOCKED }) });
  assert.equal(mismatch(root), 'node_modules is missing or incomplete');
  const a = LOCKED['node_modules/a'];
  install(root, { 'node_modules/a': a });
  assert.equal(mismatch(root), undefined);
  install(root, { 'node_modules/a': { ...a, version: '0.9.0' } });
  assert.equal(mismatch(root), 'node_modules/a is 0.9.0, not the 1.0.0 of package-lock.json');
  install(root, { 'node_modules/a': a, 'node_modules/b': { version: '1.0.0' } });
  assert.equal(mismatch(root), 'node_modules/b is not in package-lock.json');
  install(root, {});
  assert.equal(mismatch(root), 'node_modules/a is missing');
  install(root, { 'node_modules/a': a });
  fs.rmSync(path.join(root, 'node_modules/a'), { recursive: true });
  assert.equal(mismatch(root), 'node_modules/a is incomplete');
});

test('a project that cannot be written: its owner installs the packages', async (t) => {
  const root = temporaryFolder(t);
  write(root, { 'package-lock.json': JSON.stringify({ packages: LOCKED }), '.cache': 'in the way' });
  await assert.rejects(ensureDependencies({ root, report: silent }), {
    name: 'WrongUse',
    message: /node_modules is missing or incomplete, and \S+ cannot be written\. Have its owner run `npm ci`/,
  });
});

test('packages are installed once, and again after an installation was killed', async (t) => {
  const root = temporaryFolder(t);
  write(root, { 'package-lock.json': JSON.stringify({ packages: LOCKED }) });
  let runs = 0;
  const whole = () => {
    runs += 1;
    install(root, { 'node_modules/a': LOCKED['node_modules/a'] });
    return Promise.resolve(0);
  };
  assert.equal(await ensureDependencies({ root, report: silent, install: whole }), true);
  assert.equal(await ensureDependencies({ root, report: silent, install: whole }), false);
  assert.equal(runs, 1);

  write(root, { 'package-lock.json': JSON.stringify({ packages: { ...LOCKED, 'node_modules/c': {} } }) });
  const killed = () => {
    // npm was removing the old packages: its list of them must be gone before.
    assert.ok(!fs.existsSync(path.join(root, 'node_modules/.package-lock.json')));
    return Promise.resolve(null);
  };
  await assert.rejects(ensureDependencies({ root, report: silent, install: killed }), {
    name: 'WrongUse',
    message: /^npm ci failed with status null/,
  });
  assert.equal(mismatch(root), 'node_modules is missing or incomplete');
});
