/**
 * A study on real CIFAR-10 in one process, in two at a time, and on a queue whose workers are killed. Run by
 * `npm run test:long`.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { projectRoot } from '../../src/data/index.ts';
import { createStream } from '../../src/engine/index.ts';
import { defineStudy, runStudy, studyRuns, type StudyRun } from '../../src/experiments/index.ts';
import { parseQueueUrl, runOnQueue } from '../../src/experiments/queue/index.ts';
import { markdownReport, studyRecords } from '../../src/report/index.ts';
import { NO_REDIS, startRedis } from '../support/redisServer.ts';
import { dyingWorkers } from '../support/workers.ts';

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
  const table = (runs: readonly StudyRun[]): string => {
    const records = studyRecords({ study, profile: 'full', runs });
    assert.equal(records.runs.length, 12);
    return markdownReport(records, { ofMachine: false });
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
  await runStudy({
    runs: runsIn('queue'),
    executor: (options) => runOnQueue({ ...options, address: parseQueueUrl(redis.url, 'test') }),
  });
  const alone = table(runsIn('alone'));
  assert.equal(table(runsIn('parallel')), alone);
  assert.equal(table(runsIn('queue')), alone);
  t.diagnostic(`${workers.killed()} kills\n${alone}`);
});
