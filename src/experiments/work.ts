import type { DatasetSizes } from './datasetSizes.ts';
import { networkOf } from './networks.ts';
import type { Specification } from './specification/index.ts';

/**
 * How much there is to do in a run, for progress and the time that is left. The unit is one image through the network
 * in evaluation.
 */
export interface RunWork {
  /** One training step. */
  readonly step: number;
  /** One epoch, its validation included. */
  readonly epoch: number;
  /** The last evaluation. */
  readonly evaluation: number;
  /** The measures of the features of one tap. */
  readonly tap: number;
  readonly total: number;
  /** Images that pass through the network, each as often as it does. */
  readonly images: number;
}

/** A training image goes forward and twice back, for the gradients of the features and of the weights: measured, 3.0. */
export const TRAINING = 3;
/** Pairs of features compared (nearest neighbours) in the time that one image takes through the default network. */
const PAIRS = 30_000;

/**
 * @param dataset sizes and classes of the specification's data set
 * @param drawn how many images are trained on and held out, once that is known: with groups, or validation images of the set's
 *   own, it is not quite what the specification asks for
 */
export function runWork(
  specification: Specification,
  { train, test }: DatasetSizes,
  drawn?: { readonly train: number; readonly validation: number },
): RunWork {
  const { epochs, batchSize, split } = specification;
  const validation = drawn?.validation ?? split.validation;
  const trained = drawn?.train ?? split.train ?? train.n - validation;
  const steps = Math.floor(trained / batchSize);
  const step = TRAINING * batchSize;
  const epoch = steps * step + validation;
  const evaluation = trained + test.n;
  const tap = Math.ceil((trained * test.n) / PAIRS);
  const taps = networkOf(specification, { train }).taps.length;
  return {
    ...{ step, epoch, evaluation, tap },
    total: epochs * epoch + evaluation + taps * tap,
    images: epochs * (steps * batchSize + validation) + evaluation,
  };
}
