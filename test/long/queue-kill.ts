/**
 * Forty short runs on a queue whose workers are killed again and again and whose server is killed once; then a study on real
 * CIFAR-10 three ways. Run by `npm run test:long`.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { projectRoot } from '../../src/data/index.ts';
import { createStream } from '../../src/engine/index.ts';
import {
  defineStudy,
  readAttempts,
  runStudy,
  studyRuns,
  type Executor,
  type StudyRun,
} from '../../src/experiments/index.ts';
import { parseQueueUrl, runOnQueue } from '../../src/experiments/queue/index.ts';
import { studyRecords, textReport } from '../../src/report/index.ts';
import { NO_REDIS, startRedis, type TestRedis } from '../support/redisServer.ts';
import { recordsOf, tinyRuns } from '../support/tinyStudy.ts';
import { writeTinyCifar } from '../support/tinyCifar.ts';
import { dyingWorkers } from '../support/workers.ts';

const onQueue =
  (redis: TestRedis): Executor =>
  (options) =>
    runOnQueue({ ...options, address: parseQueueUrl(redis.url, 'test') });

test(
  '40 runs, three workers that die every few seconds, a server that dies once',
  { skip: NO_REDIS },
  async (t) => {
    const root = mkdtempSync(path.join(os.tmpdir(), 'msl-queue-kill-'));
    const redis = await startRedis();
    const dataFolder = path.join(root, 'data');
    writeTinyCifar(dataFolder);
    const seeds = Array.from({ length: 20 }, (_, i) => i + 1);
    const runs = tinyRuns(path.join(root, 'queue'), seeds, ['epochs=150']);
    const alone = tinyRuns(path.join(root, 'alone'), seeds, ['epochs=150']);
    const random = createStream(1, 'kills');
    const workers = dyingWorkers({
      ...{ url: redis.url, dataFolder, workers: 3, kills: 30 },
      folder: (n) => path.join(root, 'workers', String(n)),
      delay: () => 2000 + 8000 * random.next(),
    });
    t.after(async () => {
      await workers.stop();
      await redis.stop();
      rmSync(root, { recursive: true });
    });
    const collected: string[] = [];
    await runStudy({
      ...{ runs, executor: onQueue(redis) },
      onRun: (run) => {
        collected.push(run.folder);
        if (collected.length === 10) void redis.restart();
      },
    });
    assert.deepEqual([...new Set(collected)].sort(), runs.map(({ folder }) => folder).sort());
    assert.equal(collected.length, 40, 'none twice');
    const attempts = runs.map(({ folder }) => readAttempts(folder));
    for (const own of attempts) {
      assert.ok(
        own.every(({ how }, i) => (i === 0 ? how !== 'resumed' : how === 'resumed')),
        JSON.stringify(own),
      );
    }
    await runStudy({ runs: alone, dataFolder });
    for (const [i, { folder }] of runs.entries()) {
      assert.deepEqual(recordsOf(folder), recordsOf(alone[i]!.folder));
    }
    const count = (how: string) => attempts.flat().filter((attempt) => attempt.how === how).length;
    t.diagnostic(
      `${workers.killed()} kills; ${count('resumed')} times a run was resumed, ${count('restarted')} times it was begun anew, ` +
        'its worker having died before the first checkpoint',
    );
  },
);

const cifar = existsSync(path.join(projectRoot(), 'data', 'cifar10'));
const skip = NO_REDIS || (cifar ? false : 'CIFAR-10 is not in data/');

test('two arms and six seeds on CIFAR-10, three ways: the same table', { skip }, async (t) => {
  const root = mkdtempSync(path.join(os.tmpdir(), 'msl-three-ways-'));
  const redis = await startRedis();
  const study = defineStudy({
    name: 'three-ways',
    base: { split: { train: 1000, validation: 500 }, loss: { msl: { weight: 0.1 } }, epochs: 2 },
    arms: [
      { name: 'ce', title: 'CE', set: ['loss.msl=null'] },
      { name: 'msl', title: 'CE + MSL' },
    ],
    seeds: [1, 2, 3, 4, 5, 6],
  });
  const runsIn = (way: string): StudyRun[] => studyRuns(study, 'full', path.join(root, way));
  /** The whole report, but for the time that it took. */
  const table = async (runs: readonly StudyRun[]): Promise<string> => {
    const records = studyRecords({ study, profile: 'full', runs, classes: [] });
    assert.equal(records.runs.length, 12);
    return await textReport({
      ...records,
      runs: records.runs.map((run) => ({
        ...run,
        summary: { ...run.summary, timing: { ...run.summary.timing, seconds: 1, imagesPerSecond: 1 } },
      })),
    });
  };
  await runStudy({ runs: runsIn('alone') });
  await runStudy({ runs: runsIn('parallel'), workers: 2 });
  const random = createStream(2, 'kills');
  const workers = dyingWorkers({
    ...{ url: redis.url, workers: 2, kills: 4 },
    folder: (n) => path.join(root, 'workers', String(n)),
    delay: () => 5000 + 10_000 * random.next(),
  });
  t.after(async () => {
    await workers.stop();
    await redis.stop();
    rmSync(root, { recursive: true });
  });
  await runStudy({ runs: runsIn('queue'), executor: onQueue(redis) });
  const alone = await table(runsIn('alone'));
  assert.equal(await table(runsIn('parallel')), alone);
  assert.equal(await table(runsIn('queue')), alone);
  t.diagnostic(`${workers.killed()} kills\n${alone}`);
});
