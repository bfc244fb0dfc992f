import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

interface LabModule {
  readonly ensureLab: (options: { root: string }) => Promise<string>;
}
interface JupyterModule {
  readonly jupyterEnvironment: (root: string) => NodeJS.ProcessEnv;
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const load = (file: string): Promise<unknown> =>
  import(new URL(`../../scripts/lab/${file}`, import.meta.url).href);

/** A project of its own, since the checks write modules; it uses this one's packages and compiler settings. */
function createProject(): string {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'msl-kernel-')));
  for (const name of ['src', 'notebooks']) fs.mkdirSync(path.join(folder, name));
  fs.symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'), 'junction');
  fs.copyFileSync(path.join(root, 'tsconfig.json'), path.join(folder, 'tsconfig.json'));
  const description = {
    name: 'scratch',
    type: 'module',
    imports: { '#src/*': './src/*' },
    exports: { './*': './src/*.ts' },
  };
  fs.writeFileSync(path.join(folder, 'package.json'), JSON.stringify(description));
  return folder;
}

/** Runs the checks; returns whether they passed, and what they printed. */
function runChecks(
  python: string,
  project: string,
  env: NodeJS.ProcessEnv,
): Promise<{ status: number | null; text: string }> {
  const program = fileURLToPath(new URL('check_kernel.py', import.meta.url));
  const child = spawn(python, ['-B', program, 'tslab', project], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  child.stdout.on('data', (part: Buffer) => (text += part.toString()));
  child.stderr.on('data', (part: Buffer) => (text += part.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => {
      resolve({ status, text });
    });
  });
}

test('the kernel answers a Jupyter client', { timeout: 300_000 }, async (t) => {
  const { ensureLab } = (await load('environment.mjs')) as LabModule;
  const { jupyterEnvironment } = (await load('jupyter.mjs')) as JupyterModule;
  let python: string;
  try {
    python = await ensureLab({ root });
  } catch (error) {
    // No suitable Python, or no way to install into it: said in words, and no fault of the kernel.
    if (!(error instanceof Error) || error.name !== 'WrongUse') throw error;
    t.skip(error.message);
    return;
  }
  const project = createProject();
  try {
    const { status, text } = await runChecks(python, project, jupyterEnvironment(root));
    const [summary] = /^\d+ passed, \d+ failed$/m.exec(text) ?? ['the checks did not come to their end'];
    t.diagnostic(`${summary}; ${/^ready after.*$/m.exec(text)?.[0] ?? ''}`);
    assert.equal(status, 0, text.replace(/^ok .*\n/gm, ''));
  } finally {
    fs.rmSync(project, { recursive: true, force: true });
  }
});
