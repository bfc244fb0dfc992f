import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';

import { Queue, QueueEvents, type Job } from 'bullmq';
import type { Redis } from 'ioredis';

import { datasetDigest } from '../../data/index.ts';
import type { EnvironmentRecord } from '../environment.ts';
import { endedBefore } from '../task/perform.ts';
import { FINAL_RECORD, type Task, type TaskListener, type TaskOutcome } from '../task/task.ts';
import type { QueueAddress } from './address.ts';
import { codeVersion } from './codeVersion.ts';
import { connect, connectionOptions, serverWarnings } from './connection.ts';
import {
  bytesOf,
  fetchFiles,
  LARGEST_CHECKPOINT,
  readRunFiles,
  sendFiles,
  writeRunFiles,
  type RunFiles,
} from './files.ts';
import {
  ATTEMPTS_OF_A_RUN,
  filesKey,
  KEEP,
  madeAlike,
  PROTOCOL,
  QUEUE_NAME,
  queueId,
  type MadeWith,
  type QueuedRun,
  type QueueProgress,
  type QueueResult,
} from './protocol.ts';
import { sharedFolderOf, takeShared } from './shared.ts';

export interface QueueOptions extends TaskListener {
  readonly tasks: readonly Task[];
  readonly address: QueueAddress;
  /** For checkpoints too large to travel; the same folder on every machine. */
  readonly sharedFolder?: string | undefined;
  readonly dataFolder?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

type RunJob = Job<QueuedRun, QueueResult>;
type RunQueue = Queue<QueuedRun, QueueResult>;

/**
 * Milliseconds between two looks at every run that is not done, at least, and for each of them: events tell of them before, but
 * one may be lost with a connection.
 */
const LOOK_INTERVAL = 5000;
const LOOK_INTERVAL_PER_RUN = 20;

/**
 * Has tasks done by the workers of a queue, and collects what they record. A task that was asked for before is not asked for
 * twice: what is done is collected, what has failed is tried again.
 *
 * @returns how each task ended, in the order of the tasks
 * @throws {UserError} where the queue cannot be reached
 * @throws the signal's reason; the runs stay in the queue
 */
export async function runOnQueue(options: QueueOptions): Promise<TaskOutcome[]> {
  const { tasks, address, signal, onEnd, onNote } = options;
  const redis = await connect(address);
  const connection = connectionOptions(address);
  const queue: RunQueue = new Queue(QUEUE_NAME, { connection });
  const events = new QueueEvents(QUEUE_NAME, { connection });
  // A connection that is lost is made again; until then nothing moves.
  queue.on('error', () => undefined);
  events.on('error', () => undefined);
  const outcomes = new Map<number, TaskOutcome>();
  const places = new Map(tasks.map((task, place) => [queueId(task), place]));
  const ended = new AbortController();
  const settle = (place: number, outcome: TaskOutcome): void => {
    outcomes.set(place, outcome);
    onEnd?.(place, outcome);
    if (outcomes.size === tasks.length) ended.abort();
  };
  try {
    for (const warning of await serverWarnings(redis)) onNote?.(warning);
    await events.waitUntilReady();
    const looking = new Set<number>();
    const look = async (place: number): Promise<void> => {
      if (looking.has(place) || outcomes.has(place)) return;
      looking.add(place);
      try {
        const outcome = await outcomeOf(tasks[place]!, { ...options, redis, queue });
        if (outcome !== undefined && !outcomes.has(place)) settle(place, outcome);
      } finally {
        looking.delete(place);
      }
    };
    listen(events, places, options, look);
    for (const [place, task] of tasks.entries()) {
      signal?.throwIfAborted();
      const made = await madeHere(task, options);
      const before = endedBefore(task, made.images);
      if (before === undefined) await ask(task, { redis, queue }, made);
      else settle(place, before);
    }
    let alone = false;
    while (outcomes.size < tasks.length) {
      for (const place of tasks.keys()) {
        signal?.throwIfAborted();
        await look(place);
      }
      if (outcomes.size === tasks.length) break;
      const workers = await queue.getWorkersCount();
      if (workers === 0 && !alone) {
        onNote?.(
          `No worker is at the queue. Start some, on any machine: npx msl worker --queue ${address.shown}`,
        );
      }
      alone = workers === 0;
      const missing = tasks.length - outcomes.size;
      await pause(Math.max(LOOK_INTERVAL, missing * LOOK_INTERVAL_PER_RUN), ended.signal, signal);
    }
    return tasks.map((_, place) => outcomes.get(place)!);
  } finally {
    await Promise.allSettled([events.close(), queue.close()]);
    redis.disconnect();
  }
}

/** Tells of what happens to the runs, as it happens. */
function listen(
  events: QueueEvents,
  places: ReadonlyMap<string, number>,
  { onProgress, onNote, tasks }: QueueOptions,
  look: (place: number) => Promise<void>,
): void {
  const told = new Set<string>();
  const lookAt = ({ jobId }: { readonly jobId: string }): void => {
    const place = places.get(jobId);
    // A look that fails is taken again by the next one.
    if (place !== undefined) void look(place).catch(() => undefined);
  };
  events.on('completed', lookAt);
  events.on('failed', lookAt);
  events.on('stalled', ({ jobId }) => {
    const place = places.get(jobId);
    if (place !== undefined) onNote?.(`${tasks[place]!.label}: its worker is gone; another one takes it up.`);
  });
  events.on('progress', ({ jobId, data }) => {
    const place = places.get(jobId);
    if (place === undefined || typeof data !== 'object') return;
    const { worker, done, note, refused } = data as Partial<QueueProgress>;
    if (refused !== undefined) {
      if (!told.has(refused)) onNote?.(`${worker ?? 'A worker'} refuses: ${refused}`);
      told.add(refused);
    } else if (done !== undefined) {
      const label = tasks[place]!.label;
      onProgress?.(place, { label, done, ...(note === undefined ? {} : { note }) });
    }
  });
}

/** Waits, unless all has ended meanwhile or is to stop. */
async function pause(
  milliseconds: number,
  ended: AbortSignal,
  signal: AbortSignal | undefined,
): Promise<void> {
  const either = signal === undefined ? ended : AbortSignal.any([ended, signal]);
  await setTimeout(milliseconds, undefined, { signal: either }).catch(() => undefined);
  signal?.throwIfAborted();
}

/** The server of a queue, and what this side makes runs with. */
interface Asking {
  readonly redis: Redis;
  readonly queue: RunQueue;
}

/** The code and the images of this side. */
async function madeHere(
  { specification }: Task,
  { dataFolder }: Pick<QueueOptions, 'dataFolder'>,
): Promise<MadeWith> {
  const images = await datasetDigest(specification.dataset, { dir: dataFolder });
  return { code: codeVersion(), ...(images === undefined ? {} : { images }) };
}

/** Puts a run into the queue; where it is there, sees to it that it is made by this code, of these images. */
async function ask(task: Task, { redis, queue }: Asking, made: MadeWith): Promise<void> {
  const id = queueId(task);
  const data: QueuedRun = {
    ...{ protocol: PROTOCOL, specification: task.specification, label: task.label, purpose: task.purpose },
    ...made,
  };
  const job = (await queue.getJob(id)) as RunJob | undefined;
  if (job !== undefined) {
    const state = await job.getState();
    if (state === 'active') return;
    if (madeAlike(job.data, data)) {
      if (state !== 'failed') return;
      await job.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true });
      return;
    }
    await forget(job, redis);
  }
  await offer(task, redis, id);
  await queue.add('run', data, {
    jobId: id,
    attempts: ATTEMPTS_OF_A_RUN,
    backoff: { type: 'fixed', delay: 1000 },
    removeOnComplete: { age: KEEP.waiting },
  });
}

/** Takes a run out of the queue, with what was made of it: the next worker would go on from there. */
async function forget(job: RunJob, redis: Redis): Promise<void> {
  await job.remove();
  await redis.del(filesKey(job.id!));
}

/** What was begun here goes on there. */
async function offer(task: Task, redis: Redis, id: string): Promise<void> {
  if (!existsSync(path.join(task.folder, 'spec.json')) || (await redis.exists(filesKey(id))) > 0) return;
  const { records, checkpoint } = readRunFiles(task.folder);
  if (checkpoint.size === 0 || bytesOf(checkpoint) > LARGEST_CHECKPOINT) return;
  await sendFiles(redis, id, new Map([...records, ...checkpoint]));
}

/** The images that a run was made of; `undefined` where it does not say. */
function imagesOf(files: RunFiles): string | undefined {
  const record = files.get('environment.json');
  return record && (JSON.parse(record.toString()) as EnvironmentRecord).data?.sha256;
}

/** How a run ended, with its records here; `undefined` where it has not. */
async function outcomeOf(task: Task, options: QueueOptions & Asking): Promise<TaskOutcome | undefined> {
  const { redis, queue, sharedFolder, onNote } = options;
  const id = queueId(task);
  // The state first: what is read after it is at least as new.
  const state = await queue.getJobState(id);
  if (state !== 'completed' && state !== 'failed' && state !== 'unknown') return undefined;
  const job = (await queue.getJob(id)) as RunJob | undefined;
  // The server lost it.
  if (job === undefined) {
    await ask(task, options, await madeHere(task, options));
    return undefined;
  }
  if (state === 'unknown') return undefined;
  if (state === 'failed') return { state: 'failed', message: job.failedReason };
  const files = await fetchFiles(redis, id);
  const here = await madeHere(task, options);
  const isOurs = madeAlike({ code: job.data.code, images: imagesOf(files) }, here);
  if (!isOurs || !files.has(FINAL_RECORD[task.purpose])) {
    await (isOurs ? job.remove() : forget(job, redis));
    await ask(task, options, here);
    return undefined;
  }
  writeRunFiles(task.folder, files);
  takeShared(sharedFolderOf(sharedFolder, id), task.folder, job.data);
  await redis.expire(filesKey(id), KEEP.collected);
  const { left } = job.returnvalue;
  if (left !== undefined) onNote?.(`${task.label}: ${left}.`);
  return { state: 'complete' };
}
