import { classRows, nearestOf, requireFinite, squaredDistance } from './classes.ts';
import { shareRight } from './predictions.ts';
import { countRows, type Labels } from './rows.ts';

export interface NearestCentroidOptions {
  /** `[nTrain, dim]` rows whose class means are the centroids. */
  readonly train: ArrayLike<number>;
  readonly trainLabels: Labels;
  /** `[nTest, dim]` */
  readonly test: ArrayLike<number>;
  readonly testLabels: Labels;
  readonly dim: number;
}

/**
 * Share of the test rows that are nearer (Euclidean) to the mean of their class's training rows than to that of any
 * other, 0 to 1; of equally near means that of the lowest class counts.
 *
 * @throws RangeError for no row, shapes that do not match, or a value that is not finite.
 */
export function nearestCentroidAccuracy(options: NearestCentroidOptions): number {
  const { train, trainLabels, test, testLabels, dim } = options;
  const { present, means } = classRows('nearestCentroid, training rows', train, trainLabels, dim);
  const n = countRows('nearestCentroid, test rows', test, dim, testLabels);
  requireFinite('nearestCentroid, test rows', test, dim);
  const nearest = Array.from({ length: n }, (_, i) =>
    nearestOf(present, (c) => squaredDistance(test, i, means, c, dim)),
  );
  return shareRight(nearest, testLabels);
}

/**
 * {@link nearestCentroidAccuracy} where there is one set: each row is left out of the mean of its class. The only row
 * of a class leaves none to be near to and is wrong.
 *
 * @param features `[n, dim]`, row after row.
 * @param labels `[n]` whole numbers from 0.
 * @throws RangeError as {@link nearestCentroidAccuracy} does.
 */
export function nearestCentroidLeaveOneOut(features: ArrayLike<number>, labels: Labels, dim: number): number {
  const { n, present, counts, means } = classRows('nearestCentroid', features, labels, dim);
  const nearest = Array.from({ length: n }, (_, i) =>
    nearestOf(present, (c) => {
      const square = squaredDistance(features, i, means, c, dim);
      if (c !== labels[i]) return square;
      // Without row i the mean moves away from it, by 1 / (count - 1) of the distance.
      return counts[c] === 1 ? Infinity : square * (counts[c]! / (counts[c]! - 1)) ** 2;
    }),
  );
  return shareRight(nearest, labels);
}
