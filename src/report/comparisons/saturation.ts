import { finishedRunsOf, meanOrNull, type Arm, type StudyRecords } from '../study/study.ts';

/** An arm counts as saturated where the gradient norm at the logits ends below this share of the first epoch's. */
export const SATURATED_BELOW = 0.05;

/** How far the gradient at the logits faded in an arm: means over its finished runs. */
export interface Saturation {
  readonly arm: Arm;
  /** Gradient norm at the logits, mean over the first epoch's training batches. */
  readonly first: number;
  /** The same of the last epoch. */
  readonly last: number;
  readonly saturated: boolean;
}

/** {@link Saturation} of each arm that has a finished run of at least two epochs. */
export function saturations(study: StudyRecords): Saturation[] {
  return study.arms.flatMap((arm) => {
    const runs = finishedRunsOf(study, arm).filter((run) => run.epochs.length >= 2);
    const first = meanOrNull(runs.map((run) => run.epochs[0]!.train.gradientNormLogits));
    const last = meanOrNull(runs.map((run) => run.epochs.at(-1)!.train.gradientNormLogits));
    if (first === null || last === null || first === 0) return [];
    return [{ arm, first, last, saturated: last < SATURATED_BELOW * first }];
  });
}
