/** What the sides of a queue agree on. */
import type { Task } from '../task/task.ts';
import { specificationHash, type Specification } from '../specification/index.ts';
import type { CodeVersion } from './codeVersion.ts';

/** The name of the queue on its server. */
export const QUEUE_NAME = 'msl-runs';

/** Changes with the meaning of what travels. */
export const PROTOCOL = 2;

/** What a run's result depends on beside its specification. */
export interface MadeWith {
  readonly code: CodeVersion;
  /** SHA-256 of the images of its data set; missing where it is not known. */
  readonly images?: string | undefined;
}

/** A run that waits, with code and images of whoever asks for it. */
export interface QueuedRun extends MadeWith {
  readonly protocol: number;
  readonly specification: Specification;
  readonly label: string;
  readonly purpose: Task['purpose'];
}

/** Whether a result of the one is a result of the other, as far as that is known. */
export const madeAlike = (a: MadeWith, b: MadeWith): boolean =>
  a.code.sha256 === b.code.sha256 && (a.images ?? b.images) === (b.images ?? a.images);

/** What a worker says of a run at work. */
export interface QueueProgress {
  readonly worker: string;
  readonly done: number;
  readonly note?: string;
  /** Why it does not make it. */
  readonly refused?: string;
}

/** What stays of a run that is done; its files lie beside it. */
export interface QueueResult {
  readonly worker: string;
  /** Files that are too large to travel, and where they are, if anywhere. */
  readonly left?: string;
}

/**
 * The name of a run in the queue: the hash of its specification, so that one that is asked for twice is made once. Whatever is asked,
 * it is a word, without a path.
 */
export function queueId({ specification, purpose }: Pick<Task, 'specification' | 'purpose'>): string {
  const hash = specificationHash(specification);
  return `${purpose === 'test' ? 'run' : 'validation'}-${hash}`;
}

/** Where a run's files are on the server. */
export const filesKey = (id: string): string => `${QUEUE_NAME}:files:${id}`;

/** Seconds that files stay that nobody collects, and that were collected. */
export const KEEP = { waiting: 14 * 24 * 3600, collected: 600 } as const;

/** Settings of BullMQ jobs: the times that a run is tried where its process crashes. */
export const ATTEMPTS_OF_A_RUN = 3;
