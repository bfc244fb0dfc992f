import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { loadEngine } from '../../src/engine/index.ts';
import { trainTinyRun } from '../support/trainedRun.ts';

const bin = fileURLToPath(new URL('../../bin/msl', import.meta.url));

describe('msl export', async () => {
  const engine = await loadEngine();
  let root: string;
  let run: string;
  before(async () => {
    root = mkdtempSync(path.join(os.tmpdir(), 'msl-cli-export-'));
    run = path.relative(root, await trainTinyRun(root, 'tiny/ce/seed-1'));
  });
  after(() => {
    rmSync(root, { recursive: true });
  });
  const msl = (...args: string[]) =>
    spawnSync(process.execPath, [bin, 'export', ...args], {
      cwd: root,
      encoding: 'utf8',
      env: {
        ...process.env,
        MSL_DATA: path.join(root, 'no data is needed'),
        MSL_RUNS: path.join(root, 'runs'),
      },
    });

  test('--help has examples', () => {
    const { status, stdout } = msl('--help');
    assert.equal(status, 0);
    assert.match(stdout, /Examples:\n +\$ msl export .*--format savedmodel/);
  });

  test('wrong usage ends with 2 and names what would be right', () => {
    const cases: [string[], RegExp][] = [
      [['--format', 'tfjs', '--out', 'x'], /missing required argument 'run'/],
      [[run, '--out', 'x'], /required option '--format/],
      [[run, '--format', 'tfjs'], /required option '--out/],
      [
        [run, '--format', 'savemodel', '--out', 'x'],
        /no export format 'savemodel'\. Did you mean 'savedmodel'/,
      ],
      [[run, '--format', 'tfsj', '--out', 'x'], /Did you mean 'tfjs'/],
      [['runs/nowhere', '--format', 'tfjs', '--out', 'x'], /There is no run 'runs\/nowhere'/],
    ];
    for (const [args, expected] of cases) {
      const { status, stdout, stderr } = msl(...args);
      assert.equal(status, 2, `${args.join(' ')}: ${stderr}`);
      assert.match(stderr, expected);
      assert.doesNotMatch(stderr, /\n +at /, 'no stack trace');
      assert.equal(stdout, '');
    }
    assert.ok(!existsSync(path.join(root, 'x')));
  });

  test('without TensorFlow it says what to do', () => {
    const { status, stderr } = spawnSync(
      process.execPath,
      [bin, 'export', run, '--format', 'tfjs', '--out', 'x'],
      { cwd: root, encoding: 'utf8', env: { ...process.env, MSL_ENGINE: 'cpu' } },
    );
    assert.equal(status, 1);
    assert.match(stderr, /A graph is written by TensorFlow, but this process runs on the engine 'cpu'/);
  });

  test('writes the model; a second time only with --force; --json prints one document', (t) => {
    if (engine.name !== 'tensorflow') {
      t.skip(`the engine ${engine.name} has no graphs`);
      return;
    }
    const first = msl(run, '--format', 'savedmodel', '--out', 'model');
    assert.equal(first.status, 0, first.stderr);
    assert.match(first.stdout, /model +model \(\d+\.\d+ MB: saved_model\.pb/);
    assert.match(first.stdout, /run +tiny\/ce\/seed-1, epoch 2/);
    assert.match(first.stdout, /features_stage2 \[batch, 8\] float32/);
    assert.equal(first.stderr, '');
    const second = msl(run, '--format', 'tfjs', '--out', 'model');
    assert.equal(second.status, 1);
    assert.match(second.stderr, /model holds an export already\. Replace it with --force/);
    const forced = msl(run, '--format', 'tfjs', '--out', 'model', '--force', '--json');
    assert.equal(forced.status, 0, forced.stderr);
    const result = JSON.parse(forced.stdout) as {
      format: string;
      folder: string;
      files: { name: string }[];
      largestDifference: number;
      run: { id: string };
    };
    assert.equal(result.format, 'tfjs');
    assert.equal(result.run.id, 'tiny/ce/seed-1');
    assert.ok(result.largestDifference < 1e-5);
    for (const { name } of result.files) assert.ok(existsSync(path.join(result.folder, name)), name);
  });
});
