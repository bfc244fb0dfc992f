// @ts-check
// `npm run jupyter -- COMMAND [ARGUMENTS]`: a command of the notebooks' Python environment (jupyter, papermill,
// pytest --nbmake, jupytext), with the project's kernel and extensions.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { WrongUse } from '../setup/index.mjs';
import { prepare, spawnInPlace } from '../setup/prepare.mjs';
import { ensureLab } from './environment.mjs';
import { jupyterEnvironment } from './jupyter.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const [command, ...args] = process.argv.slice(2);
try {
  if (command === undefined)
    throw new WrongUse('Which command? For example: npm run jupyter -- papermill --help', 2);
  await prepare(root);
  const folder = path.dirname(await ensureLab({ root }));
  const program = [command, `${command}.exe`]
    .map((name) => path.join(folder, name))
    .find((file) => fs.existsSync(file));
  if (program === undefined) throw new WrongUse(`${folder} has no ${command}.`, 2);
  process.exitCode = await spawnInPlace(program, args, { env: jupyterEnvironment(root) });
} catch (error) {
  if (!(error instanceof WrongUse)) throw error;
  console.error(error.message);
  process.exitCode = error.status;
}
