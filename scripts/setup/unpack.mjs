// @ts-check
import { fileURLToPath } from 'node:url';

import { NotAvailable, diskFull } from './errors.mjs';
import { run, tail } from './process.mjs';

const UNPACK = fileURLToPath(new URL('./python/unpack.py', import.meta.url));

/**
 * What the addon needs of the wheels: the two libraries, the headers of the C interface, and of the CUDA wheels the
 * libraries and what compiles kernels at run time. A wheel holds 20,000 files more.
 */
export const NEEDED = [
  'tensorflow/libtensorflow_cc.*',
  'tensorflow/libtensorflow_framework.*',
  'tensorflow/include/tensorflow/c/*.h',
  'tensorflow/include/tensorflow/core/platform/ctstring*.h',
  'tensorflow/include/tsl/platform/ctstring*.h',
  'tensorflow/include/xla/tsl/c/*.h',
  'tensorflow/THIRD_PARTY_NOTICES.txt',
  'nvidia/*/lib/*',
  'nvidia/cuda_nvcc/bin/*',
  'nvidia/cuda_nvcc/nvvm/*',
];

/**
 * Unpacks what is needed of a wheel.
 *
 * @param {object} options
 * @param {string} options.wheel
 * @param {string} options.folder
 * @param {string} options.python
 * @param {NodeJS.ProcessEnv} options.env
 * @param {(done: number, total: number) => void} options.onBytes
 * @returns {Promise<number>} bytes written
 * @throws {NotAvailable} for a damaged wheel or a full disk
 */
export async function unpackWheel({ wheel, folder, python, env, onBytes }) {
  let total = 0;
  const { status, stderr } = await run(python, ['-B', UNPACK, wheel, folder, ...NEEDED], {
    env,
    onLine: (line) => {
      const [word, number] = line.split(' ');
      if (word === 'total') total = Number(number);
      else onBytes(Number(number), total);
    },
  });
  if (status === 0) return total;
  const { code, message } = asProblem(stderr);
  if (code === 'ENOSPC' || code === 'EDQUOT') throw diskFull();
  throw new NotAvailable(`${wheel} could not be unpacked: ${message}`);
}

/**
 * @param {string} stderr
 * @returns {{ code: string, message: string }}
 */
function asProblem(stderr) {
  try {
    return JSON.parse(stderr);
  } catch {
    return { code: '', message: tail(stderr, 1) || 'Python was killed' };
  }
}
