import { predictedClasses } from './predictions.ts';
import { countRows, type Labels } from './rows.ts';

export interface CalibrationOptions {
  /** `[n, classes]` probabilities, row after row, e.g. `softmax(logits, classes)`. */
  readonly probabilities: Float64Array;
  /** `[n]` in `0..classes-1`. */
  readonly labels: Labels;
  readonly classes: number;
  /** 15 by default, as in the reference. */
  readonly bins?: number;
  /**
   * `equalWidth` (the default): of confidences above `m / bins`, up to `(m + 1) / bins`. `equalMass`: of equally many samples,
   * sorted by confidence; those of one confidence stay in one bin, so that there can be fewer.
   */
  readonly binning?: 'equalWidth' | 'equalMass';
}

/** Samples of nearly one confidence: a point of the reliability diagram. */
export interface CalibrationBin {
  /** Confidences above this, */
  readonly above: number;
  /** and up to this. */
  readonly upTo: number;
  readonly n: number;
  /** Mean confidence; `NaN` where there is no sample. */
  readonly confidence: number;
  /** Share that is right; `NaN` where there is no sample. */
  readonly accuracy: number;
}

export interface Calibration {
  /** ECE, 0 to 1: mean over the samples of `|accuracy - confidence|` of their bin. */
  readonly expectedError: number;
  /** MCE: the largest of the bins' `|accuracy - confidence|`. */
  readonly maximumError: number;
  /** Mean confidence of all samples minus their accuracy: above 0, the network is surer than it is right. No bins are in it. */
  readonly overconfidence: number;
  /** By confidence, ascending; those of equal width with the empty ones. */
  readonly bins: readonly CalibrationBin[];
}

/**
 * Whether a network is as often right as it is sure: a sample's confidence is its largest probability, and right it is where
 * that class is its label (of equals the lowest). The expected calibration error is
 * `ECE = sum_b n_b / n |acc_b - conf_b|` with `acc_b` the share of a bin's samples that are right, `conf_b` their mean
 * confidence.
 *
 * - A confidence on an edge belongs to the bin below it. An empty bin counts as 0.
 * - One class: confidence and accuracy are 1, so that the error is 0.
 * - Few samples make it large: a bin of one is off by its whole confidence, or by what it lacks of 1. Compare equally many.
 *
 * Reference: Guo, Pleiss, Sun and Weinberger, "On calibration of modern neural networks", ICML 2017; bins of equally many
 * samples: Nguyen and O'Connor, "Posterior calibration and exploratory analysis for natural language processing models", EMNLP 2015.
 *
 * @throws RangeError for no row, shapes that do not match, a label out of range, rows that are not probabilities, or no bin.
 */
export function calibration(options: CalibrationOptions): Calibration {
  const { probabilities, labels, classes, bins = 15, binning = 'equalWidth' } = options;
  const n = checkProbabilities('calibration', probabilities, labels, classes);
  if (!Number.isInteger(bins) || bins < 1) {
    throw new RangeError(`calibration: bins is ${bins}; it must be a whole number from 1.`);
  }
  const predicted = predictedClasses(probabilities, classes);
  const samples: Sample[] = predicted.map(({ label, probability }, i) => ({
    confidence: probability,
    right: label === labels[i] ? 1 : 0,
  }));
  const found = binning === 'equalWidth' ? ofEqualWidth(samples, bins) : ofEqualMass(samples, bins);
  const gaps = found.map((bin) => (bin.n === 0 ? 0 : Math.abs(bin.accuracy - bin.confidence)));
  const all = binOf(samples, 0, 1);
  return {
    expectedError: gaps.reduce((sum, gap, b) => sum + (found[b]!.n / n) * gap, 0),
    maximumError: gaps.reduce((most, gap) => Math.max(most, gap), 0),
    overconfidence: all.confidence - all.accuracy,
    bins: found,
  };
}

/**
 * The Brier score, 0 to 2: mean over the samples of `sum_c (p_c - [c = label])^2`. It falls both where more is right and where
 * probabilities are nearer to what happens.
 *
 * Reference: Brier, "Verification of forecasts expressed in terms of probability", Monthly Weather Review 78, 1950.
 *
 * @param probabilities `[n, classes]`, row after row, e.g. `softmax(logits, classes)`.
 * @param labels `[n]` in `0..classes-1`.
 * @throws RangeError for no row, shapes that do not match, a label out of range, or rows that are not probabilities.
 */
export function brierScore(probabilities: Float64Array, labels: Labels, classes: number): number {
  const n = checkProbabilities('brierScore', probabilities, labels, classes);
  let sum = 0;
  for (let i = 0; i < n; i++) {
    for (let c = 0; c < classes; c++) {
      sum += (probabilities[i * classes + c]! - (c === labels[i] ? 1 : 0)) ** 2;
    }
  }
  return sum / n;
}

interface Sample {
  readonly confidence: number;
  readonly right: number;
}

function ofEqualWidth(samples: readonly Sample[], bins: number): CalibrationBin[] {
  const members: Sample[][] = Array.from({ length: bins }, () => []);
  for (const sample of samples) {
    let bin = Math.min(bins - 1, Math.max(0, Math.ceil(sample.confidence * bins) - 1));
    // The product is rounded; the edges are as they are told.
    while (bin > 0 && sample.confidence <= bin / bins) bin--;
    while (bin < bins - 1 && sample.confidence > (bin + 1) / bins) bin++;
    members[bin]!.push(sample);
  }
  return members.map((own, bin) => binOf(own, bin / bins, (bin + 1) / bins));
}

function ofEqualMass(samples: readonly Sample[], bins: number): CalibrationBin[] {
  const sorted = [...samples].sort((a, b) => a.confidence - b.confidence);
  const n = sorted.length;
  const found: CalibrationBin[] = [];
  let start = 0;
  for (let bin = 1; bin <= bins; bin++) {
    let end = Math.floor((bin * n) / bins);
    if (end <= start) continue;
    // A saturated network is equally sure of many: cut among them, the bins would depend on the order of the samples.
    while (end < n && sorted[end]!.confidence === sorted[end - 1]!.confidence) end++;
    const last = end === n ? 1 : sorted[end - 1]!.confidence;
    found.push(binOf(sorted.slice(start, end), found.at(-1)?.upTo ?? 0, last));
    start = end;
  }
  return found;
}

function binOf(samples: readonly Sample[], above: number, upTo: number): CalibrationBin {
  const mean = (of: (sample: Sample) => number) =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  return {
    ...{ above, upTo, n: samples.length },
    confidence: mean(({ confidence }) => confidence),
    accuracy: mean(({ right }) => right),
  };
}

/** What a row may differ from 1 in sum: probabilities in float32 do by `1e-7` a class. */
const ROUNDING = 1e-4;

function checkProbabilities(
  name: string,
  probabilities: Float64Array,
  labels: Labels,
  classes: number,
): number {
  const n = countRows(name, probabilities, classes, labels);
  for (let i = 0; i < n; i++) {
    if (labels[i]! >= classes) {
      throw new RangeError(
        `${name}: label ${i} is ${labels[i]!}; with ${classes} classes the largest is ${classes - 1}.`,
      );
    }
    let sum = 0;
    for (let at = i * classes; at < (i + 1) * classes; at++) {
      const value = probabilities[at]!;
      if (!(value >= 0 && value <= 1 + ROUNDING)) {
        throw new RangeError(
          `${name}: value ${at % classes} of row ${i} is ${value}; a probability lies within 0 to 1 (softmax makes them of logits).`,
        );
      }
      sum += value;
    }
    if (!(Math.abs(sum - 1) <= ROUNDING)) {
      throw new RangeError(
        `${name}: row ${i} sums to ${sum}; probabilities sum to 1 (softmax makes them of logits).`,
      );
    }
  }
  return n;
}
