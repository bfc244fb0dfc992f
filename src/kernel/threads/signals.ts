/**
 * A thread that waits for SIGINT: Node would hand the signal to the main thread, which cannot notice it while a
 * cell blocks it. A script that runs with `breakOnSigint` ends on every thread.
 */
import vm from 'node:vm';
import { workerData, type MessagePort } from 'node:worker_threads';

const { sockets } = workerData as { readonly sockets: MessagePort };

const wait = new vm.Script('Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)');
for (;;) {
  try {
    wait.runInThisContext({ breakOnSigint: true });
  } catch {
    sockets.postMessage('sigint');
  }
}
