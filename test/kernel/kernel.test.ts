import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { after, before, describe, test, type TestContext } from 'node:test';
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
const harness = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** The name of the kernelspec in jupyter/kernels. */
const [SPEC = ''] = fs.readdirSync(path.join(root, 'jupyter', 'kernels'));
/** Other versions of Node.js that the kernel is tried on, where a variable names their program. */
const OTHERS = ['MSL_NODE22', 'MSL_NODE24', 'MSL_NODE26'];

/** What is needed to run the checks, or why they cannot be run. */
let ready: { readonly python: string; readonly env: NodeJS.ProcessEnv } | string = 'not prepared';
let folder = '';

before(async () => {
  folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'msl-kernel-')));
  const { ensureLab } = (await load('environment.mjs')) as LabModule;
  const { jupyterEnvironment } = (await load('jupyter.mjs')) as JupyterModule;
  try {
    ready = { python: await ensureLab({ root }), env: jupyterEnvironment(root) };
  } catch (error) {
    // No suitable Python, or no way to install into it: said in words, and no fault of the kernel.
    if (!(error instanceof Error) || error.name !== 'WrongUse') throw error;
    ready = error.message;
  }
});
after(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

/** Runs a program of the harness; fails with what it printed, but for the checks that hold. */
async function run(
  t: TestContext,
  args: readonly string[],
  { node, summary }: { readonly node?: string | undefined; readonly summary: RegExp },
): Promise<void> {
  if (typeof ready === 'string') {
    t.skip(ready);
    return;
  }
  const home = fs.mkdtempSync(path.join(folder, 'home-'));
  const env = {
    ...ready.env,
    // The kernelspec names `node`, and history belongs to the user: tests write none of theirs into it.
    ...(node === undefined
      ? {}
      : { PATH: `${path.dirname(node)}${path.delimiter}${ready.env['PATH'] ?? ''}` }),
    MSL_KERNEL_HISTORY: path.join(home, 'history.jsonl'),
  };
  const child = spawn(ready.python, ['-B', ...args], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  child.stdout.on('data', (part: Buffer) => (text += part.toString()));
  child.stderr.on('data', (part: Buffer) => (text += part.toString()));
  const status = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  t.diagnostic(summary.exec(text)?.[0] ?? 'it did not come to its end');
  assert.equal(status, 0, text.replace(/^(ok|n\/a) .*\n( {5}.*\n)?/gm, ''));
}

const PASSED = /^(known to fail: .*\n)*\d+ passed, \d+ failed.*$/m;
const conformance = (...args: string[]): string[] => [
  harness('conformance/run.py'),
  SPEC,
  '--project',
  root,
  ...args,
];

describe('the kernel, through real messages', () => {
  test('does what any kernel can be asked', { timeout: 1_200_000 }, async (t) => {
    await run(t, conformance(), { summary: PASSED });
  });
  test('does what only it can be asked', { timeout: 1_200_000 }, async (t) => {
    await run(t, conformance('--own'), { summary: PASSED });
  });
  test("passes Jupyter's own tests of kernels", { timeout: 600_000 }, async (t) => {
    await run(t, [harness('conformance/standard.py'), SPEC, folder], { summary: /^Ran \d+ tests.*$/m });
  });
  test('outlives malformed messages', { timeout: 900_000 }, async (t) => {
    await run(t, [harness('fuzz.py'), SPEC, folder], { summary: PASSED });
  });
  for (const name of OTHERS) {
    const node = process.env[name];
    test(
      `does the same on the Node.js of ${name}`,
      { timeout: 1_800_000, skip: node === undefined ? `${name} names none` : false },
      async (t) => {
        await run(t, conformance('--short'), { node, summary: PASSED });
      },
    );
  }
});
