import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { epochNumbers } from '../../src/cli/epochNumbers.ts';
import { readTime } from '../../src/cli/maxTime.ts';
import { engineUnderTest } from '../support/engine.ts';
import { trainTinyRun } from '../support/trainedRun.ts';

const bin = fileURLToPath(new URL('../../bin/msl', import.meta.url));

describe('msl and runs', () => {
  let root: string;
  before(async () => {
    await engineUnderTest();
    root = mkdtempSync(path.join(os.tmpdir(), 'msl-cli-runs-'));
    await trainTinyRun(root, 'ce/seed-1-0123abcd');
    writeFileSync(
      path.join(root, 'tiny.yaml'),
      'split: { train: 120, validation: 40 }\nnetwork: { widths: [4, 8] }\nepochs: 5000\nbatchSize: 20\n',
    );
  });
  after(() => {
    rmSync(root, { recursive: true, maxRetries: 5 });
  });

  const msl = (
    args: readonly string[],
    onErr: (kill: (signal: NodeJS.Signals) => void) => void = () => undefined,
  ): Promise<{ status: number | null; out: string; err: string }> =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [bin, ...args], {
        cwd: root,
        env: { ...process.env, MSL_DATA: path.join(root, 'data'), MSL_RUNS: path.join(root, 'runs') },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let out = '';
      let err = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        err += text;
        onErr((signal) => child.kill(signal));
      });
      child.on('error', reject).on('close', (status) => {
        resolve({ status, out, err });
      });
    });

  test('evaluate: said plainly to be of the test images again, and nothing else on standard output', async () => {
    const { status, out, err } = await msl(['evaluate', '0123', '--json']);
    assert.equal(status, 0, err);
    const { n, testImagesAgain } = JSON.parse(out) as { n: number; testImagesAgain: boolean };
    assert.deepEqual([n, testImagesAgain], [60, true]);
    assert.match(err, /These are the test images that the run's result is of, looked at again/);
    const table = await msl(['evaluate', 'ce/seed-1-0123abcd', '--part', 'validation']);
    assert.match(table.out, /error +\d+\.\d+ % \(95 % by the number of images: .* to .* %\)/);
    assert.match(table.out, /calibration error +[\d.]+ % \(ECE, 15 bins; of equally many images: [\d.]+ %\)/);
    assert.match(table.out, /confidence +[\d.]+ % on average, [\d.]+ points (above|below) the accuracy/);
    assert.match(table.out, /\n[\d.]+ to [\d.]+ % +\d+ +[\d.]+ % +[\d.]+ %\n/);
    assert.match(table.out, /airplane +\d+ +[\d.]+ % +/);
    assert.match(table.out, /class \\ taken for +airplane +automobile/);
    assert.doesNotMatch(table.err, /looked at again/);
  });

  test('runs list, compare, rm; clean; and names that are wrong', async () => {
    const list = JSON.parse((await msl(['runs', 'list', '--json'])).out) as { id: string }[];
    assert.deepEqual(
      list.map(({ id }) => id),
      ['ce/seed-1-0123abcd'],
    );
    const same = await msl(['runs', 'compare', '0123', 'seed-1']);
    assert.match(same.out, /specification: the same\n\nmachine: the same/);
    assert.match(same.out, /The results are the same to the last bit\./);
    for (const [args, expected, said] of [
      [['runs', 'rm', '0132abcd'], 2, /Did you mean '0123abcd'\?/],
      [['evaluate', '0123', '--part', 'trian'], 2, /no part 'trian'.*Did you mean 'train'/],
      [['predict', '0123', 'none.png'], 2, /'none\.png' cannot be read/],
      [['runs', 'rm', '0123'], 1, /is finished; give --force to remove it\. Nothing was removed\./],
      [['train', 'tiny.yaml', '--max-time', 'soon'], 2, /Write a time such as 90s/],
    ] as const) {
      const { status, out, err } = await msl(args);
      assert.deepEqual([status, out], [expected, ''], `${args.join(' ')}: ${err}`);
      assert.match(err, said);
      assert.doesNotMatch(err, /\n +at /);
    }
    const clean = await msl(['clean', '--dry-run', '--json']);
    assert.deepEqual(JSON.parse(clean.out), { removed: false, bytes: 0, items: [] });
    assert.ok(existsSync(path.join(root, 'runs', 'ce', 'seed-1-0123abcd', 'summary.json')));
  });

  test('runs keep: a small copy that is evaluated, and not trained; --keep-epochs', async () => {
    const keep = await msl(['runs', 'keep', '0123', 'kept', '--json']);
    assert.equal(keep.status, 0, keep.err);
    const { folder, epochs } = JSON.parse(keep.out) as { folder: string; epochs: number[] };
    assert.deepEqual([path.basename(folder), epochs], ['kept', [2]]);
    const spec = path.join('kept', 'spec.json');
    for (const [args, expected, said] of [
      [['runs', 'keep', '0123', 'kept'], 1, /kept is not empty/],
      [['runs', 'keep', '0123', 'tiny.yaml'], 1, /tiny\.yaml is a file, or lies below one, where a folder/],
      [['train', spec, '--out', 'kept', '--resume'], 1, /kept is a run that was kept/],
      [['train', spec, '--keep-epochs', 'none'], 2, /a whole number from 1 \(5: every fifth\)/],
      [['train', spec, '--keep-epochs', '0,3'], 2, /--keep-epochs names epoch 3, but the run has 2/],
    ] as const) {
      const { status, out, err } = await msl(args);
      assert.deepEqual([status, out], [expected, ''], `${args.join(' ')}: ${err}`);
      assert.match(err, said);
    }
    assert.deepEqual(epochNumbers('5')(12), [0, 5, 10, 12]);
    assert.deepEqual(epochNumbers('5,0,1')(5), [0, 1, 5]);
  });

  test('runs list says why a run cannot be read', async () => {
    const broken = path.join(root, 'runs', 'ce', 'seed-2-00000000');
    mkdirSync(broken);
    writeFileSync(path.join(broken, 'spec.json'), '{');
    const { status, out, err } = await msl(['runs', 'list']);
    rmSync(broken, { recursive: true });
    assert.equal(status, 0, err);
    assert.match(out, /^ce\/seed-2-00000000 +unreadable/m);
    assert.match(err, /seed-2-00000000\/spec\.json is damaged/);
  });

  test('--print shows the specification, and trains nothing', async () => {
    const { status, out } = await msl(['train', 'tiny.yaml', '--set', 'seed=4', '--print', '--json']);
    assert.equal(status, 0);
    const { hash, specification } = JSON.parse(out) as { hash: string; specification: { seed: number } };
    assert.match(hash, /^[0-9a-f]{64}$/);
    assert.equal(specification.seed, 4);
    assert.ok(!existsSync(path.join(root, 'runs', 'train')));
  });

  test('--max-time stops with 130, and what was recorded stays', async () => {
    const { status, out, err } = await msl(['train', 'tiny.yaml', '--out', 'timed', '--max-time', '6s']);
    assert.deepEqual([status, out], [130, ''], err);
    assert.match(err, /Stopped, as the time of --max-time is up\. What is recorded stays/);
    assert.ok(!existsSync(path.join(root, 'timed', 'owner')), 'the folder is free');
    assert.ok(!existsSync(path.join(root, 'timed', 'summary.json')));
  });

  test('a second Ctrl-C ends at once, and what was recorded stays', async () => {
    const metrics = path.join(root, 'twice', 'metrics.jsonl');
    const lines = () => (existsSync(metrics) ? readFileSync(metrics, 'utf8').split('\n').length - 1 : 0);
    let timer: NodeJS.Timeout | undefined;
    const args = ['train', 'tiny.yaml', '--out', 'twice'];
    const { status } = await msl(args, (kill) => {
      timer ??= setInterval(() => {
        if (lines() < 2) return;
        clearInterval(timer);
        kill('SIGINT');
        kill('SIGINT');
      }, 20);
    });
    clearInterval(timer);
    assert.equal(status, 130);
    const recorded = lines();
    assert.ok(recorded >= 2);
    const again = await msl([...args, '--resume', '--max-time', '1s']);
    assert.equal(again.status, 130, again.err);
    assert.ok(
      lines() >= recorded - 1,
      'at most the epoch whose checkpoint was not yet written is made again',
    );
  });

  test('lengths of time', () => {
    assert.deepEqual(
      ['90s', '10m', '1h30m', '2h', '1d', '0.5m'].map(readTime),
      [90, 600, 5400, 7200, 86_400, 30],
    );
    for (const wrong of ['', '10', 'm', '10x', '1h 30m', '-5s', '0s'])
      assert.throws(() => readTime(wrong), wrong);
  });
});
