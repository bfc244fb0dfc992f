// @ts-check
import { fileURLToPath } from 'node:url';

import { NotAvailable } from './errors.mjs';
import { run, tail } from './process.mjs';

const CHILD = fileURLToPath(new URL('./probe-child.mjs', import.meta.url));

/**
 * Multiplies two matrices on the addon that is linked, in a process of its own.
 *
 * @param {object} options
 * @param {string} options.binding folder of the tfjs-node that is loaded
 * @param {string} options.addon the folder that is linked
 * @param {NodeJS.ProcessEnv} options.env
 * @returns {Promise<{ version: string, gpu: boolean }>} TensorFlow's version, and whether it computes on a GPU
 * @throws {NotAvailable} where it does not load or computes something else
 */
export async function probe({ binding, addon, env }) {
  const { status, signal, stdout, stderr, error } = await run(process.execPath, [CHILD, binding, addon], {
    env: { ...env, TF_CPP_MIN_LOG_LEVEL: '2' },
    timeout: 120_000,
  });
  if (status !== 0) {
    const reason =
      signal === 'SIGILL'
        ? 'it uses instructions that this processor lacks'
        : (error?.message ??
          (signal === null
            ? tail(/^\w*Error: .*$/m.exec(stderr)?.[0] ?? stderr, 2)
            : `it was ended by ${signal}`));
    throw new NotAvailable(`TensorFlow was built but does not run here: ${reason}`);
  }
  const { backend, product, version, gpu } = JSON.parse(stdout);
  if (backend !== 'tensorflow' || String(product) !== '19,22,43,50') {
    throw new NotAvailable(
      `TensorFlow was built but does not compute right: [[1, 2], [3, 4]] x [[5, 6], [7, 8]] gave ` +
        `[${String(product)}] on the backend '${backend}', expected [19, 22, 43, 50] on 'tensorflow'`,
    );
  }
  return { version, gpu };
}
