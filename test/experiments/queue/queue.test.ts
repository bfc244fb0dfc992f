import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';

import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';

import { readAttempts, runStudy, specificationHash, taskOf } from '../../../src/experiments/index.ts';
import { parseQueueUrl, runOnQueue, startWorker as work } from '../../../src/experiments/queue/index.ts';
import { codeVersion } from '../../../src/experiments/queue/codeVersion.ts';
import { sendFiles } from '../../../src/experiments/queue/files.ts';
import { PROTOCOL, queueId, type QueuedRun } from '../../../src/experiments/queue/protocol.ts';
import { refusalOf } from '../../../src/experiments/queue/refusal.ts';
import { preload } from '../../support/preload.ts';
import { NO_REDIS, PASSWORD, startRedis, type TestRedis } from '../../support/redisServer.ts';
import { recordsOf, tinyRuns } from '../../support/tinyStudy.ts';
import { writeTinyCifar } from '../../support/tinyCifar.ts';
import { startTestWorker } from '../../support/workers.ts';

describe('runs on a queue', { skip: NO_REDIS }, () => {
  const root = mkdtempSync(path.join(os.tmpdir(), 'msl-queue-'));
  const dataFolder = path.join(root, 'data');
  const settings = ['epochs=30'];
  const alone = tinyRuns(path.join(root, 'alone'), [1, 2], settings);
  let redis: TestRedis;
  const workers: ChildProcess[] = [];
  before(async () => {
    writeTinyCifar(dataFolder);
    redis = await startRedis();
    await runStudy({ runs: alone, dataFolder });
  });
  after(async () => {
    for (const worker of workers) worker.kill('SIGKILL');
    await redis.stop();
    rmSync(root, { recursive: true });
  });
  const startWorker = (
    name: string,
    onLine?: (line: string) => void,
    { data = dataFolder, env = {} }: { data?: string; env?: NodeJS.ProcessEnv } = {},
  ) => {
    const folder = path.join(root, 'workers', name);
    const worker = startTestWorker({ url: redis.url, folder, dataFolder: data, env }, onLine);
    workers.push(worker);
    return worker;
  };

  test('a worker killed in the middle of a run, and a server that restarts: records as from one process', async () => {
    const runs = tinyRuns(path.join(root, 'collected'), [1, 2], settings);
    const notes: string[] = [];
    // The first worker dies with its first run, which holds still until then; only then is there a second one.
    const onLine = (line: string) => {
      if (line.includes('begun')) void killWhenAtWork(redis, first).then(() => startWorker('second'));
    };
    const first = startWorker('first', onLine, { env: preload({ file: 'holdRun.mjs', epoch: 2 }) });
    let restarted = false;
    await runStudy({
      ...{ runs, dataFolder },
      executor: (options) => runOnQueue({ ...options, address: parseQueueUrl(redis.url, 'test') }),
      onNote: (text) => notes.push(text),
      onRun: () => {
        if (restarted) return;
        restarted = true;
        void redis.restart();
      },
    });
    for (const [i, { folder }] of runs.entries()) {
      assert.deepEqual(recordsOf(folder), recordsOf(alone[i]!.folder));
    }
    const how = runs.map(({ folder }) => readAttempts(folder).map((attempt) => attempt.how));
    assert.deepEqual(how[0]!.slice(0, 2), ['started', 'resumed']);
    // A server that stays away for long may take a run from its worker: it is resumed.
    assert.ok(how.every(([first, ...more]) => first === 'started' && more.every((h) => h === 'resumed')));
    assert.ok(notes.includes('ce, seed 1: its worker is gone; another one takes it up.'));
    assert.ok(!notes.join().includes(PASSWORD));
  });

  test('a worker without the data, with other images, or of other code, refuses, and the study says so; another makes the run', async () => {
    for (const worker of workers.splice(0)) worker.kill('SIGKILL');
    const [run] = tinyRuns(path.join(root, 'refused'), [3], ['epochs=1']);
    const address = parseQueueUrl(redis.url, 'test');
    const notes: string[] = [];
    const refusing = startWorker('without data', undefined, { data: path.join(root, 'no data') });
    const closed = once(refusing, 'close');
    const controller = new AbortController();
    await assert.rejects(
      runStudy({
        ...{ runs: [run!], dataFolder, signal: controller.signal },
        executor: (options) => runOnQueue({ ...options, address }),
        onNote: (text) => {
          notes.push(text);
          if (text.includes('refuses')) controller.abort(new Error('refused'));
        },
      }),
      /refused/,
    );
    assert.match(
      notes.find((text) => text.includes('refuses'))!,
      /^worker-\w+ refuses: The data set cifar10 is not on this worker’s machine \(absent\)/,
    );
    assert.deepEqual(await closed, [1, null]);

    // The run is still in the queue.
    const queue = new Queue('msl-runs', { connection: { url: redis.url } });
    const job = (await queue.getJob(queueId(taskOf(run!))))!;
    const code = { version: '9.9.9', commit: null, sha256: 'f'.repeat(64) };
    assert.match(
      (await refusalOf({ ...(job.data as QueuedRun), code }, dataFolder))!,
      /started by 9\.9\.9, code ffffffff; this worker has \d+\.\d+\.\d+.*, code [0-9a-f]{8}/,
    );
    const otherData = path.join(root, 'other data');
    writeTinyCifar(otherData, 2);
    // They were not decoded yet, and then they were.
    for (let i = 0; i < 2; i++) {
      assert.match(
        (await refusalOf(job.data as QueuedRun, otherData))!,
        /other images of the data set cifar10 \(SHA-256 [0-9a-f]{8}\); those on this worker’s machine have [0-9a-f]{8}/,
      );
    }
    assert.equal(await refusalOf(job.data as QueuedRun, dataFolder), undefined);
    await queue.close();
    startWorker('with data');
    const summaries = await runStudy({
      ...{ runs: [run!], dataFolder },
      executor: (options) => runOnQueue({ ...options, address }),
    });
    assert.equal(summaries.length, 1);
  });

  test('what another code made meanwhile is not collected, nor gone on with', async (t) => {
    for (const worker of workers.splice(0)) worker.kill('SIGKILL');
    const [run] = tinyRuns(path.join(root, 'stale'), [5], ['epochs=2']);
    const task = taskOf(run!);
    const id = queueId(task);
    const connection = { url: redis.url };
    const queue = new Queue<QueuedRun>('msl-runs', { connection });
    const client = new Redis(redis.url);
    const { specification, label, purpose } = task;
    const code = { version: '0.0.1', commit: null, sha256: 'f'.repeat(64) };
    await queue.add(
      'run',
      { protocol: PROTOCOL, specification, label, purpose, code },
      { jobId: id, removeOnComplete: { age: 600 } },
    );
    // A worker of that code is at work when the study asks for the run, and ends after it has asked.
    const asked = new AbortController();
    const other = new Worker<QueuedRun>(
      'msl-runs',
      async () => {
        await once(asked.signal, 'abort');
        const stale = Buffer.from(JSON.stringify({ schemaVersion: 1, status: 'complete' }));
        await sendFiles(client, id, new Map([['summary.json', stale]]));
        return { worker: 'other' };
      },
      { connection },
    );
    other.on('error', () => undefined);
    queue.on('error', () => undefined);
    client.on('error', () => undefined);
    t.after(async () => {
      await Promise.all([other.close(true), queue.close()]);
      client.disconnect();
    });
    await once(other, 'active');
    other.once('completed', () => {
      void other.close();
      startWorker('own code');
    });
    const [summary] = await runStudy({
      ...{ runs: [run!], dataFolder },
      executor: async (options) => {
        const running = runOnQueue({ ...options, address: parseQueueUrl(redis.url, 'test') });
        void setTimeout(1500).then(() => {
          asked.abort();
        });
        return await running;
      },
    });
    assert.equal(summary!.test.n, 60);
    assert.deepEqual(
      readAttempts(run!.folder).map(({ how }) => how),
      ['started'],
    );
  });

  test('a run whose name leads out of the worker’s folder is refused, and nothing is removed', async (t) => {
    for (const worker of workers.splice(0)) worker.kill('SIGKILL');
    const precious = path.join(root, 'precious', 'file');
    mkdirSync(path.dirname(precious));
    writeFileSync(precious, '');
    const { specification } = tinyRuns(path.join(root, 'forged'), [4], ['epochs=1'])[0]!;
    const queue = new Queue<QueuedRun>('msl-runs', { connection: { url: redis.url } });
    t.after(() => queue.close());
    const controller = new AbortController();
    const notes: string[] = [];
    const forge = (jobId: string, purpose: QueuedRun['purpose']) =>
      queue.add(
        'run',
        { protocol: PROTOCOL, specification, label: 'forged', purpose, code: codeVersion() },
        { jobId },
      );
    const jobs = [
      await forge('../precious', 'test'),
      // Its name agrees with its purpose, which is none.
      await forge(`../precious-${specificationHash(specification)}`, '../precious' as 'test'),
    ];
    await work({
      ...{ address: parseQueueUrl(redis.url, 'test'), folder: path.join(root, 'worker'), dataFolder },
      signal: controller.signal,
      onNote: (text) => {
        if (text.includes('is not made')) notes.push(text);
        if (notes.length === jobs.length) controller.abort();
      },
      onProgress: () => undefined,
      perform: () => {
        controller.abort();
        assert.fail('made');
      },
    });
    assert.match(
      notes[0]!,
      /^the run named "\.\.\/precious" is not made: by its specification its name is run-[0-9a-f]{64}$/,
    );
    for (const job of jobs) assert.equal(await job.getState(), 'failed');
    assert.ok(existsSync(precious));
  });
});

/** Kills a worker once a checkpoint of its run is on the server. */
async function killWhenAtWork(redis: TestRedis, worker: ChildProcess): Promise<void> {
  const client = new Redis(redis.url);
  for (;;) {
    const [key] = await client.keys('msl-runs:files:*');
    const names = key === undefined ? [] : await client.hkeys(key);
    if (names.some((name) => name.startsWith('checkpoint/'))) break;
    await setTimeout(20);
  }
  client.disconnect();
  worker.kill('SIGKILL');
  await once(worker, 'close');
}
