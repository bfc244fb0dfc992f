// @ts-check
import path from 'node:path';

import { ensurePythonEnvironment, findPythonEnvironment } from '../setup/pythonEnvironment.mjs';

/** @param {string} root the project */
function wanted(root) {
  return /** @type {const} */ ({
    name: 'jupyterlab',
    title: 'JupyterLab',
    requirements: path.join(root, 'python', 'requirements.txt'),
    // JupyterLab 4.6 needs it.
    oldestPython: [3, 10],
    root,
  });
}

/**
 * The environment that {@link ensureLab} made, without making one.
 *
 * @param {{ root: string, env?: NodeJS.ProcessEnv }} options
 * @returns {string | undefined} its folder
 */
export function findLab({ root, env = process.env }) {
  return findPythonEnvironment({ ...wanted(root), env });
}

/**
 * Makes the Python environment that holds JupyterLab and what executes notebooks, on first use.
 *
 * @param {Pick<import('../setup/pythonEnvironment.mjs').Wanted, 'root' | 'env' | 'report'>} options
 * @returns {Promise<string>} the Python of the environment
 */
export function ensureLab({ root, env = process.env, ...rest }) {
  return ensurePythonEnvironment({ ...wanted(root), env, ...rest });
}
