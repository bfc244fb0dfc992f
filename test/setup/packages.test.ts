import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

const file = fileURLToPath(new URL('../../scripts/setup/packages.mjs', import.meta.url));
const { installed, setupCommand } = (await import(
  pathToFileURL(file).href
)) as typeof import('../../scripts/setup/packages.mjs');

const NAME = '@tensorflow/tfjs-node';

/** A folder of packages, each given by the path of its folder, all of one version. */
function create(folders: readonly string[]): string {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'msl-packages-'));
  for (const folder of folders) {
    fs.mkdirSync(path.join(root, folder), { recursive: true });
    fs.writeFileSync(path.join(root, folder, 'package.json'), '{ "version": "1.0.0" }');
  }
  return root;
}

test('an installed package finds what it carries, then what npm put above it', (t) => {
  const mine = `node_modules/msl-workbook/dist/node_modules/${NAME}`;
  const user = create([mine, `node_modules/${NAME}`, 'node_modules/node-api-headers']);
  t.after(() => {
    fs.rmSync(user, { recursive: true });
  });
  const root = path.join(user, 'node_modules', 'msl-workbook');
  assert.equal(installed(root, NAME)?.folder, path.join(user, mine));
  assert.equal(
    installed(root, 'node-api-headers')?.folder,
    path.join(user, 'node_modules', 'node-api-headers'),
  );
  assert.equal(installed(root, 'left-out'), undefined);
  assert.equal(setupCommand(root), 'npx msl setup');
});

test('a checkout uses its own packages, though there is a build', (t) => {
  const root = create(['src/cli', `dist/node_modules/${NAME}`, `node_modules/${NAME}`]);
  t.after(() => {
    fs.rmSync(root, { recursive: true });
  });
  assert.equal(installed(root, NAME)?.folder, path.join(root, 'node_modules', NAME));
  assert.equal(setupCommand(root), 'npm run setup');
});
