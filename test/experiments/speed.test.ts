import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';

import { expectedTime, networkOf, speedsIn, type Speeds } from '../../src/experiments/index.ts';
import { tinyRuns } from '../support/tinyStudy.ts';

describe('how long runs take', () => {
  const root = mkdtempSync(path.join(os.tmpdir(), 'msl-speed-'));
  after(() => {
    rmSync(root, { recursive: true });
  });

  test('is said of an arm by its own complete runs; where it has none, by those of the others', async () => {
    const never: Speeds = { of: () => assert.fail('measured') };
    const runs = tinyRuns(path.join(root, 'runs'), [1, 2, 3]);
    const complete = (arm: string, seed: number, seconds: number) => {
      const { folder } = runs.find((run) => run.arm.name === arm && run.seed === seed)!;
      mkdirSync(folder, { recursive: true });
      const summary = {
        ...{ schemaVersion: 1, status: 'finished', epochs: 1, parameters: 1, taps: {} },
        selection: { rule: 'last', epoch: 1 },
        test: { n: 1, error: 0, crossEntropy: 0 },
        train: { n: 1, accuracy: 1, crossEntropy: 0, gradientNormLogits: 0 },
        timing: { startedAt: '', finishedAt: '', seconds, imagesPerSecond: 1 },
      };
      writeFileSync(path.join(folder, 'summary.json'), JSON.stringify(summary));
    };
    complete('ce', 1, 10);
    complete('ce', 2, 20);
    // One run of ce and three of msl are missing, all of them as long as those of ce.
    assert.deepEqual(await expectedTime(runs, never), {
      runs: 6,
      complete: 2,
      seconds: 4 * 15,
      how: 'recorded',
    });
    complete('msl', 1, 100);
    const { seconds } = await expectedTime(runs, never);
    assert.equal(seconds, 15 + 2 * 100);
  });

  test('is measured once; a damaged file is written anew, and processes add to what others measured', async () => {
    const file = path.join(root, 'speeds.json');
    writeFileSync(file, '{"0123": {"netw');
    const measured: number[] = [];
    /** The speed at a batch size, which is all that differs here. */
    const speedAt = (batchSize: number, speeds?: Speeds) => {
      const { specification } = tinyRuns(root, [1], [`batchSize=${batchSize}`])[0]!;
      const train = { height: 32, width: 32, channels: 3, classes: { length: 10 } };
      const here = speeds ?? speedsIn(file, () => measured.push(batchSize));
      return here.of(specification, networkOf(specification, { train }));
    };
    const opened = speedsIn(file);
    const first = await speedAt(2);
    // Opened before the first was measured, it does not know of it, and keeps it.
    await speedAt(4, opened);
    assert.deepEqual([await speedAt(2), (await speedAt(4)).how], [first, 'measured']);
    assert.deepEqual(measured, [2]);
    // What is no entry is measured again; the others stay.
    const [two, four] = Object.entries(JSON.parse(readFileSync(file, 'utf8')) as object);
    writeFileSync(file, JSON.stringify(Object.fromEntries([[two![0], null], four!])));
    await speedAt(4);
    await speedAt(2);
    assert.deepEqual(measured, [2, 2]);
  });

  test('of a large network is estimated from one that was measured here alike, not from a larger one elsewhere', async () => {
    const file = path.join(root, 'estimated.json');
    const speedOf = (widths: string) => {
      const { specification } = tinyRuns(root, [1], ['batchSize=2', `network.widths=${widths}`])[0]!;
      const train = { height: 32, width: 32, channels: 3, classes: { length: 10 } };
      return speedsIn(file).of(specification, networkOf(specification, { train }));
    };
    await speedOf('[32,64]');
    const kept = JSON.parse(readFileSync(file, 'utf8')) as Record<string, { multiplyAdds: number }>;
    const [key, entry] = Object.entries(kept)[0]!;
    const here = await speedOf('[256,512]');
    assert.equal(here.how, 'estimated');
    const elsewhere = { ...entry, multiplyAdds: 10 * entry.multiplyAdds, setup: 'another machine' };
    writeFileSync(file, JSON.stringify({ [key]: entry, elsewhere }));
    assert.deepEqual(await speedOf('[256,512]'), here);
    // Better than nothing, where there is none of this machine.
    writeFileSync(file, JSON.stringify({ elsewhere }));
    const other = (await speedOf('[256,512]')).imagesPerSecond / here.imagesPerSecond;
    assert.ok(Math.abs(other - 10) < 1e-9, `${other}`);
  });
});
