/** What a process that trains and the one that started it say to each other. */
import type { ProgressReport } from '../../engine/index.ts';
import type { Task } from '../task/task.ts';
import type { EpochRecord } from '../records.ts';

export type ToChild =
  | {
      readonly kind: 'task';
      readonly task: Task;
      readonly dataFolder?: string | undefined;
      readonly worker?: string | undefined;
      readonly again?: boolean | undefined;
    }
  /** Stop between two steps. */
  | { readonly kind: 'stop' };

export type FromChild =
  | { readonly kind: 'progress'; readonly report: ProgressReport }
  /** After the epoch's checkpoint is written. */
  | { readonly kind: 'epoch'; readonly record: EpochRecord }
  | { readonly kind: 'done' }
  | { readonly kind: 'stopped' }
  /** `user`: the message says what is to be done; otherwise it is a fault, with its stack. */
  | { readonly kind: 'failed'; readonly user: boolean; readonly message: string };
