import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { loadEngine } from '../../src/engine/index.ts';
import type { RunReport } from '../../src/analysis/index.ts';
import { trainTinyRun } from '../support/trainedRun.ts';

const bin = fileURLToPath(new URL('../../bin/msl', import.meta.url));

describe('msl measure', () => {
  let root: string;
  let run: string;
  before(async () => {
    await loadEngine();
    root = mkdtempSync(path.join(os.tmpdir(), 'msl-cli-measure-'));
    run = path.relative(root, await trainTinyRun(root, 'tiny/msl/seed-1'));
  });
  after(() => {
    rmSync(root, { recursive: true });
  });
  const msl = (...args: string[]) =>
    spawnSync(process.execPath, [bin, 'measure', ...args], {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, MSL_DATA: path.join(root, 'data'), MSL_RUNS: path.join(root, 'runs') },
    });

  test('prints tables; --out writes every number', () => {
    const { status, stdout, stderr } = msl(run, '--taps', 'stage2', '--out', 'all.csv');
    assert.equal(status, 0, stderr);
    assert.match(stdout, /Measures of the taps\n/);
    assert.match(stdout, /│ between\/within ratio +│ +[\d.,]+ │/);
    assert.match(stdout, /│ automobile +│/);
    assert.match(stdout.replaceAll('\n', ' '), /One network, seed 1: no claim/);
    assert.match(stderr, /Written: all\.csv/);
    const [header, ...lines] = readFileSync(path.join(root, 'all.csv'), 'utf8').trimEnd().split('\n');
    assert.equal(header, 'run,seed,split,n,tap,class,measure,value');
    assert.ok(lines.some((line) => /,1,test,\d+,stage2,,silhouette,-?\d/.test(line)));
    assert.ok(lines.some((line) => line.includes(',stage2,truck,knnAccuracy,')));
    assert.ok(lines.every((line) => line.split(',').length === 8));
  });

  test('--json prints one document; runs are named as in every command', () => {
    const { status, stdout, stderr } = msl(
      ...['msl/seed-1', '--with', 'tiny/msl/seed-1', '--limit', '30', '--split', 'validation', '--json'],
    );
    assert.equal(status, 0, stderr);
    const report = JSON.parse(stdout) as RunReport;
    assert.deepEqual([report.run, report.ckaWith?.run], [run, run]);
    assert.deepEqual([report.split, report.n, report.seed], ['validation', 30, 1]);
    assert.deepEqual(Object.keys(report.taps), ['stage1', 'stage2', 'penultimate']);
    assert.equal(typeof report.taps['stage1']!.measures.silhouette, 'number');
  });

  test('of too few images there are dashes, and words for what would be enough', () => {
    const { status, stdout, stderr } = msl(run, '--taps', 'stage2,penultimate', '--limit', '1');
    assert.equal(status, 0, stderr);
    for (const title of ['silhouette', 'between/within ratio', 'CDNV \\(0\\)', 'effective rank']) {
      assert.match(stdout, new RegExp(`│ ${title} +│ +– │ +– │`));
    }
    assert.match(stdout, /│ 5-NN accuracy \(%\) +│ +(100|0)\.00 │/);
    assert.match(
      stdout.replaceAll('\n', ' '),
      /Not defined: silhouette; .*more images than classes; these are 1 image of one class\./,
    );
    assert.doesNotMatch(stdout, /∞|NaN/);
  });

  test('wrong usage ends with 2 and names what would be right', () => {
    const cases: [string[], RegExp][] = [
      [[], /missing required argument 'run'/],
      [['runs/nowhere'], /There is no run 'runs\/nowhere'/],
      [[run, '--taps', 'stage22'], /no tap 'stage22'.*'stage2'/s],
    ];
    for (const [args, expected] of cases) {
      const { status, stdout, stderr } = msl(...args);
      assert.equal(status, 2, `${args.join(' ')}: ${stderr}`);
      assert.match(stderr, expected);
      assert.doesNotMatch(stderr, /\n +at /, 'no stack trace');
      assert.equal(stdout, '');
    }
  });
});
