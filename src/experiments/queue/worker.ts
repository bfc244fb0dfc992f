import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import path from 'node:path';

import { DelayedError, UnrecoverableError, WaitingError, Worker, type Job } from 'bullmq';
import type { Redis } from 'ioredis';

import { UserError, type ProgressReport } from '../../engine/index.ts';
import type { Task } from '../task/task.ts';
import { runInProcess, type ProcessEnd, type StartOptions } from '../processes/start.ts';
import type { QueueAddress } from './address.ts';
import { connect, connectionOptions } from './connection.ts';
import { fetchFiles, LARGEST_CHECKPOINT, bytesOf, readRunFiles, restoreRun, sendFiles } from './files.ts';
import { QUEUE_NAME, queueId, type QueuedRun, type QueueProgress, type QueueResult } from './protocol.ts';
import { refusalOf } from './refusal.ts';
import { sharedFolderOf, share, takeShared } from './shared.ts';

export interface WorkerOptions {
  readonly address: QueueAddress;
  /** Where runs lie while they are at work. */
  readonly folder: string;
  readonly dataFolder?: string | undefined;
  /** For checkpoints too large to travel; the same folder on every machine. */
  readonly sharedFolder?: string | undefined;
  /** Ends the worker: its run goes back to the queue, with its last checkpoint. */
  readonly signal: AbortSignal;
  readonly onNote: (text: string) => void;
  readonly onProgress: (report: ProgressReport) => void;
  /** Milliseconds between two checkpoints that are sent; default 10 s. */
  readonly checkpointInterval?: number;
  /** Milliseconds until a run is taken from a worker that says nothing; default 15 s. */
  readonly lockDuration?: number;
  /** Milliseconds between two looks for such runs; default 5 s. */
  readonly stalledInterval?: number;
  /** How often a run may be taken from workers that died; default 3. */
  readonly maxStalledCount?: number;
  /** Does a run; default in a process of its own, so that this one can renew its lock whatever the engine does. */
  readonly perform?: (task: Task, options: StartOptions) => Promise<ProcessEnd>;
}

type RunJob = Job<QueuedRun, QueueResult>;

/** Milliseconds between two reports of progress to the queue. */
const PROGRESS_INTERVAL = 2000;
/** Milliseconds until a run that was refused is offered to other workers. */
const REFUSED_DELAY = 1000;

/**
 * Makes runs of a queue, one after the other, until the signal aborts.
 *
 * @throws {UserError} where the queue cannot be reached, and for a run that this worker cannot make: of other code, with other
 * custom parts, or of a data set that is not here. That run goes back to the queue.
 */
export async function startWorker(options: WorkerOptions): Promise<void> {
  const { address, signal, onNote } = options;
  const redis = await connect(address);
  const name = `worker-${randomBytes(3).toString('hex')}`;
  const connection = connectionOptions(address);
  let away = false;
  redis.on('close', () => {
    if (!away && !signal.aborted) onNote(`${address.shown} is away; waiting for it.`);
    away = true;
  });
  redis.on('ready', () => {
    if (away) onNote(`${address.shown} is back.`);
    away = false;
  });
  const ended = new AbortController();
  let refusal: UserError | undefined;
  const process = async (job: RunJob, token: string | undefined, lost: AbortSignal | undefined) => {
    const problem = await refusalOf(job.data, options.dataFolder);
    if (problem !== undefined) {
      refusal = new UserError(problem);
      void worker.pause(true);
      await job.updateProgress({ worker: name, done: 0, refused: problem });
      await job.moveToDelayed(Date.now() + REFUSED_DELAY, token);
      ended.abort();
      throw new DelayedError();
    }
    return await makeRun({ ...options, job, token, redis, name, lost });
  };
  const worker: Worker<QueuedRun, QueueResult> = new Worker<QueuedRun, QueueResult>(
    QUEUE_NAME,
    // BullMQ hands its signal to functions that take three values.
    (job, token, lost) => process(job, token, lost),
    {
      connection,
      name,
      autorun: false,
      lockDuration: options.lockDuration ?? 15_000,
      stalledInterval: options.stalledInterval ?? 5000,
      maxStalledCount: options.maxStalledCount ?? 3,
    },
  );
  worker.on('lockRenewalFailed', (ids) => {
    for (const id of ids) worker.cancelJob(id, 'taken by another worker');
  });
  // Connections that are lost are told of above; what else there is belongs to a run, and is told of there.
  worker.on('error', () => undefined);
  const stop = () => {
    ended.abort();
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    await worker.waitUntilReady();
    onNote(`${name} takes runs from ${address.shown}. Ctrl-C ends it; its run goes back to the queue.`);
    if (signal.aborted) ended.abort();
    const running = worker.run();
    await new Promise<void>((resolve) => {
      if (ended.signal.aborted) resolve();
      else
        ended.signal.addEventListener(
          'abort',
          () => {
            resolve();
          },
          { once: true },
        );
    });
    await worker.close();
    await running;
  } finally {
    signal.removeEventListener('abort', stop);
    redis.disconnect();
  }
  if (refusal !== undefined) throw refusal;
}

interface MakeRun extends WorkerOptions {
  readonly job: RunJob;
  readonly token: string | undefined;
  readonly redis: Redis;
  readonly name: string;
  /** Aborts when another worker has the run. */
  readonly lost: AbortSignal | undefined;
}

async function makeRun(options: MakeRun): Promise<QueueResult> {
  const { job, token, redis, name, lost, signal, dataFolder, sharedFolder, onNote, onProgress } = options;
  const { checkpointInterval = 10_000, perform = runInProcess } = options;
  const { specification, label, purpose } = job.data;
  // The name becomes that of a folder that is emptied: one that somebody else put into the queue could lead anywhere.
  const id = queueId(job.data);
  if (job.id !== id) {
    const problem = `the run named ${JSON.stringify(job.id)} is not made: by its specification its name is ${id}`;
    onNote(problem);
    throw new UnrecoverableError(`${name}: ${problem}`);
  }
  const folder = path.join(options.folder, id);
  const shared = sharedFolderOf(sharedFolder, id);
  restoreRun(folder, await fetchFiles(redis, id), job.data);
  takeShared(shared, folder, job.data);
  onNote(`${label}: begun${job.attemptsStarted > 1 ? `, attempt ${job.attemptsStarted}` : ''}`);

  const send = async (): Promise<string | undefined> => {
    const { records, checkpoint } = readRunFiles(folder);
    const fits = bytesOf(checkpoint) <= LARGEST_CHECKPOINT;
    await sendFiles(redis, id, fits ? new Map([...records, ...checkpoint]) : records);
    return fits ? undefined : share(shared, checkpoint, job.data);
  };
  const throttled = (interval: number, act: () => Promise<unknown>) => {
    let last = performance.now();
    let busy = false;
    return () => {
      if (busy || performance.now() - last < interval) return;
      last = performance.now();
      busy = true;
      // What did not arrive is sent with the next one.
      void act()
        .catch(() => undefined)
        .finally(() => (busy = false));
    };
  };
  const sendCheckpoint = throttled(checkpointInterval, send);
  let report: ProgressReport = { label, done: 0 };
  const sendProgress = throttled(PROGRESS_INTERVAL, () => {
    const { done, note } = report;
    const progress: QueueProgress = { worker: name, done, ...(note === undefined ? {} : { note }) };
    return job.updateProgress({ ...progress });
  });
  const end = await perform(
    { specification, folder, label, purpose },
    {
      ...{ dataFolder, worker: name, again: job.attemptsStarted > 1 },
      signal: lost === undefined ? signal : AbortSignal.any([signal, lost]),
      onProgress: (latest) => {
        report = latest;
        onProgress(latest);
        sendProgress();
      },
      onEpoch: sendCheckpoint,
    },
  );
  if (lost?.aborted === true) {
    onNote(`${label}: another worker has it`);
    throw new Error('taken by another worker');
  }
  switch (end.kind) {
    case 'done': {
      const left = await send();
      rmSync(folder, { recursive: true, force: true });
      onNote(`${label}: done`);
      return { worker: name, ...(left === undefined ? {} : { left }) };
    }
    case 'stopped':
      await send();
      await job.moveToWait(token);
      throw new WaitingError();
    case 'refused':
      onNote(`${label}: ${end.message}`);
      throw new UnrecoverableError(`${name}: ${end.message}`);
    case 'crashed':
      onNote(`${label}: ${end.message.split('\n')[0]!}`);
      throw new Error(`${name}: ${end.message}`);
  }
}
