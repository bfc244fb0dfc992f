/** Learning rate over a training: a straight rise, then a straight fall to 0. */
export interface Schedule {
  /** The highest learning rate. */
  readonly peak: number;
  /** Share of all steps that the rise takes, 0 to 1. */
  readonly warmup: number;
  /** Number of steps of the training. */
  readonly steps: number;
}

/**
 * The learning rate of a step, counted from 0. It starts one step above 0 and ends one step above 0, so that
 * no step is without effect.
 */
export function learningRateAt(step: number, { peak, warmup, steps }: Schedule): number {
  const rise = Math.round(warmup * steps);
  return step < rise ? (peak * (step + 1)) / (rise + 1) : (peak * (steps - step)) / (steps - rise);
}
