import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import path from 'node:path';

import * as tf from '@tensorflow/tfjs';
import * as wasm from '@tensorflow/tfjs-backend-wasm';

import { startWasm } from '../../../src/engine/wasm/backend.ts';

test('starts with SIMD on one thread, and a second start changes nothing', async () => {
  await startWasm();
  assert.equal(tf.getBackend(), 'wasm');
  assert.equal(await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT'), true);
  assert.equal(wasm.getThreadsCount(), 1);
  const kernels = (): tf.KernelFunc[] => tf.getKernelsForBackend('wasm').map(({ kernelFunc }) => kernelFunc);
  const before = kernels();
  await startWasm();
  assert.deepEqual(kernels(), before);
});

test('starts quietly from any folder', () => {
  const file = path.resolve(import.meta.dirname, '../../../src/engine/wasm/backend.ts');
  const program = `
    import * as tf from '@tensorflow/tfjs';
    import { startWasm } from ${JSON.stringify(pathToFileURL(file).href)};
    await startWasm();
    // Goes through the JavaScript backend, which would greet.
    tf.einsum('ij->ji', tf.ones([2, 3])).dataSync();
    console.log(tf.getBackend());
  `;
  const loader = import.meta.resolve('tsx');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', loader, '--input-type=module', '--eval', program],
    { encoding: 'utf8', cwd: path.resolve(import.meta.dirname) },
  );
  assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: 'wasm\n', stderr: '' });
});
