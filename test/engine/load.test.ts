import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

import { loadEngine, vectorInstructions } from '../../src/engine/index.ts';

const source = new URL('../../src/engine/index.ts', import.meta.url).href;

test('where an engine could not be loaded, another one can be', () => {
  // A process of its own, in which TensorFlow's addon is not there.
  const code = `
    import fs from 'node:fs';
    import { syncBuiltinESMExports } from 'node:module';
    const { existsSync } = fs;
    fs.existsSync = (file) => !String(file).endsWith('tfjs_binding.node') && existsSync(file);
    syncBuiltinESMExports();
    const { loadEngine } = await import(${JSON.stringify(source)});
    await loadEngine({ engine: 'tensorflow' }).catch((error) => console.log(error.message));
    console.log((await loadEngine({ engine: 'wasm' })).name);`;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '-e', code],
    { encoding: 'utf8', env: { ...process.env, MSL_ENGINE: '' } },
  );
  assert.match(stdout, /^TensorFlow cannot be used: it is not set up; .*\nwasm\n$/, stderr);
});

test('TensorFlow computes without a warning, on versions of Node that warn of what tfjs-node calls as well', async (t) => {
  if ((await loadEngine()).name !== 'tensorflow') {
    t.skip('for TensorFlow');
    return;
  }
  const code = `
    import * as tf from '@tensorflow/tfjs';
    const { loadEngine } = await import(${JSON.stringify(source)});
    await loadEngine({ engine: 'tensorflow' });
    tf.concat(tf.split(tf.ones([4, 2]), 2)).dataSync();`;
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '--pending-deprecation', '-e', code],
    { encoding: 'utf8' },
  );
  assert.equal(status, 0, stderr);
  assert.doesNotMatch(stderr, /util\.is/);
});

test('TensorFlow convolves with oneDNN where there is AVX2 and nobody says otherwise, and the engine says so', async (t) => {
  if ((await loadEngine()).name !== 'tensorflow' || process.arch !== 'x64') {
    t.skip('for TensorFlow on x64');
    return;
  }
  const code = `
    import * as tf from '@tensorflow/tfjs';
    const { loadEngine } = await import(${JSON.stringify(source)});
    const { oneDnn } = await loadEngine({ engine: 'tensorflow' });
    tf.conv2d(tf.ones([4, 16, 16, 16]), tf.ones([3, 3, 16, 16]), 1, 'same').dataSync();
    console.log('oneDnn', oneDnn);`;
  const outputOf = (set: string | undefined): string =>
    spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], {
      encoding: 'utf8',
      env: { ...process.env, TF_ENABLE_ONEDNN_OPTS: set, ONEDNN_VERBOSE: '1' },
    }).stdout;
  const hasAvx2 = vectorInstructions()?.includes('avx2') ?? false;
  for (const set of ['1', ...(hasAvx2 ? [undefined] : [])]) {
    const on = outputOf(set);
    assert.match(on, /oneDnn true/);
    assert.match(on, /^onednn_verbose,.*,cpu,convolution,/m);
  }
  const off = outputOf('0');
  assert.match(off, /oneDnn false/);
  assert.doesNotMatch(off, /,cpu,convolution,/);
  if (!hasAvx2) assert.match(outputOf(undefined), /oneDnn undefined/);
});
