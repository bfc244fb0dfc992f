// @ts-check
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { NotAvailable, WrongUse } from './errors.mjs';
import { cacheFolders, firstWritable } from './folders.mjs';
import { withLock } from './lock.mjs';
import { run, tail } from './process.mjs';
import { findPython } from './python.mjs';
import { reportTo } from './report.mjs';

/** Written last: a Python environment without it is not complete. */
const STAMP = 'complete';

/**
 * A Python environment of the project's.
 *
 * @typedef {object} Wanted
 * @property {string} name its folder's, but for the requirements and the version of Python, e.g. `jupyterlab`
 * @property {string} title what it holds, e.g. `JupyterLab`
 * @property {string} requirements file of pinned packages with their hashes
 * @property {readonly [major: number, minor: number]} oldestPython
 * @property {string} root the project
 * @property {NodeJS.ProcessEnv} [env] default `process.env`
 * @property {import('./report.mjs').Report} [report] where it says what it does; default standard error
 */

/**
 * The environment that {@link ensurePythonEnvironment} made, without making one.
 *
 * @param {Pick<Wanted, 'name' | 'requirements' | 'root' | 'env'>} wanted
 * @returns {string | undefined} its folder
 */
export function findPythonEnvironment({ name, requirements, root, env = process.env }) {
  const prefix = environmentName(name, requirements);
  return cacheFolders({ env, platform: process.platform, home: os.homedir(), root })
    .filter((cache) => fs.existsSync(cache))
    .flatMap((cache) => fs.readdirSync(cache).map((name) => path.join(cache, name)))
    .find((folder) => path.basename(folder).startsWith(prefix) && isComplete(folder));
}

/**
 * Name of the environment's folder but for the version of Python: another list of requirements, another folder.
 *
 * @param {string} name
 * @param {string} requirements
 */
function environmentName(name, requirements) {
  const list = fs.readFileSync(requirements);
  return `${name}-${createHash('sha256').update(list).digest('hex').slice(0, 8)}-python`;
}

/**
 * Makes a Python environment on first use. It lies in the user's cache, one for each list of requirements and version of
 * Python, and is shared by all clones.
 *
 * One that was not completed is made again; two at once wait for each other.
 *
 * @param {Wanted} wanted
 * @returns {Promise<string>} the Python of the environment
 * @throws {WrongUse} where there is no suitable Python, or the packages cannot be installed
 */
export async function ensurePythonEnvironment(wanted) {
  const { title, requirements, root, env = process.env, report = reportTo(process.stderr) } = wanted;
  const python = await suitablePython(wanted, env);
  const series = python.version.split('.').slice(0, 2).join('.');
  const name = `${environmentName(wanted.name, requirements)}${series}`;
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
      report.line(`Set-up: ${title} for Python ${python.version}, into ${folder}`);
      // A virtual environment holds its own path, so it is made in place; the stamp tells whether it is whole.
      fs.rmSync(folder, { recursive: true, force: true });
      await report.step('python', async () => {
        const note = await createEnvironment(python, folder, env);
        return { value: undefined, note };
      });
      await report.step('packages', async () => {
        const count = await install(python, folder, wanted, env);
        return { value: undefined, note: `${count} packages` };
      });
      fs.writeFileSync(path.join(folder, STAMP), '');
      return pythonOf(folder);
    },
    {
      onWait: ({ pid }) => {
        report.line(`Set-up: process ${pid} is installing ${title}; waiting for it.`);
      },
    },
  );
}

/** @param {string} folder */
function isComplete(folder) {
  return fs.existsSync(path.join(folder, STAMP)) && fs.existsSync(pythonOf(folder));
}

/**
 * The Python of an environment.
 *
 * @param {string} folder
 */
export function pythonOf(folder) {
  return process.platform === 'win32'
    ? path.join(folder, 'Scripts', 'python.exe')
    : path.join(folder, 'bin', 'python');
}

/**
 * @param {Wanted} wanted
 * @param {NodeJS.ProcessEnv} env
 * @throws {WrongUse}
 */
async function suitablePython({ title, oldestPython: oldest }, env) {
  try {
    const python = await findPython(env, { needsPip: false });
    const [major = 0, minor = 0] = python.version.split('.').map(Number);
    const [oldestMajor, oldestMinor] = oldest;
    if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor)) {
      throw new WrongUse(
        `${title} needs Python ${oldest.join('.')} or newer; ${python.command} is ${python.version}. ` +
          'Name another one in MSL_PYTHON.',
      );
    }
    return python;
  } catch (error) {
    if (error instanceof NotAvailable) throw new WrongUse(`${title} cannot be set up: ${error.message}.`);
    throw error;
  }
}

/**
 * @param {import('./python.mjs').Python} python
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
 * @param {import('./python.mjs').Python} python
 * @param {string} folder
 * @param {Wanted} wanted
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<number>} how many packages there are
 */
async function install(python, folder, { title, requirements }, env) {
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
      `pip could not install ${title}; it needs the package registry. pip says:\n${tail(done.stderr, 6)}`,
    );
  }
  return fs.readFileSync(requirements, 'utf8').match(/^[\w.-]+==/gm)?.length ?? 0;
}
