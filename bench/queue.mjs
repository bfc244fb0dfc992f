// @ts-check
/**
 * What a queue costs: runs that do nothing, by one worker and by several, with what the server was asked and sent.
 *
 *     node --import tsx bench/queue.mjs [RUNS]
 *
 * Starts a server on loopback (redis-server has to be installed). Each run leaves records of the usual size and a
 * checkpoint of the small network's.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { Redis } from 'ioredis';

import { parseSpecification } from '../src/experiments/index.ts';
import { parseQueueUrl, runOnQueue, startWorker } from '../src/experiments/queue/index.ts';
import { startRedis } from '../test/support/redisServer.ts';
import { writeTinyCifar } from '../test/support/tinyCifar.ts';

const runs = Number(process.argv[2] ?? 1000);
/** Bytes of the small network's newest two checkpoints, of 30 lines of metrics, and of the points of the picture. */
const CHECKPOINT = 590_000;
const METRICS = 18_000;
const PROJECTION = 60_000;

const root = mkdtempSync(path.join(os.tmpdir(), 'msl-queue-bench-'));
const dataFolder = path.join(root, 'data');
writeTinyCifar(dataFolder);
const redis = await startRedis();
const address = parseQueueUrl(redis.url, 'bench');
const client = new Redis(redis.url);

/** The numbers of a section of INFO. */
const info = async (/** @type {string} */ section) =>
  Object.fromEntries(
    (await client.info(section)).split('\r\n').flatMap((line) => {
      const [name, value] = line.split(':');
      return value === undefined ? [] : [[name, Number(value)]];
    }),
  );
const look = async () => ({ ...(await info('stats')), ...(await info('memory')), ...(await info('cpu')) });

const checkpoint = Buffer.alloc(CHECKPOINT, 'x');
/** A run that leaves what a run leaves, and does nothing. */
const perform = async (/** @type {{ folder: string }} */ { folder }) => {
  mkdirSync(path.join(folder, 'checkpoint'), { recursive: true });
  for (const epoch of [29, 30]) {
    writeFileSync(path.join(folder, 'checkpoint', `epoch-${epoch}.safetensors`), checkpoint);
    writeFileSync(path.join(folder, 'checkpoint', `epoch-${epoch}.json`), '{}');
  }
  writeFileSync(path.join(folder, 'metrics.jsonl'), 'm'.repeat(METRICS));
  writeFileSync(path.join(folder, 'projection.json'), 'p'.repeat(PROJECTION));
  writeFileSync(path.join(folder, 'summary.json'), '{}');
  return /** @type {const} */ ({ kind: 'done' });
};

try {
  for (const workers of [1, 10]) {
    const controller = new AbortController();
    const working = Array.from({ length: workers }, (_, i) =>
      startWorker({
        ...{
          address,
          perform,
          dataFolder,
          folder: path.join(root, 'workers', String(i)),
          signal: controller.signal,
        },
        onNote: () => undefined,
        onProgress: () => undefined,
      }),
    );
    const tasks = Array.from({ length: runs }, (_, i) => ({
      specification: parseSpecification({ seed: workers * 1_000_000 + i }, 'bench'),
      folder: path.join(root, 'collected', `${workers}-${i}`),
      label: `run ${i}`,
      purpose: /** @type {const} */ ('test'),
    }));
    const before = await look();
    const began = performance.now();
    await runOnQueue({ tasks, address, dataFolder });
    const seconds = (performance.now() - began) / 1000;
    const after = await look();
    const each = (/** @type {string} */ name) => ((after[name] ?? 0) - (before[name] ?? 0)) / runs;
    const idle = await quiet(look);
    console.log(
      JSON.stringify({
        runs,
        workers,
        seconds: Number(seconds.toFixed(1)),
        commandsPerRun: Number(each('total_commands_processed').toFixed(1)),
        bytesInPerRun: Math.round(each('total_net_input_bytes')),
        bytesOutPerRun: Math.round(each('total_net_output_bytes')),
        serverMillisecondsPerRun: Number((1000 * (each('used_cpu_user') + each('used_cpu_sys'))).toFixed(2)),
        memoryPerWaitingResult: Math.round(each('used_memory')),
        idleCommandsPerSecondPerWorker: Number((idle / workers).toFixed(2)),
      }),
    );
    controller.abort();
    await Promise.all(working);
  }
} finally {
  client.disconnect();
  await redis.stop();
  rmSync(root, { recursive: true, force: true });
}

/** Commands a second while the workers wait. */
async function quiet(/** @type {() => Promise<Record<string, number>>} */ observe) {
  const before = await observe();
  const began = performance.now();
  await new Promise((resolve) => setTimeout(resolve, 10_000));
  const after = await observe();
  return (
    ((after['total_commands_processed'] ?? 0) - (before['total_commands_processed'] ?? 0) - 6) /
    ((performance.now() - began) / 1000)
  );
}
