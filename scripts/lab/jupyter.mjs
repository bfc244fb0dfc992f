// @ts-check
import path from 'node:path';

/**
 * The environment in which Jupyter finds the project's kernel and lab extension, and the kernel this Node.js.
 *
 * @param {string} root the project
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {NodeJS.ProcessEnv}
 */
export function jupyterEnvironment(root, env = process.env) {
  /** @param {string} first @param {string | undefined} rest */
  const before = (first, rest) => (rest === undefined || rest === '' ? first : first + path.delimiter + rest);
  const pathName = Object.keys(env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
  return {
    ...env,
    JUPYTER_PATH: before(path.join(root, 'jupyter'), env['JUPYTER_PATH']),
    // Its labconfig keeps JupyterLab from asking whether it may fetch news.
    JUPYTER_CONFIG_PATH: before(path.join(root, 'jupyter', 'config'), env['JUPYTER_CONFIG_PATH']),
    // papermill finds there how parameters are written in TypeScript.
    PYTHONPATH: before(path.join(root, 'python', 'papermill_typescript'), env['PYTHONPATH']),
    [pathName]: before(path.dirname(process.execPath), env[pathName]),
    // Jupyter's packages would warn on every start about frozen modules that nobody debugs.
    PYDEVD_DISABLE_FILE_VALIDATION: '1',
  };
}

export { providePlotly } from './plotly.mjs';
