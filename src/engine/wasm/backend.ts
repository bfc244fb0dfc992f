import { createRequire } from 'node:module';
import path from 'node:path';

import { tf } from '../tf.ts';
import { registerKernels } from './kernels.ts';

/**
 * Makes TensorFlow.js compute in WebAssembly, with every kernel that training needs. Quiet, and further calls change
 * nothing.
 *
 * It runs on one thread: the backend starts its threads as web workers from a `blob:` address, which Node does not
 * have, and switches them off there by itself. SIMD is used wherever WebAssembly has it, which is every Node that
 * the workbook runs on.
 *
 * @throws {Error} if the backend does not start.
 */
export async function startWasm(): Promise<void> {
  const wasm = await import('@tensorflow/tfjs-backend-wasm');
  registerKernels();
  if (tf.getBackend() === 'wasm') return;
  // Resolved by Node rather than relative to this file, which may run from src, from dist or inside a notebook.
  const main = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
  wasm.setWasmPaths(path.dirname(main) + path.sep);
  // Kernels that go through the JavaScript backend would bring out its greeting.
  const cpu = tf.findBackend('cpu') as { firstUse?: boolean } | null;
  if (cpu !== null) cpu.firstUse = false;
  const started = await withoutProcessListeners(() => tf.setBackend('wasm'));
  if (!started) {
    throw new Error(`The wasm engine does not start from ${path.dirname(main)}: is the file there readable?`);
  }
  await tf.ready();
}

/**
 * Runs `start` and takes away the listeners that it left on the process. The backend's module comes with two that throw
 * every uncaught error again, so that Node prints the minified module in place of where the
 * error was.
 */
async function withoutProcessListeners<T>(start: () => Promise<T>): Promise<T> {
  const events = ['uncaughtException', 'unhandledRejection'];
  const before = events.map((event) => process.rawListeners(event));
  try {
    return await start();
  } finally {
    for (const [i, event] of events.entries()) {
      for (const listener of process.rawListeners(event)) {
        if (!before[i]!.includes(listener)) process.off(event, listener as () => void);
      }
    }
  }
}
