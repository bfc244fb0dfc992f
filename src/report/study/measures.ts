import { percentage, points, threeDigits } from '../format.ts';
import { tapsOf, type RunRecord, type StudyRecords } from './study.ts';

/** Something that is known of a run at its end. It never depends on the clock. */
export interface Measure {
  /** With its unit, e.g. `test error (%)`. */
  readonly name: string;
  readonly value: (run: RunRecord) => number | null | undefined;
  /** Makes a value, and a difference of two, readable. */
  readonly format: (value: number) => string;
  readonly formatDifference: (difference: number) => string;
  /** What values and differences are multiplied by to have the unit of the name. */
  readonly factor: number;
}

/** What a study is about. */
export const TEST_ERROR = share('test error (%)', (run) => run.summary.test.error);

/** What is known of training. */
export const TRAINING: readonly Measure[] = [
  share('training accuracy (%)', (run) => run.summary.train.accuracy),
  number('training cross-entropy', (run) => run.summary.train.crossEntropy),
  number('gradient norm at the logits, after training', (run) => run.summary.train.gradientNormLogits),
];

/** What is known of the features at each tap of the study. */
export function tapMeasures(study: StudyRecords): Measure[] {
  const taps = tapsOf(study);
  return [...taps.map(neighbourAccuracy), ...taps.map(scatterRatio)];
}

/** Share of held-out images whose nearest training images vote for their class, by the features of a tap. */
export function neighbourAccuracy(tap: string): Measure {
  return share(`5-NN accuracy (%), ${tap}`, (run) => run.summary.taps[tap]?.knnAccuracy);
}

/** Scatter between the classes over scatter within them, of held-out images' features at a tap. */
export function scatterRatio(tap: string): Measure {
  return number(`between/within ratio, ${tap}`, (run) => run.summary.taps[tap]?.betweenWithinRatio);
}

function share(name: string, value: Measure['value']): Measure {
  return { name, value, format: percentage, formatDifference: points, factor: 100 };
}

function number(name: string, value: Measure['value']): Measure {
  const signed = (difference: number): string => {
    const size = threeDigits(Math.abs(difference));
    return difference === 0 ? size : `${difference < 0 ? '−' : '+'}${size}`;
  };
  return { name, value, format: threeDigits, formatDifference: signed, factor: 1 };
}
