// @ts-check
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { NotAvailable, WrongUse } from '../setup/errors.mjs';
import { cacheFolders, firstWritable } from '../setup/folders.mjs';
import { withLock } from '../setup/lock.mjs';
import { run, tail } from '../setup/process.mjs';
import { findPython } from '../setup/python.mjs';
import { reportTo } from '../setup/report.mjs';

/** JupyterLab 4.6 needs it. */
const OLDEST_PYTHON = [3, 10];

/** Written last: a Python environment without it is not complete. */
const STAMP = 'complete';

/**
 * @typedef {object} LabOptions
 * @property {string} root the project
 * @property {NodeJS.ProcessEnv} [env] default `process.env`
 * @property {import('../setup/report.mjs').Report} [report] where it says what it does; default standard error
 */

/**
 * The environment that {@link ensureLab} made, without making one.
 *
 * @param {{ root: string, env?: NodeJS.ProcessEnv }} options
 * @returns {string | undefined} its folder
 */
export function findLab({ root, env = process.env }) {
  const prefix = environmentName(root);
  return cacheFolders({ env, platform: process.platform, home: os.homedir(), root })
    .filter((cache) => fs.existsSync(cache))
    .flatMap((cache) => fs.readdirSync(cache).map((name) => path.join(cache, name)))
    .find((folder) => path.basename(folder).startsWith(prefix) && isComplete(folder));
}

/**
 * Name of the environment's folder but for the version of Python: another list of requirements, another folder.
 *
 * @param {string} root
 */
function environmentName(root) {
  const requirements = fs.readFileSync(path.join(root, 'python', 'requirements.txt'));
  return `jupyterlab-${createHash('sha256').update(requirements).digest('hex').slice(0, 8)}-python`;
}

/**
 * Makes the Python environment that holds JupyterLab and what executes notebooks, on first use. It lies in the
 * user's cache, one for each list of requirements and version of Python, and is shared by all clones.
 *
 * One that was not completed is made again; two at once wait for each other.
 *
 * @param {LabOptions} options
 * @returns {Promise<string>} the Python of the environment
 * @throws {WrongUse} where there is no suitable Python, or the packages cannot be installed
 */
export async function ensureLab({ root, env = process.env, report = reportTo(process.stderr) }) {
  const requirements = path.join(root, 'python', 'requirements.txt');
  const python = await suitablePython(env);
  const series = python.version.split('.').slice(0, 2).join('.');
  const name = `${environmentName(root)}${series}`;
  const caches = cacheFolders({ env, platform: process.platform, home: os.homedir(), root });
  const there = caches.map((cache) => path.join(cache, name)).find(isComplete);
  if (there !== undefined) return pythonOf(there);

  const cache = firstWritable(caches);
  if (cache === undefined) throw new WrongUse(`None of the folders ${caches.join(', ')} can be written.`);
  const folder = path.join(cache, name);
  return await withLock(
    path.join(cache, `.${name}`),
    async () => {
      if (isComplete(folder)) return pythonOf(folder);
      report.line(`Set-up: JupyterLab for Python ${python.version}, into ${folder}`);
      // A virtual environment holds its own path, so it is made in place; the stamp tells whether it is whole.
      fs.rmSync(folder, { recursive: true, force: true });
      await report.step('python', async () => {
        const note = await createEnvironment(python, folder, env);
        return { value: undefined, note };
      });
      await report.step('packages', async () => {
        const count = await install(python, folder, requirements, env);
        return { value: undefined, note: `${count} packages` };
      });
      fs.writeFileSync(path.join(folder, STAMP), '');
      return pythonOf(folder);
    },
    {
      onWait: ({ pid }) => {
        report.line(`Set-up: process ${pid} is installing JupyterLab; waiting for it.`);
      },
    },
  );
}

/** @param {string} folder */
function isComplete(folder) {
  return fs.existsSync(path.join(folder, STAMP)) && fs.existsSync(pythonOf(folder));
}

/** @param {string} folder */
function pythonOf(folder) {
  return process.platform === 'win32'
    ? path.join(folder, 'Scripts', 'python.exe')
    : path.join(folder, 'bin', 'python');
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @throws {WrongUse}
 */
async function suitablePython(env) {
  try {
    const python = await findPython(env, { needsPip: false });
    const [major = 0, minor = 0] = python.version.split('.').map(Number);
    const [oldestMajor = 0, oldestMinor = 0] = OLDEST_PYTHON;
    if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor)) {
      throw new WrongUse(
        `JupyterLab needs Python ${OLDEST_PYTHON.join('.')} or newer; ${python.command} is ${python.version}. ` +
          'Name another one in MSL_PYTHON.',
      );
    }
    return python;
  } catch (error) {
    if (error instanceof NotAvailable) throw new WrongUse(`JupyterLab cannot be set up: ${error.message}.`);
    throw error;
  }
}

/**
 * @param {import('../setup/python.mjs').Python} python
 * @param {string} folder
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<string>} what was done
 */
async function createEnvironment(python, folder, env) {
  const whole = await run(python.command, ['-m', 'venv', folder], { env });
  if (whole.status === 0) return 'a virtual environment';
  // Debian's Python has venv without ensurepip; the system's own pip then installs into the environment.
  fs.rmSync(folder, { recursive: true, force: true });
  const bare = python.pip
    ? await run(python.command, ['-m', 'venv', '--without-pip', folder], { env })
    : whole;
  if (bare.status === 0) return 'a virtual environment, filled by the pip of the system';
  throw new WrongUse(
    `${python.command} cannot make a virtual environment (${tail(bare.stderr || bare.stdout, 2)}). ` +
      'Debian/Ubuntu: apt install python3-venv.',
  );
}

/**
 * @param {import('../setup/python.mjs').Python} python
 * @param {string} folder
 * @param {string} requirements
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<number>} how many packages there are
 */
async function install(python, folder, requirements, env) {
  const own = pythonOf(folder);
  const hasPip = (await run(own, ['-m', 'pip', '--version'], { env })).status === 0;
  const pip = hasPip ? [own, '-m', 'pip'] : [python.command, '-m', 'pip', '--python', own];
  const [command = own, ...args] = pip;
  const options = [
    '--require-hashes',
    '--no-deps',
    '--only-binary=:all:',
    '--no-input',
    '--disable-pip-version-check',
  ];
  const done = await run(command, [...args, 'install', ...options, '-r', requirements], { env });
  if (done.status !== 0) {
    throw new WrongUse(
      `pip could not install JupyterLab; it needs the package registry. pip says:\n${tail(done.stderr, 6)}`,
    );
  }
  return fs.readFileSync(requirements, 'utf8').match(/^[\w.-]+==/gm)?.length ?? 0;
}
