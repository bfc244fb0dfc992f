import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import path from 'node:path';

import * as wasm from '@tensorflow/tfjs-backend-wasm';

import { tf } from '../../../src/engine/tf.ts';
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

const file = path.resolve(import.meta.dirname, '../../../src/engine/wasm/backend.ts');

/** Runs a program in a process of its own. */
function execute(lines: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  const program = [
    "import * as tf from '@tensorflow/tfjs';",
    `import { startWasm } from ${JSON.stringify(pathToFileURL(file).href)};`,
    ...lines,
  ].join('\n');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', import.meta.resolve('tsx'), '--input-type=module', '--eval', program],
    { encoding: 'utf8', cwd: import.meta.dirname },
  );
  return { status, stdout, stderr };
}

test('starts quietly from any folder', () => {
  const result = execute([
    'await startWasm();',
    // Goes through the JavaScript backend, which would greet.
    "tf.einsum('ij->ji', tf.ones([2, 3])).dataSync();",
    'console.log(tf.getBackend());',
  ]);
  assert.deepEqual(result, { status: 0, stdout: 'wasm\n', stderr: '' });
});

test('leaves uncaught errors to Node', () => {
  const { status, stderr } = execute(['await startWasm();', "throw new Error('a mistake of the program');"]);
  assert.equal(status, 1);
  assert.match(stderr, /Error: a mistake of the program/);
  assert.ok(stderr.length < 5000, `${stderr.length} characters`);
});
