import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const NATIVE = fileURLToPath(new URL('../../../src/kernel/execution/native.ts', import.meta.url));

test(
  'without a folder for temporary files the kernel starts, and says what it lacks',
  { skip: process.platform === 'win32' && 'streams are not redirected there' },
  () => {
    const script = `
    import { redirectStreams } from ${JSON.stringify(NATIVE)};
    process.env.TMPDIR = '/dev/null/none';
    console.log(JSON.stringify(redirectStreams()));
  `;
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '--eval', script],
      { encoding: 'utf8' },
    );
    assert.equal(stdout, '{}\n', stderr);
    assert.match(stderr, /is not shown in the notebook: .*mkdtemp '\/dev\/null\/none.*TMPDIR\.\n$/);
    assert.equal(status, 0);
  },
);
