import type { Specification } from '../../experiments/index.ts';
import type { RunRecord } from './study.ts';

/** How many images a data set has as it was published. */
export interface PublishedCounts {
  readonly train: number;
  readonly test: number;
}

/**
 * Whether a run used a part of the published set only: other test images, or other training images where it took all that there
 * were.
 */
export function isPart({ spec, summary }: RunRecord, published: PublishedCounts): boolean {
  const { split } = spec as Specification;
  return (
    summary.test.n !== published.test ||
    (split.train === null && summary.train.n + split.validation !== published.train)
  );
}
