import { Queue } from 'bullmq';

import type { Task } from '../task/task.ts';
import type { QueueAddress } from './address.ts';
import { connect, connectionOptions } from './connection.ts';
import { QUEUE_NAME, queueId, type QueuedRun, type QueueProgress, type QueueResult } from './protocol.ts';

/** Where a run stands in a queue. */
export interface QueueState {
  /** `absent`: it was not asked for there. */
  readonly state: 'absent' | 'waiting' | 'active' | 'completed' | 'failed';
  readonly worker?: string;
  readonly note?: string;
  /** Why it failed. */
  readonly reason?: string;
}

/** A look at a queue. */
export interface QueueView {
  /** Of each task. */
  readonly states: readonly QueueState[];
  /** How many workers are at the queue, of this study or of others. */
  readonly workers: number;
}

/** Looks at a queue, as often as it is asked. */
export interface QueueWatch {
  readonly look: (tasks: readonly Task[]) => Promise<QueueView>;
  readonly close: () => Promise<void>;
}

/** @throws {UserError} where the queue cannot be reached */
export async function watchQueue(address: QueueAddress): Promise<QueueWatch> {
  (await connect(address)).disconnect();
  const queue = new Queue<QueuedRun, QueueResult>(QUEUE_NAME, { connection: connectionOptions(address) });
  queue.on('error', () => undefined);
  const stateOf = async (task: Task): Promise<QueueState> => {
    // The state first: what is read after it is at least as new.
    const state = await queue.getJobState(queueId(task));
    const job = await queue.getJob(queueId(task));
    if (job === undefined) return { state: 'absent' };
    if (state === 'failed') return { state, reason: job.failedReason };
    if (state === 'completed') return { state, worker: job.returnvalue.worker };
    if (state !== 'active') return { state: 'waiting' };
    const { worker, note } = (typeof job.progress === 'object' ? job.progress : {}) as Partial<QueueProgress>;
    return {
      state,
      ...(worker === undefined ? {} : { worker }),
      ...(note === undefined ? {} : { note }),
    };
  };
  return {
    look: async (tasks) => ({
      states: await Promise.all(tasks.map(stateOf)),
      workers: await queue.getWorkersCount(),
    }),
    close: () => queue.close(),
  };
}
