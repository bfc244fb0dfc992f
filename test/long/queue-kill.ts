/**
 * Forty short runs on a queue whose workers are killed again and again and whose server is killed once. Run by
 * `npm run test:long`.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { createStream } from '../../src/engine/index.ts';
import { readAttempts, runStudy } from '../../src/experiments/index.ts';
import { parseQueueUrl, runOnQueue } from '../../src/experiments/queue/index.ts';
import { NO_REDIS, startRedis } from '../support/redisServer.ts';
import { recordsOf, tinyRuns } from '../support/tinyStudy.ts';
import { writeTinyCifar } from '../support/tinyCifar.ts';
import { dyingWorkers } from '../support/workers.ts';

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
      ...{ runs, dataFolder },
      executor: (options) => runOnQueue({ ...options, address: parseQueueUrl(redis.url, 'test') }),
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
