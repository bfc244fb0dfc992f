import { requireFinite } from './classes.ts';
import { countRows, type Labels } from './rows.ts';

/** What a network takes an image for. */
export interface PredictedClass {
  readonly label: number;
  /** Its softmax, 0 to 1. */
  readonly probability: number;
}

/**
 * The probabilities of the classes, in float64 and without overflow.
 *
 * @param logits `[n, classes]`, row after row.
 * @returns `[n, classes]`, rows that sum to 1.
 * @throws RangeError for no row, an incomplete one, or a logit that is not finite.
 */
export function softmax(logits: Float32Array, classes: number): Float64Array {
  const n = countRows('softmax', logits, classes);
  requireFinite('softmax', logits, classes);
  const probabilities = new Float64Array(logits.length);
  for (let i = 0; i < n; i++) {
    const start = i * classes;
    const largest = logits[start + argMax(logits, start, classes)]!;
    let sum = 0;
    for (let at = start; at < start + classes; at++) {
      probabilities[at] = Math.exp(logits[at]! - largest);
      sum += probabilities[at]!;
    }
    for (let at = start; at < start + classes; at++) probabilities[at]! /= sum;
  }
  return probabilities;
}

/** Which of `count` values from `start` on is the largest, from 0; of equals the lowest, as in `tf.argMax`. */
function argMax(values: ArrayLike<number>, start = 0, count = values.length): number {
  let best = 0;
  for (let c = 1; c < count; c++) if (values[start + c]! > values[start + best]!) best = c;
  return best;
}

/** Share of the samples whose prediction is their label, 0 to 1. */
export function shareRight(predicted: Labels, labels: Labels): number {
  let right = 0;
  for (let i = 0; i < labels.length; i++) if (predicted[i] === labels[i]) right += 1;
  return right / labels.length;
}

/**
 * The class of each row's largest value: of logits, or of probabilities.
 *
 * @param values `[n, classes]`, row after row.
 * @throws RangeError for no row, or an incomplete one.
 */
export function predictedLabels(values: ArrayLike<number>, classes: number): number[] {
  const n = countRows('predictedLabels', values, classes);
  return Array.from({ length: n }, (_, i) => argMax(values, i * classes, classes));
}

/**
 * The most probable class of each row, with its probability.
 *
 * @param probabilities `[n, classes]`, row after row, e.g. of {@link softmax}.
 * @throws RangeError for no row, or an incomplete one.
 */
export function predictedClasses(probabilities: Float64Array, classes: number): PredictedClass[] {
  return predictedLabels(probabilities, classes).map((label, i) => ({
    label,
    probability: probabilities[i * classes + label]!,
  }));
}

/**
 * Counts which class was taken for which.
 *
 * @param labels `[n]` true classes in `0..classes-1`.
 * @param predicted `[n]` in `0..classes-1`.
 * @returns `[true class][predicted class]`
 * @throws RangeError where they are not equally many, or one is not in `0..classes-1`.
 */
export function confusionCounts(labels: Labels, predicted: Labels, classes: number): number[][] {
  if (labels.length !== predicted.length) {
    throw new RangeError(`confusionCounts: ${labels.length} labels and ${predicted.length} predictions.`);
  }
  for (const [name, values] of Object.entries({ label: labels, prediction: predicted })) {
    for (let i = 0; i < values.length; i++) {
      if (Number.isInteger(values[i]) && values[i]! >= 0 && values[i]! < classes) continue;
      throw new RangeError(
        `confusionCounts: ${name} ${i} is ${values[i]!}; there are ${classes} classes, from 0.`,
      );
    }
  }
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let i = 0; i < labels.length; i++) counts[labels[i]!]![predicted[i]!]! += 1;
  return counts;
}
