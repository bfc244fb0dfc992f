import type { BatchThreads, Dataset, ImageSet } from '../data/index.ts';
import type { Evaluation, Evaluator, TrainingState } from '../training/index.ts';

/**
 * Pixels that an evaluation passes through the network at once: 500 images of 32 x 32. An image takes equally long in
 * batches of 64 to 2,000.
 */
const PIXELS = 500 * 32 * 32;

export interface EvaluateSetOptions {
  readonly evaluate: Evaluator;
  readonly batches: BatchThreads;
  readonly state: Pick<TrainingState, 'parameters' | 'statistics'>;
  readonly set: ImageSet;
  /** Which images; default all. */
  readonly indices?: Uint32Array;
  readonly normalisation: Dataset['normalisation'];
  /** Images that pass through the network at once; default {@link evaluationBatch}. */
  readonly batchSize?: number;
  readonly signal?: AbortSignal | undefined;
  /** Called after every batch with the images done so far. */
  readonly onBatch: (done: number) => void;
}

/** Images of a size that pass through the network at once: 500 of 32 x 32, fewer where they are larger. */
export function evaluationBatch({ height, width }: Pick<ImageSet, 'height' | 'width'>): number {
  return Math.max(1, Math.floor(PIXELS / (height * width)));
}

/** What a network says of a set of images, or of some of them. */
export function evaluateSet(options: EvaluateSetOptions): Promise<Evaluation> {
  const { evaluate, batches, state, set, indices, normalisation, signal, onBatch } = options;
  const { batchSize = evaluationBatch(set) } = options;
  return evaluate({
    parameters: state.parameters,
    statistics: state.statistics,
    n: indices?.length ?? set.n,
    batches: batches.sequence({ set, indices, batchSize, normalisation }),
    onBatch,
    ...(signal === undefined ? {} : { signal }),
  });
}

/** Whether logits and features are all finite: weights that are can be so large that these are not. */
export function isFiniteEvaluation({ logits, features }: Evaluation): boolean {
  return [logits, ...Object.values(features).map(({ values }) => values)].every((values) =>
    values.every(Number.isFinite),
  );
}
