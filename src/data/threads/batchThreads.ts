import {
  epochBatches,
  epochImages,
  sequentialBatches,
  sequentialImages,
  type EpochOptions,
  type SequenceOptions,
} from '../batches.ts';
import type { Batch, BatchChanges, BatchImages } from '../makeBatch.ts';
import type { ImageSet } from '../types.ts';
import { startThread } from './thread.ts';

/** Images for which a thread is not worth its start, which takes as long as making them. */
const FEW_IMAGES = 20_000;

/**
 * How many threads make batches where nobody says: one, or none for few images. What a whole training loop with crop and flip takes
 * above the bare step (two cores, which TensorFlow uses as well; medians of interleaved epochs at batch 128): 4 % without a thread,
 * 2.5 % with one, 2.2 % with two for `vgg` 16-32-64; 10 %, 7.5 % and 6 % for `vgg` 4-8, whose step takes 18 ms.
 *
 * @param images that batches are made of, in all
 */
export function usualBatchWorkers(images: number): number {
  return images < FEW_IMAGES ? 0 : 1;
}

/** Batches that each thread makes ahead: one is taken while it makes the other. */
const AHEAD = 2;

type Batches = AsyncGenerator<Batch, void, undefined>;

/** Makes batches on threads of its own, while the engine computes. */
export interface BatchThreads {
  /** The batches of {@link epochBatches}: the same bits in the same order, whatever the number of threads. */
  readonly epoch: (options: EpochOptions) => Batches;
  /** Those of {@link sequentialBatches}. */
  readonly sequence: (options: SequenceOptions) => Batches;
  /** Ends the threads. They end with the process, too, and never keep it alive. */
  readonly close: () => Promise<void>;
}

/**
 * Starts threads that make batches ahead of their use. With `workers` 0 they are made in this thread, each when it is
 * asked for.
 *
 * Pixels in a file are read there by each thread; those in memory are copied into shared memory once, where they are
 * not there already.
 *
 * The alternative, crop and flip in the graph (TensorFlow's CropAndResize on the resident pixels), takes 2.5 times the
 * processor time of this code (3.6 ms against 1.4 for 128 images of 32 x 32).
 */
export function batchThreads({ workers }: { readonly workers: number }): BatchThreads {
  const threads = Array.from({ length: workers }, startThread);
  const shared = new WeakMap<ImageSet, ImageSet>();
  async function* make(set: ImageSet, plan: readonly BatchImages[], changes: BatchChanges): Batches {
    if (!shared.has(set)) shared.set(set, inSharedMemory(set));
    const request = { set: shared.get(set)!, ...changes };
    const made: Promise<Batch>[] = [];
    let asked = 0;
    for (let taken = 0; taken < plan.length; taken++) {
      for (; asked < Math.min(plan.length, taken + AHEAD * workers); asked++) {
        // Copies: all batches of a plan share one buffer, which would be sent whole.
        const { indices, earlier } = plan[asked]!;
        const images = { indices: indices.slice(), earlier: earlier?.slice() };
        made.push(threads[asked % workers]!.make({ ...request, images }));
      }
      yield await threads[taken % workers]!.wait(made.shift()!);
    }
  }
  async function* epoch(options: EpochOptions): Batches {
    if (workers === 0) return yield* epochBatches(options);
    const { set, normalisation, augmentation, augmentStream } = options;
    yield* make(set, epochImages(options), { normalisation, augmentation, augmentStream });
  }
  async function* sequence(options: SequenceOptions): Batches {
    if (workers === 0) return yield* sequentialBatches(options);
    yield* make(options.set, sequentialImages(options), { normalisation: options.normalisation });
  }
  const close = async (): Promise<void> => {
    await Promise.all(threads.map((thread) => thread.close()));
  };
  return { epoch, sequence, close };
}

function inSharedMemory(set: ImageSet): ImageSet {
  const { images, labels } = set;
  return {
    ...set,
    images: images instanceof Uint8Array ? sharedBytes(images) : images,
    labels: sharedBytes(labels),
  };
}

function sharedBytes(bytes: Uint8Array): Uint8Array {
  if (bytes.buffer instanceof SharedArrayBuffer) return bytes;
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}
