import { setImmediate } from 'node:timers/promises';

import { tf } from '../engine/tf.ts';
import { graphFunction } from '../engine/index.ts';
import type { Batch } from '../data/index.ts';
import { termFeatures, type Term } from '../losses/index.ts';
import type { NamedTensors, Network } from '../models/index.ts';
import { imagesTensor } from './batchTensors.ts';

/** What a network says of a set of images, in evaluation mode. */
export interface Evaluation {
  readonly n: number;
  /** `[n, classes]`, row by row */
  readonly logits: Float32Array;
  /** Per tap, its maps as they are read out: `[n, dim]`, row by row. */
  readonly features: Readonly<Record<string, { readonly values: Float32Array; readonly dim: number }>>;
}

export interface EvaluateOptions {
  readonly parameters: NamedTensors;
  readonly statistics: NamedTensors;
  readonly batches: Iterable<Batch> | AsyncIterable<Batch>;
  /** Number of images in all batches. */
  readonly n: number;
  readonly signal?: AbortSignal;
  /** Called after every batch with the images done so far. */
  readonly onBatch?: (done: number) => void;
}

/** A tap that features are read from, and how: as a term of an objective sees it. */
export type Readout = Pick<Term, 'tap' | 'side' | 'derived' | 'pooling'>;

/** An evaluator of one network; its graphs are built once. */
export interface Evaluator {
  (options: EvaluateOptions): Promise<Evaluation>;
  readonly dispose: () => void;
}

interface Input {
  readonly parameters: NamedTensors;
  readonly statistics: NamedTensors;
  readonly images: tf.Tensor4D;
}

/**
 * Makes an evaluator. It reads logits and all taps in one pass.
 *
 * @param readouts which taps; default: the global average of the activation of every stage
 */
export function evaluator(
  network: Network,
  readouts: readonly Readout[] = network.taps.map((tap) => ({ tap, side: 'activation' })),
): Evaluator {
  const forward = graphFunction(({ parameters, statistics, images }: Input) => {
    const { logits, taps } = network.apply(parameters, statistics, images, { training: false });
    return [logits, ...readouts.map((readout) => termFeatures(readout, taps))];
  });
  const evaluate = async (options: EvaluateOptions): Promise<Evaluation> => {
    const { parameters, statistics, n } = options;
    const columns: { values: Float32Array; dim: number }[] = [];
    let done = 0;
    let size: number | undefined;
    for await (const batch of options.batches) {
      options.signal?.throwIfAborted();
      size ??= batch.n;
      const images = imagesTensor(filledUp(batch, size), network.imageShape);
      let outputs: tf.Tensor2D[] = [];
      try {
        outputs = forward({ parameters, statistics, images });
        outputs.forEach((output, i) => {
          const dim = output.shape[1];
          columns[i] ??= { values: new Float32Array(n * dim), dim };
          columns[i].values.set(output.dataSync<'float32'>().subarray(0, batch.n * dim), done * dim);
        });
      } finally {
        tf.dispose([images, ...outputs]);
      }
      done += batch.n;
      options.onBatch?.(done);
      await setImmediate();
    }
    const [logits, ...features] = columns;
    return {
      n,
      logits: logits?.values ?? new Float32Array(0),
      features: Object.fromEntries(readouts.map(({ tap }, i) => [tap, features[i]!])),
    };
  };
  return Object.assign(evaluate, { dispose: forward.dispose });
}

/**
 * The short last batch, filled up with images of zeros, so that the graph of the others serves for it: tracing another
 * one takes as long as hundreds of images. No image has to do with the others in evaluation mode.
 */
function filledUp(batch: Batch, size: number): Pick<Batch, 'images' | 'n'> {
  if (batch.n >= size) return batch;
  const images = new Float32Array((batch.images.length / batch.n) * size);
  images.set(batch.images);
  return { images, n: size };
}
