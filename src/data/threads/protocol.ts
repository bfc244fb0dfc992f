import type { Batch, BatchChanges, BatchImages } from '../makeBatch.ts';
import type { ImageSet } from '../types.ts';

/** Asks a thread for one batch. */
export interface BatchRequest extends BatchChanges {
  /** What is in memory is in shared memory. */
  readonly set: ImageSet;
  readonly images: BatchImages;
}

/** Answers the requests of a thread in their order. */
export type BatchReply = Batch;
