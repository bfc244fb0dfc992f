// @ts-check
// `node bench/peers/environment.mjs`: makes the Python environment of the peers and prints its Python.
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';

import {
  ensurePythonEnvironment,
  findPythonEnvironment,
  pythonOf,
} from '../../scripts/setup/pythonEnvironment.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const PEERS = {
  name: 'bench-peers',
  title: 'PyTorch and Python TensorFlow',
  requirements: path.join(root, 'bench', 'peers', 'requirements.txt'),
  root,
};

/**
 * Makes the environment of the peers on first use: some gigabytes, since PyTorch's wheel brings CUDA.
 *
 * @returns {Promise<string>} its Python
 */
export function ensureBenchPeers() {
  // NumPy 2.4 needs it.
  return ensurePythonEnvironment({ ...PEERS, oldestPython: [3, 11] });
}

/** @returns {string | undefined} the Python of the environment, where it was made */
export function findBenchPeers() {
  const folder = findPythonEnvironment(PEERS);
  return folder === undefined ? undefined : pythonOf(folder);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.log(await ensureBenchPeers());
