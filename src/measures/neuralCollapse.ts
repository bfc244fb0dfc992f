import { Matrix, SingularValueDecomposition } from 'ml-matrix';

import { classRows, nearestOf, squaredDistance, type ClassRows } from './classes.ts';
import { predictedLabels, shareRight } from './predictions.ts';
import { transposed, type Labels } from './rows.ts';

export interface NeuralCollapseOptions {
  /** `[n, dim]` what the classifier sees, row after row. */
  readonly features: ArrayLike<number>;
  readonly labels: Labels;
  readonly dim: number;
  /** `[dim, classes]` weights of the classifier, for `selfDuality`; default: there is none. */
  readonly classifier?: ArrayLike<number> | undefined;
  /** `[n, classes]` what the classifier says, for `nearestCentreAgreement`; default: there is none. */
  readonly logits?: ArrayLike<number> | undefined;
}

/** NC1 to NC4: all but the last go to 0 where features collapse. `NaN` where there is nothing to measure. */
export interface NeuralCollapse {
  /** NC1: `tr(S_W S_B^+) / C`, the variability within classes against that between their means. */
  readonly withinOverBetween: number;
  /** NC1 as a quotient: `tr S_W / tr S_B`. */
  readonly traceQuotient: number;
  /** NC2: standard deviation of the lengths of the centred class means over their mean. */
  readonly equinorm: number;
  /** NC2: standard deviation of the cosines of two centred class means. */
  readonly equiangular: number;
  /** NC2: mean distance of these cosines from `-1 / (C - 1)`, the largest angle that all pairs can have. */
  readonly maximalAngle: number;
  /** NC3: `||W / ||W|| - M / ||M|| ||`, 0 to 2: whether the classifier's weights are the centred class means. */
  readonly selfDuality: number;
  /** NC4: share of the samples whose largest logit is the class with the nearest mean; 1 in collapse. */
  readonly nearestCentreAgreement: number;
}

/**
 * How far features have collapsed to their class means, and these to a simplex. `M` is the `[dim, C]` matrix of class
 * means minus their mean (which is the mean of all rows where classes are equally large), `S_B = M M^T / C`,
 * `S_W = sum_i r_i r_i^T / n` with `r_i` a row minus its class mean. The pseudo-inverse is that of `M`, not of the
 * `dim x dim` scatter: `tr(S_W S_B^+) / C = mean_i ||M^+ r_i||^2`. The columns of `M` sum to 0, so that its rank is at most
 * `C - 1`; what is within the rounding of the class means, whose inverse would be noise, counts as 0, too.
 *
 * - Classes without a row are left out, and their columns of the classifier with them.
 * - One class, or all class means the same: `NaN` for NC1 to NC3, since there is nothing between the classes.
 *
 * Reference: Papyan, Han and Donoho, "Prevalence of neural collapse during the terminal phase of deep learning
 * training", PNAS 117, 2020; the quotient: Tirer and Bruna, ICML 2022.
 *
 * @throws RangeError for no row, shapes that do not match, or a value that is not finite.
 */
export function neuralCollapse(options: NeuralCollapseOptions): NeuralCollapse {
  const { features, labels, dim, classifier, logits } = options;
  const rows = classRows('neuralCollapse', features, labels, dim);
  const { present } = rows;
  const means = centredMeans(rows);
  const between = means.reduce((sum, value) => sum + value * value, 0) / present.length;
  const within = meanSquare(rows, (i, c) => squaredDistance(features, i, rows.means, c, dim));
  const agreement = logits === undefined ? NaN : nearestCentreAgreement(rows, logits);
  if (present.length < 2 || between <= ROUNDING * squaredScale(rows)) {
    const nothing = { withinOverBetween: NaN, traceQuotient: NaN, equinorm: NaN, equiangular: NaN };
    return { ...nothing, maximalAngle: NaN, selfDuality: NaN, nearestCentreAgreement: agreement };
  }
  return {
    withinOverBetween: withinOverBetween(rows, means),
    traceQuotient: within / between,
    ...simplex(means, present.length, dim),
    selfDuality: classifier === undefined ? NaN : selfDuality(rows, means, classifier),
    nearestCentreAgreement: agreement,
  };
}

/** Squares of differences below this share of the values' own squares are rounding. */
const ROUNDING = 1e-24;

function squaredScale({ means, present }: ClassRows): number {
  return means.reduce((sum, value) => sum + value * value, 0) / present.length;
}

/** `[C, dim]` of the classes that are present. */
function centredMeans({ means, present, dim }: ClassRows): Float64Array {
  const result = new Float64Array(present.length * dim);
  for (let j = 0; j < dim; j++) {
    const mean = present.reduce((sum, c) => sum + means[c * dim + j]!, 0) / present.length;
    present.forEach((c, at) => {
      result[at * dim + j] = means[c * dim + j]! - mean;
    });
  }
  return result;
}

function meanSquare({ n, labels }: ClassRows, square: (i: number, c: number) => number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += square(i, labels[i]!);
  return sum / n;
}

/** `mean_i ||M^+ r_i||^2` */
function withinOverBetween(rows: ClassRows, centred: Float64Array): number {
  const { values, dim, means, present } = rows;
  const classes = present.length;
  const length = Math.sqrt(squaredScale(rows) * classes);
  const inverse = pseudoInverse(centred, classes, dim, length);
  const rest = new Float64Array(dim);
  return meanSquare(rows, (i, c) => {
    for (let j = 0; j < dim; j++) rest[j] = values[i * dim + j]! - means[c * dim + j]!;
    let square = 0;
    for (let k = 0; k < classes; k++) {
      let dot = 0;
      for (let j = 0; j < dim; j++) dot += inverse[k * dim + j]! * rest[j]!;
      square += dot * dot;
    }
    return square;
  });
}

/**
 * `M^+`, `[classes, dim]`, of `M^T`, `[classes, dim]`. The transpose of the inverse is the inverse of the transpose.
 *
 * @param length that of the class means together, as they were before they were centred: it says how much was rounded
 */
function pseudoInverse(transpose: Float64Array, classes: number, dim: number, length: number): Float64Array {
  const tall = dim >= classes;
  const matrix = tall
    ? Matrix.from1DArray(dim, classes, transposed(transpose, classes, dim))
    : Matrix.from1DArray(classes, dim, transpose);
  const {
    diagonal,
    leftSingularVectors: u,
    rightSingularVectors: v,
  } = new SingularValueDecomposition(matrix);
  const cutoff = Math.max(dim, classes) * Number.EPSILON * Math.max(length, diagonal[0]!);
  const result = new Float64Array(classes * dim);
  diagonal.slice(0, classes - 1).forEach((s, at) => {
    if (s <= cutoff) return;
    for (let k = 0; k < classes; k++) {
      for (let j = 0; j < dim; j++) {
        result[k * dim + j]! += (tall ? v.get(k, at) * u.get(j, at) : u.get(k, at) * v.get(j, at)) / s;
      }
    }
  });
  return result;
}

function simplex(
  means: Float64Array,
  classes: number,
  dim: number,
): Pick<NeuralCollapse, 'equinorm' | 'equiangular' | 'maximalAngle'> {
  const lengths = Array.from({ length: classes }, (_, c) =>
    Math.sqrt(means.subarray(c * dim, (c + 1) * dim).reduce((sum, value) => sum + value * value, 0)),
  );
  const cosines: number[] = [];
  for (let a = 0; a < classes; a++) {
    for (let b = a + 1; b < classes; b++) {
      let dot = 0;
      for (let j = 0; j < dim; j++) dot += means[a * dim + j]! * means[b * dim + j]!;
      // A mean in the middle of all has no direction.
      cosines.push(dot === 0 ? 0 : dot / (lengths[a]! * lengths[b]!));
    }
  }
  return {
    equinorm: deviation(lengths) / mean(lengths),
    equiangular: deviation(cosines),
    maximalAngle: mean(cosines.map((cosine) => Math.abs(cosine + 1 / (classes - 1)))),
  };
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Over all values, not a sample of them: `n` in the denominator. */
function deviation(values: readonly number[]): number {
  const centre = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - centre) ** 2)));
}

function selfDuality(
  { present, dim }: ClassRows,
  means: Float64Array,
  classifier: ArrayLike<number>,
): number {
  const classes = classifier.length / dim;
  if (!Number.isInteger(classes) || classes <= present.at(-1)!) {
    throw new RangeError(
      `neuralCollapse: ${classifier.length} weights are not those of a classifier of ${dim} features with at least ` +
        `${present.at(-1)! + 1} classes.`,
    );
  }
  const weights = present.flatMap((c) => Array.from({ length: dim }, (_, j) => classifier[j * classes + c]!));
  const lengthOf = (values: Iterable<number>) => {
    let sum = 0;
    for (const value of values) sum += value * value;
    return Math.sqrt(sum);
  };
  const [w, m] = [lengthOf(weights), lengthOf(means)];
  return w === 0 ? 1 : lengthOf(weights.map((weight, at) => weight / w - means[at]! / m));
}

function nearestCentreAgreement(
  { values, n, dim, means, present }: ClassRows,
  logits: ArrayLike<number>,
): number {
  const classes = logits.length / n;
  if (!Number.isInteger(classes) || classes <= present.at(-1)!) {
    throw new RangeError(
      `neuralCollapse: ${logits.length} logits are not those of ${n} rows and at least ${present.at(-1)! + 1} classes.`,
    );
  }
  const nearest = Array.from({ length: n }, (_, i) =>
    nearestOf(present, (c) => squaredDistance(values, i, means, c, dim)),
  );
  return shareRight(predictedLabels(logits, classes), nearest);
}
