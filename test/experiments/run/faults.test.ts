import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { loadEngine } from '../../../src/engine/index.ts';
import {
  describeEnvironment,
  parseSpecification,
  RunFolder,
  runExperiment,
} from '../../../src/experiments/index.ts';
import { checkpointEpochs } from '../../../src/training/index.ts';
import { writeTinyCifar } from '../../support/tinyCifar.ts';

describe('faults of the machine', () => {
  let root: string;
  before(async () => {
    await loadEngine();
    root = mkdtempSync(path.join(os.tmpdir(), 'msl-faults-'));
    // For another user.
    chmodSync(root, 0o755);
    writeTinyCifar(path.join(root, 'data'));
  });
  after(() => {
    rmSync(root, { recursive: true });
  });

  const specification = parseSpecification(
    {
      split: { train: 120, validation: 40 },
      network: { widths: [4, 8], convolutions: 1 },
      epochs: 6,
      batchSize: 20,
    },
    'test',
  );
  const run = (folder: string, onEpoch: (epoch: number) => void = () => undefined) =>
    runExperiment({
      ...{ specification, folder, dataFolder: path.join(root, 'data') },
      onEpoch: ({ epoch }) => {
        onEpoch(epoch);
      },
    });
  const result = (folder: string) => {
    const records = new RunFolder(folder);
    const [last] = checkpointEpochs(records.checkpoints);
    return {
      epochs: records.epochs().map((record) => ({ ...record, timing: undefined })),
      summary: { ...records.summary(), timing: undefined },
      weights: readFileSync(path.join(records.checkpoints, `epoch-${last}.safetensors`), 'base64'),
    };
  };

  test('what fails at the start of a run leaves its folder free', async () => {
    const folder = path.join(root, 'start');
    // A folder in the place of a record, as it cannot be read, stands for a disk that it cannot be written to.
    const obstacle = path.join(folder, 'environment.json');
    mkdirSync(obstacle, { recursive: true });
    const records = new RunFolder(folder);
    const environment = describeEnvironment(await loadEngine(), 'float32');
    assert.throws(() => records.claim(specification, environment), /EISDIR|environment\.json/);
    assert.equal(records.owner(), undefined);
    rmSync(obstacle, { recursive: true });
    const dataFolder = path.join(root, 'data');
    // As many threads as no array can hold.
    await assert.rejects(
      runExperiment({ specification, folder, dataFolder, batchWorkers: Infinity }),
      RangeError,
    );
    assert.equal(records.owner(), undefined);
    records.claim(specification, environment).release(true);
  });

  test('a full disk: what was recorded stays, and the run goes on when there is room', async (t) => {
    const disk = path.join(root, 'disk');
    mkdirSync(disk);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', disk], { stdio: 'ignore' });
    } catch {
      t.skip('no file system can be mounted here');
      return;
    }
    try {
      const filler = path.join(disk, 'filler');
      const folder = path.join(disk, 'run');
      await assert.rejects(
        run(folder, (epoch) => {
          if (epoch !== 3) return;
          const { bavail, bsize } = statfsSync(disk);
          writeFileSync(filler, Buffer.alloc(bavail * bsize));
        }),
        { code: 'ENOSPC' },
      );
      // The line of the next epoch may be there in part; those before are whole, and so is a checkpoint of theirs.
      assert.ok(new RunFolder(folder).epochs().length >= 3);
      assert.equal(checkpointEpochs(path.join(folder, 'checkpoint'))[0], 3);
      rmSync(filler);
      await run(folder);
      await run(path.join(root, 'whole'));
      assert.deepEqual(result(folder), result(path.join(root, 'whole')));
    } finally {
      execFileSync('umount', ['-l', disk]);
    }
  });

  test('a folder that cannot be made or written to: the system says why', async () => {
    const file = path.join(root, 'file');
    writeFileSync(file, '');
    await assert.rejects(run(path.join(file, 'run')), { code: 'EEXIST', path: file });
    const closed = path.join(root, 'closed');
    mkdirSync(closed, { mode: 0o555 });
    // Root may write anywhere.
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) process.seteuid?.(65534);
    try {
      await assert.rejects(run(path.join(closed, 'run')), { code: 'EACCES' });
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
    assert.ok(!existsSync(path.join(closed, 'run')));
  });

  test('a clock that goes backwards changes times of day alone', async (t) => {
    let now = Date.parse('2026-01-02T00:00:00Z');
    t.mock.timers.enable({ apis: ['Date'], now });
    const folder = path.join(root, 'clock');
    const summary = await run(folder, () => {
      t.mock.timers.setTime((now -= 3_600_000));
    });
    assert.ok(summary.timing.seconds > 0);
    const epochs = new RunFolder(folder).epochs();
    assert.ok(epochs[1]!.timing.finishedAt! < epochs[0]!.timing.finishedAt!, 'it went backwards');
    for (const { timing } of epochs) assert.ok(timing.seconds > 0 && timing.imagesPerSecond > 0);
    const whole = path.join(root, 'whole');
    if (!existsSync(whole)) await run(whole);
    assert.deepEqual(result(folder), result(whole));
  });
});
