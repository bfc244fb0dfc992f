// @ts-check
// `npm run lab [-- NOTEBOOK] [-- JupyterLab's own options]`: JupyterLab on the notebooks. See environment.md.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { ensureLab } from './lab/environment.mjs';
import { jupyterEnvironment, providePlotly } from './lab/jupyter.mjs';
import { ensureDependencies, setup, WrongUse } from './setup/index.mjs';
import { stopOnSignals } from './setup/process.mjs';

const FIRST = path.join('notebooks', '00-start.ipynb');
const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * What JupyterLab is started with. It listens on this machine only, and asks for the token that stands in the
 * address it prints.
 *
 * @param {readonly string[]} given the user's own arguments; they come last and win
 */
function labArguments(given) {
  const linux = process.platform === 'linux';
  const display = !linux || [process.env['DISPLAY'], process.env['WAYLAND_DISPLAY']].some((name) => name);
  const named = given.some((argument) => argument.endsWith('.ipynb'));
  return [
    ...(named ? [] : [FIRST]),
    // What is printed is the address to open, and errors.
    '--log-level=ERROR',
    '--ServerApp.ip=127.0.0.1',
    `--ServerApp.root_dir=${root}`,
    // Neither news nor a search for updates: nothing is asked of the network.
    '--LabApp.news_url=None',
    '--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate',
    ...(display ? [] : ['--no-browser']),
    ...(process.getuid?.() === 0 ? ['--allow-root'] : []),
    ...given,
  ];
}

/**
 * @param {string} python
 * @param {readonly string[]} args
 * @returns {Promise<number>} the exit status
 */
function startLab(python, args) {
  const child = spawn(python, ['-m', 'jupyterlab', ...args], {
    cwd: root,
    env: jupyterEnvironment(root),
    stdio: 'inherit',
  });
  // In a terminal Ctrl-C reaches JupyterLab by itself, which asks before it ends; this process waits for it.
  process.removeAllListeners('SIGINT').on('SIGINT', () => {
    if (!process.stdin.isTTY) child.kill('SIGINT');
  });
  process.removeAllListeners('SIGTERM').on('SIGTERM', () => child.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status, signal) => {
      resolve(status ?? (signal === 'SIGINT' ? 130 : signal === 'SIGTERM' ? 143 : 1));
    });
  });
}

stopOnSignals();
try {
  await ensureDependencies({ root });
  await setup({ root });
  const python = await ensureLab({ root });
  providePlotly(root);
  process.exitCode = await startLab(python, labArguments(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof WrongUse)) throw error;
  console.error(error.message);
  process.exitCode = error.status;
}
