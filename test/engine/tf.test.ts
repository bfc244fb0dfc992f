import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { test } from 'node:test';

import * as tfjs from '@tensorflow/tfjs';

import { tf } from '../../src/engine/tf.ts';

test('tf is the TensorFlow.js that whoever imports the package has', () => {
  assert.equal(tf.Tensor, tfjs.Tensor);
  assert.equal(tf.engine(), tfjs.engine());
});

test('importing the library loads no TensorFlow.js; its first use does', () => {
  const source = new URL('../../src/', import.meta.url);
  const folders = readdirSync(source).filter((folder) => existsSync(new URL(`${folder}/index.ts`, source)));
  assert.ok(folders.includes('engine') && folders.includes('report'));
  const program = `
    import { createRequire } from 'node:module';
    const { cache } = createRequire(import.meta.url);
    const isLoaded = () => Object.keys(cache).some((file) => file.includes('tfjs'));
    const found = {};
    for (const folder of ${JSON.stringify(folders)}) {
      await import('${source.href}' + folder + '/index.ts');
      found[folder] = isLoaded();
    }
    const { tf } = await import('${source.href}engine/tf.ts');
    found.used = tf.version_core !== undefined && isLoaded();
    console.log(JSON.stringify(found));`;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '--eval', program],
    { encoding: 'utf8' },
  );
  assert.equal(stderr, '');
  const { used, ...imported } = JSON.parse(stdout) as Record<string, boolean>;
  assert.deepEqual(
    Object.keys(imported).filter((folder) => imported[folder]),
    [],
  );
  assert.equal(used, true);
});
