import { classRows, meanRow, requireFinite } from './classes.ts';
import { fillAllDotProducts } from './dot/index.ts';
import { minimise, type MinimiseOptions } from './lbfgs.ts';
import { shareRight } from './predictions.ts';
import { countRows, transposed, type Labels } from './rows.ts';

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
  const columns = transposed(rows, n, dim);
  const targets = Int32Array.from({ length: n }, (_, i) => present.indexOf(trainLabels[i]!));
  const classes = present.length;
  const penalty = 1 / (inverseRegularisation * n);
  const logits = new Float64Array(classes * n);
  const minimum = minimise(
    // Weights and gradient are [classes, dim], and the biases behind them.
    (weights, gradient) => {
      fillLogits(rows, weights, dim, logits);
      const loss = softmaxMinusTargets(logits, targets);
      fillAllDotProducts(logits, columns, n, gradient);
      for (let c = 0; c < classes; c++) {
        gradient[classes * dim + c] = logits
          .subarray(c * n, (c + 1) * n)
          .reduce((sum, value) => sum + value, 0);
      }
      for (let at = 0; at < gradient.length; at++) gradient[at]! /= n;
      let squares = 0;
      for (let at = 0; at < dim * classes; at++) {
        squares += weights[at]! ** 2;
        gradient[at]! += penalty * weights[at]!;
      }
      return loss / n + (penalty * squares) / 2;
    },
    new Float64Array(classes * (dim + 1)),
    options,
  );
  const predict = (features: ArrayLike<number>): Int32Array => {
    const count = countRows('linearProbe', features, dim);
    requireFinite('linearProbe', features, dim);
    const found = new Float64Array(classes * count);
    fillLogits(standardised(features, scale), minimum.point, dim, found);
    return Int32Array.from({ length: count }, (_, i) => {
      let best = 0;
      for (let c = 1; c < classes; c++) if (found[c * count + i]! > found[best * count + i]!) best = c;
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
  return shareRight(linearProbe(options).predict(test), testLabels);
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
  for (let start = 0; start < values.length; start += dim) {
    for (let j = 0; j < dim; j++) deviation[j]! += (values[start + j]! - mean[j]!) ** 2 / n;
  }
  return { mean, deviation: deviation.map(Math.sqrt) };
}

function standardised(values: ArrayLike<number>, { mean, deviation }: Standardisation): Float64Array {
  const dim = mean.length;
  // A column that does not vary differs from its mean by rounding at most.
  const varies = deviation.map((d, j) => (d > 1e-12 * Math.abs(mean[j]!) ? d : Infinity));
  const rows = new Float64Array(values.length);
  for (let start = 0; start < values.length; start += dim) {
    for (let j = 0; j < dim; j++) rows[start + j] = (values[start + j]! - mean[j]!) / varies[j]!;
  }
  return rows;
}

/** `[classes, n]` of `W x + b` of each row. */
function fillLogits(rows: Float64Array, weights: Float64Array, dim: number, out: Float64Array): void {
  const n = rows.length / dim;
  const classes = out.length / n;
  fillAllDotProducts(weights.subarray(0, classes * dim), rows, dim, out);
  for (let c = 0; c < classes; c++) {
    const bias = weights[classes * dim + c]!;
    for (let at = c * n; at < (c + 1) * n; at++) out[at]! += bias;
  }
}

/** Puts `softmax - onehot` in the place of the logits `[classes, n]`, and returns the sum of the cross-entropies. */
function softmaxMinusTargets(logits: Float64Array, targets: Int32Array): number {
  const n = targets.length;
  let loss = 0;
  for (let i = 0; i < n; i++) {
    let largest = -Infinity;
    for (let at = i; at < logits.length; at += n) largest = Math.max(largest, logits[at]!);
    const own = targets[i]! * n + i;
    const ownLogit = logits[own]!;
    let total = 0;
    for (let at = i; at < logits.length; at += n) {
      logits[at] = Math.exp(logits[at]! - largest);
      total += logits[at]!;
    }
    for (let at = i; at < logits.length; at += n) logits[at]! /= total;
    logits[own]! -= 1;
    loss += Math.log(total) + largest - ownLogit;
  }
  return loss;
}
