// @ts-check
// Executes notebooks without a browser: node scripts/lab/execute.mjs [--in-place] [--timeout SECONDS] NOTEBOOK...
// Fails with the cell and its error where one fails. `--in-place` keeps the outputs.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { WrongUse } from '../setup/index.mjs';
import { prepare } from '../setup/prepare.mjs';
import { stopOnSignals } from '../setup/process.mjs';
import { ensureLab } from './environment.mjs';
import { jupyterEnvironment } from './jupyter.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const program = fileURLToPath(new URL('execute.py', import.meta.url));

stopOnSignals();
try {
  await prepare(root);
  const python = await ensureLab({ root });
  const { status, error } = spawnSync(python, [program, ...process.argv.slice(2)], {
    env: jupyterEnvironment(root),
    stdio: 'inherit',
  });
  if (error) throw error;
  process.exitCode = status ?? 1;
} catch (error) {
  if (!(error instanceof WrongUse)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
