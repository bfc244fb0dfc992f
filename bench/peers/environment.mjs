// @ts-check
// `node bench/peers/environment.mjs`: makes the Python environment of the peers and prints its Python.
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { ensurePythonEnvironment } from '../../scripts/setup/pythonEnvironment.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Makes the environment of the peers on first use: some gigabytes, since PyTorch's wheel brings CUDA.
 *
 * @returns {Promise<string>} its Python
 */
export function ensureBenchPeers() {
  return ensurePythonEnvironment({
    name: 'bench-peers',
    title: 'PyTorch and Python TensorFlow',
    requirements: path.join(root, 'bench', 'peers', 'requirements.txt'),
    // NumPy 2.4 needs it.
    oldestPython: [3, 11],
    root,
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.log(await ensureBenchPeers());
