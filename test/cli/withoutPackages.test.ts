import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const project = fileURLToPath(new URL('../..', import.meta.url));

// A clone in which nothing was installed: the programs, what they load first, and no node_modules above.
let clone: string;
before(() => {
  clone = mkdtempSync(path.join(os.tmpdir(), 'msl-clone-'));
  writeFileSync(path.join(clone, 'package.json'), '{ "type": "module" }');
  for (const name of ['bin', 'src/kernel'])
    cpSync(path.join(project, name), path.join(clone, name), { recursive: true });
});
after(() => {
  rmSync(clone, { recursive: true, maxRetries: 5 });
});

const run = (program: string) => {
  const env = { ...process.env, NODE_PATH: '' };
  const file = path.join(clone, 'bin', program);
  const { status, stdout, stderr } = spawnSync(process.execPath, [file, 'doctor'], {
    cwd: clone,
    env,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
};

test('msl before anything is installed says what to do', () => {
  mkdirSync(path.join(clone, 'src/cli'), { recursive: true });
  writeFileSync(path.join(clone, 'src/cli/main.ts'), 'export const main = () => 0;');
  assert.deepEqual(run('msl'), {
    status: 1,
    stdout: '',
    stderr: "The package 'tsx' of this clone is not installed. Run in the clone: npm run setup\n",
  });
});

/** A tsx in the clone that is `api`, for as long as `body` takes. */
const withTsx = (api: string, body: () => void): void => {
  const tsx = path.join(clone, 'node_modules/tsx');
  mkdirSync(tsx, { recursive: true });
  const description = { name: 'tsx', type: 'module', exports: { './esm/api': './api.js' } };
  writeFileSync(path.join(tsx, 'package.json'), JSON.stringify(description));
  writeFileSync(path.join(tsx, 'api.js'), api);
  try {
    body();
  } finally {
    rmSync(path.join(clone, 'node_modules'), { recursive: true });
  }
};

test('msl where one package is missing names it', () => {
  writeFileSync(path.join(clone, 'src/cli/main.ts'), "import 'zod';\nexport const main = () => 0;");
  // All of a compiler that plain JavaScript under a name of TypeScript's needs.
  const api = `import { register as registerHooks } from 'node:module';
const hooks = \`export const load = async (url, context, next) =>
  next(url, url.endsWith('.ts') ? { ...context, format: 'module' } : context);\`;
export const register = () => registerHooks('data:text/javascript,' + encodeURIComponent(hooks));
`;
  withTsx(api, () => {
    assert.deepEqual(run('msl'), {
      status: 1,
      stdout: '',
      stderr: "The package 'zod' of this clone is not installed. Run in the clone: npm run setup\n",
    });
  });
});

test('msl with another fault shows it', () => {
  withTsx("throw new Error('broken');", () => {
    const { status, stderr } = run('msl');
    assert.equal(status, 1);
    assert.match(stderr, /Error: broken/);
  });
});

test('msl-kernel before anything is installed says what to do', () => {
  assert.deepEqual(run('msl-kernel'), {
    status: 1,
    stdout: '',
    stderr: 'The packages of this clone are not installed. Run in the clone: npm run setup\n',
  });
});
