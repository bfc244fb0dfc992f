import { predictedLabels, shareRight } from './predictions.ts';
import { countRows, type Labels } from './rows.ts';

/**
 * Mean over the samples of `||softmax(logits) - onehot(label)||_2`: the length of cross-entropy's gradient at the
 * logits. It lies between 0 (classified with certainty; nothing is learned any more) and `sqrt(2)` (certain and wrong).
 *
 * @param logits `[n, classes]`, row after row.
 * @param labels `[n]` in `0..classes-1`.
 * @throws RangeError for no row, shapes that do not match, a label out of range, or a logit that is not finite.
 */
export function gradientNormLogits(logits: Float32Array, labels: Labels, classes: number): number {
  const n = checkLogits('gradientNormLogits', logits, labels, classes);
  let sum = 0;
  for (let i = 0; i < n; i++) {
    const start = i * classes;
    let largest = -Infinity;
    for (let c = 0; c < classes; c++) largest = Math.max(largest, logits[start + c]!);
    let others = 0;
    let squares = 0;
    for (let c = 0; c < classes; c++) {
      if (c === labels[i]) continue;
      const e = Math.exp(logits[start + c]! - largest);
      others += e;
      squares += e * e;
    }
    const total = others + Math.exp(logits[start + labels[i]!]! - largest);
    // 1 - p_label is the others' share: summed, not subtracted, so that it keeps its digits when it is tiny.
    sum += Math.sqrt(squares + others * others) / total;
  }
  return sum / n;
}

/**
 * Mean cross-entropy in nats, `log sum_c exp(x_c) - x_label`, from logits: never from clipped probabilities, so a
 * confidently wrong sample costs what it should (`x_max - x_label`).
 *
 * @param logits `[n, classes]`, row after row.
 * @param labels `[n]` in `0..classes-1`.
 * @throws RangeError as {@link gradientNormLogits} does.
 */
export function crossEntropy(logits: Float32Array, labels: Labels, classes: number): number {
  const n = checkLogits('crossEntropy', logits, labels, classes);
  let sum = 0;
  for (let i = 0; i < n; i++) {
    const start = i * classes;
    const own = logits[start + labels[i]!]!;
    let lead = 0; // of the largest logit over the label's
    for (let c = 0; c < classes; c++) lead = Math.max(lead, logits[start + c]! - own);
    let others = 0;
    for (let c = 0; c < classes; c++) {
      if (c !== labels[i]) others += Math.exp(logits[start + c]! - own - lead);
    }
    // log1p keeps the digits of a loss near 0, which is where saturation happens.
    sum += lead === 0 ? Math.log1p(others) : lead + Math.log(others + Math.exp(-lead));
  }
  return sum / n;
}

/**
 * Share of the samples whose largest logit is their label's, 0 to 1. Where several are largest the lowest class
 * counts, as in `tf.argMax`.
 *
 * @param logits `[n, classes]`, row after row.
 * @param labels `[n]` in `0..classes-1`.
 * @throws RangeError as {@link gradientNormLogits} does.
 */
export function accuracy(logits: Float32Array, labels: Labels, classes: number): number {
  checkLogits('accuracy', logits, labels, classes);
  return shareRight(predictedLabels(logits, classes), labels);
}

function checkLogits(name: string, logits: Float32Array, labels: Labels, classes: number): number {
  const n = countRows(name, logits, classes, labels);
  for (let i = 0; i < n; i++) {
    if (labels[i]! >= classes) {
      throw new RangeError(
        `${name}: label ${i} is ${labels[i]!}; with ${classes} classes the largest is ${classes - 1}.`,
      );
    }
  }
  for (let j = 0; j < logits.length; j++) {
    if (!Number.isFinite(logits[j])) {
      const [sample, c] = [Math.floor(j / classes), j % classes];
      throw new RangeError(`${name}: logit ${c} of sample ${sample} is ${logits[j]!}, not a finite number.`);
    }
  }
  return n;
}
