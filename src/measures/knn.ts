import { BLOCK_ROWS, dotBlocks, type DotProducts } from './dot/index.ts';
import { nearestByScore } from './nearestByScore.ts';
import { shareRight } from './predictions.ts';
import { countRows, unitRows, type Labels, type UnitRows } from './rows.ts';

/** What {@link knnPredict} and {@link knnAccuracy} need. */
export interface KnnOptions {
  /** `[nTrain, dim]` features among which neighbours are looked for. */
  readonly train: Float32Array;
  /** `[nTrain]` whole numbers from 0. */
  readonly trainLabels: Labels;
  /** `[nTest, dim]` features to classify. */
  readonly test: Float32Array;
  readonly dim: number;
  /** How many neighbours vote; 5 by default. */
  readonly k?: number;
  /**
   * Forms the dot products, a block of test rows at a time, e.g. by an engine's matrix product. By default they are
   * formed here in float64; an engine's float32 may order neighbours differently that are equally near but for 1e-7.
   */
  readonly dotProducts?: DotProducts;
}

const DEFAULT_K = 5;

/**
 * The class of each test row by a vote of its `k` nearest training rows, exactly (no index structure).
 *
 * Rows are scaled to length 1; distances are Euclidean, `||a - b||^2 = 2 - 2 a.b`. A row of zeros stays zero (distance
 * 1 from every other). Of equally near training rows the one that comes first counts as nearer; of classes with equally
 * many votes the one with the nearest neighbour wins (scikit-learn takes the lowest class).
 *
 * @returns `[nTest]`
 * @throws RangeError for no row, shapes that do not match, a value that is not finite, or `k` out of `1..nTrain`.
 */
export function knnPredict(options: KnnOptions): Int32Array {
  const { dim, trainLabels } = options;
  const nTrain = countRows('knn, training rows', options.train, dim, trainLabels);
  checkNeighbours(options.k, nTrain, `the ${nTrain} training rows`);
  const train = unitRows('knn, training rows', options.train, dim);
  return votes(train, unitRows('knn, test rows', options.test, dim), options);
}

/**
 * Share of the rows whose `k` nearest others vote for their class, 0 to 1: {@link knnAccuracy} where there is one set.
 *
 * @throws RangeError as {@link knnPredict} does; `k` is at most `n - 1`.
 */
export function knnLeaveOneOut(
  options: Omit<KnnOptions, 'test' | 'train' | 'trainLabels'> & {
    readonly features: Float32Array;
    readonly labels: Labels;
  },
): number {
  const { features, labels, dim } = options;
  const n = countRows('knn', features, dim, labels);
  checkNeighbours(options.k, n - 1, `the ${n - 1} other rows`);
  const rows = unitRows('knn', features, dim);
  const predictions = votes(rows, rows, { ...options, trainLabels: labels }, true);
  return shareRight(predictions, labels);
}

function checkNeighbours(k = DEFAULT_K, most: number, others: string): void {
  if (Number.isInteger(k) && k >= 1 && k <= most) return;
  throw new RangeError(`knn: k is ${k}; it must be a whole number from 1 to ${others}.`);
}

/** @param others whether both sets are the same, and no row votes for itself */
function votes(
  train: UnitRows,
  test: UnitRows,
  options: Pick<KnnOptions, 'dim' | 'trainLabels' | 'k' | 'dotProducts'>,
  others = false,
): Int32Array {
  const { dim, trainLabels, k = DEFAULT_K, dotProducts } = options;
  const nTrain = train.n;
  const dotBlock = dotBlocks(train.values, test.values, dim, dotProducts);

  // ||a - b||^2 = ||a||^2 + ||b||^2 - 2 a.b falls as a.b - ||b||^2 / 2 rises, and ||b|| is 1 or 0.
  const halfSquare = Float64Array.from(train.isZero, (zero) => (zero === 1 ? 0 : 0.5));
  const predictions = new Int32Array(test.n);
  const nearest = new Int32Array(k);
  const scores = new Float64Array(k);
  for (let first = 0; first < test.n; first += BLOCK_ROWS) {
    const rows = Math.min(BLOCK_ROWS, test.n - first);
    const dots = dotBlock(first, rows);
    for (let i = 0; i < rows; i++) {
      nearestByScore(dots, i * nTrain, halfSquare, others ? first + i : -1, nearest, scores);
      predictions[first + i] = vote(nearest, trainLabels);
    }
  }
  return predictions;
}

/**
 * Share of the test rows that {@link knnPredict} puts into their class, 0 to 1.
 *
 * @throws RangeError as {@link knnPredict} does, and where `testLabels` does not match `test`.
 */
export function knnAccuracy(options: KnnOptions & { readonly testLabels: Labels }): number {
  const { test, testLabels, dim } = options;
  countRows('knn, test rows', test, dim, testLabels);
  return shareRight(knnPredict(options), testLabels);
}

/** The class with the most of the neighbours, which are sorted nearest first; that of the nearest among equals. */
export function vote(nearest: Int32Array, labels: Labels): number {
  let winner = -1;
  let most = 0;
  for (const neighbour of nearest) {
    const label = labels[neighbour]!;
    let votes = 0;
    for (const other of nearest) if (labels[other] === label) votes += 1;
    if (votes > most) {
      most = votes;
      winner = label;
    }
  }
  return winner;
}
