// @ts-check
import { NotAvailable, WrongUse } from './errors.mjs';
import { run, tail } from './process.mjs';

/**
 * @typedef {object} Python
 * @property {string} command
 * @property {string} version
 * @property {boolean} pip whether it has pip
 */

const QUESTION =
  'import sys, zipfile, importlib.util as u; ' +
  'print("%d.%d.%d" % sys.version_info[:3], u.find_spec("pip") is not None)';

const INSTALL = 'Debian/Ubuntu: apt install python3 python3-pip; macOS: brew install python; else python.org';

/**
 * Finds a Python from 3.9 on: the one named in `MSL_PYTHON`, else in `PYTHON`, else `python3`, `python`. One with
 * pip is preferred to one without.
 *
 * @param {NodeJS.ProcessEnv} env
 * @param {{ needsPip: boolean }} options
 * @returns {Promise<Python>}
 * @throws {NotAvailable} where there is none
 * @throws {WrongUse} where `MSL_PYTHON` is not one
 */
export async function findPython(env, { needsPip }) {
  const named = env['MSL_PYTHON'];
  if (named !== undefined && named !== '') {
    const found = await ask(named, env);
    if (typeof found === 'string') throw new WrongUse(`MSL_PYTHON is ${named}, which ${found}.`);
    if (needsPip && !found.pip) throw new WrongUse(`MSL_PYTHON is ${named}, which has no pip.`);
    return found;
  }
  /** @type {string[]} */
  const tried = [];
  for (const command of [env['PYTHON'] ?? '', 'python3', 'python']) {
    if (command === '') continue;
    const found = await ask(command, env);
    if (typeof found !== 'string' && (found.pip || !needsPip)) return found;
    tried.push(typeof found === 'string' ? `${command} ${found}` : `${command} ${found.version} has no pip`);
  }
  throw new NotAvailable(
    `no Python from 3.9 on${needsPip ? ' with pip' : ''} was found (${tried.join('; ')}); install it (${INSTALL})`,
  );
}

/**
 * @param {string} command
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Python | string>} the Python, or what is wrong with it
 */
async function ask(command, env) {
  const { status, stdout, stderr, error } = await run(command, ['-c', QUESTION], { env, timeout: 30_000 });
  if (error?.code === 'ENOENT') return 'is not there';
  if (error !== undefined) return `cannot be run (${error.message})`;
  if (status !== 0) return `does not work (${tail(stderr, 1)})`;
  const [version = '', pip = ''] = stdout.trim().split(' ');
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major !== 3 || minor < 9) return `is version ${version === '' ? 'unknown' : version}, below 3.9`;
  return { command, version, pip: pip === 'True' };
}
