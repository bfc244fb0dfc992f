import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

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
