import { classRows, meanRow, requireFinite } from './classes.ts';
import { minimise, type MinimiseOptions } from './lbfgs.ts';
import { countRows, type Labels } from './rows.ts';

export interface LinearProbeOptions extends MinimiseOptions {
  /** `[nTrain, dim]` rows that the probe is trained on. */
  readonly train: ArrayLike<number>;
  readonly trainLabels: Labels;
  readonly dim: number;
  /** C: how little the weights are held back; 1 by default, as in scikit-learn. */
  readonly inverseRegularisation?: number;
}

/** A linear classifier of features. */
export interface LinearProbe {
  /** The class of each row of `[n, dim]`, `[n]`; of equal scores the lowest. */
  readonly predict: (features: ArrayLike<number>) => Int32Array;
  /** The value that was minimised. */
  readonly loss: number;
  readonly iterations: number;
  readonly converged: boolean;
}

/**
 * Multinomial logistic regression on features that are brought to mean 0 and deviation 1 (by the training rows; a column
 * that does not vary stays 0): `mean cross-entropy + ||W||^2 / (2 C nTrain)`, the bias free, minimised by L-BFGS.
 * Classes without a training row are never predicted.
 *
 * Reference: Alain and Bengio, "Understanding intermediate layers using linear classifier probes", ICLR workshop 2017.
 *
 * @throws RangeError for no row, shapes that do not match, a value that is not finite, or a C that is not positive.
 */
export function linearProbe(options: LinearProbeOptions): LinearProbe {
  const { train, trainLabels, dim, inverseRegularisation = 1 } = options;
  if (!(inverseRegularisation > 0)) {
    throw new RangeError(`linearProbe: C is ${inverseRegularisation}; it is a positive number.`);
  }
  const { n, present } = classRows('linearProbe, training rows', train, trainLabels, dim);
  const scale = standardisation(train, dim);
  const rows = standardised(train, scale);
  const targets = Int32Array.from({ length: n }, (_, i) => present.indexOf(trainLabels[i]!));
  const classes = present.length;
  const penalty = 1 / (inverseRegularisation * n);
  const logits = new Float64Array(classes);
  const minimum = minimise(
    (weights, gradient) => {
      gradient.fill(0);
      let loss = 0;
      for (let i = 0; i < n; i++) {
        scores(rows, i, weights, dim, logits);
        loss += softmaxMinusTarget(logits, targets[i]!);
        for (let j = 0; j < dim; j++) {
          const value = rows[i * dim + j]!;
          for (let c = 0; c < classes; c++) gradient[j * classes + c]! += value * logits[c]!;
        }
        for (let c = 0; c < classes; c++) gradient[dim * classes + c]! += logits[c]!;
      }
      for (let at = 0; at < gradient.length; at++) gradient[at]! /= n;
      let squares = 0;
      for (let at = 0; at < dim * classes; at++) {
        squares += weights[at]! ** 2;
        gradient[at]! += penalty * weights[at]!;
      }
      return loss / n + (penalty * squares) / 2;
    },
    new Float64Array((dim + 1) * classes),
    options,
  );
  const predict = (features: ArrayLike<number>): Int32Array => {
    const count = countRows('linearProbe', features, dim);
    requireFinite('linearProbe', features, dim);
    const tested = standardised(features, scale);
    return Int32Array.from({ length: count }, (_, i) => {
      scores(tested, i, minimum.point, dim, logits);
      let best = 0;
      for (let c = 1; c < classes; c++) if (logits[c]! > logits[best]!) best = c;
      return present[best]!;
    });
  };
  return { predict, loss: minimum.value, iterations: minimum.iterations, converged: minimum.converged };
}

/** Share of the test rows that a {@link linearProbe} puts into their class, 0 to 1. */
export function linearProbeAccuracy(
  options: LinearProbeOptions & { readonly test: ArrayLike<number>; readonly testLabels: Labels },
): number {
  const { test, testLabels, dim } = options;
  countRows('linearProbe, test rows', test, dim, testLabels);
  const predictions = linearProbe(options).predict(test);
  let right = 0;
  predictions.forEach((prediction, i) => {
    if (prediction === testLabels[i]) right += 1;
  });
  return right / predictions.length;
}

/** Of each column. */
interface Standardisation {
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
}

function standardisation(values: ArrayLike<number>, dim: number): Standardisation {
  const n = values.length / dim;
  const mean = meanRow(values, dim);
  const deviation = new Float64Array(dim);
  for (let at = 0; at < values.length; at++) deviation[at % dim]! += (values[at]! - mean[at % dim]!) ** 2 / n;
  return { mean, deviation: deviation.map(Math.sqrt) };
}

function standardised(values: ArrayLike<number>, { mean, deviation }: Standardisation): Float64Array {
  const dim = mean.length;
  // A column that does not vary differs from its mean by rounding at most.
  const varies = deviation.map((d, j) => (d > 1e-12 * Math.abs(mean[j]!) ? d : Infinity));
  return Float64Array.from(values, (value, at) => (value - mean[at % dim]!) / varies[at % dim]!);
}

/** `W^T x + b` of row `i`; the bias is the last row of the weights. */
function scores(rows: Float64Array, i: number, weights: Float64Array, dim: number, out: Float64Array): void {
  const classes = out.length;
  for (let c = 0; c < classes; c++) out[c] = weights[dim * classes + c]!;
  for (let j = 0; j < dim; j++) {
    const value = rows[i * dim + j]!;
    if (value === 0) continue;
    for (let c = 0; c < classes; c++) out[c]! += value * weights[j * classes + c]!;
  }
}

/** Puts `softmax - onehot` in the place of the logits, and returns the cross-entropy. */
function softmaxMinusTarget(logits: Float64Array, target: number): number {
  let largest = -Infinity;
  for (const logit of logits) largest = Math.max(largest, logit);
  const own = logits[target]!;
  let total = 0;
  for (let c = 0; c < logits.length; c++) {
    logits[c] = Math.exp(logits[c]! - largest);
    total += logits[c]!;
  }
  for (let c = 0; c < logits.length; c++) logits[c]! /= total;
  logits[target]! -= 1;
  return Math.log(total) + largest - own;
}
