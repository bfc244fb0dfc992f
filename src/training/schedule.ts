/** How the learning rate goes after its rise. */
export const RATE_SCHEDULES = ['linear', 'cosine', 'step', 'constant'] as const;

/**
 * `linear`: straight to 0. `cosine`: half a cosine to 0 (Loshchilov and Hutter, "SGDR", ICLR 2017, without restarts). `step`: a
 * tenth from half of the steps on, a hundredth from three quarters on (He et al., "Deep residual learning", CVPR 2016); a rise of half
 * of the steps or more does not reach its peak. `constant`: it stays.
 */
export type RateSchedule = (typeof RATE_SCHEDULES)[number];

/** Learning rate over a training: a straight rise, then a fall. */
export interface Schedule {
  /** The highest learning rate. */
  readonly peak: number;
  /** Share of all steps that the rise takes, 0 to 1. */
  readonly warmup: number;
  /** Number of steps of the training. */
  readonly steps: number;
  /** What follows the rise; default `linear`. */
  readonly shape?: RateSchedule | undefined;
}

/**
 * The learning rate of a step, counted from 0. It rises from one step above 0; what falls to 0 ends one step above it, so that no
 * step is without effect.
 */
export function learningRateAt(step: number, { peak, warmup, steps, shape = 'linear' }: Schedule): number {
  const rise = Math.round(warmup * steps);
  if (step < rise) return (peak * (step + 1)) / (rise + 1);
  switch (shape) {
    case 'linear':
      return (peak * (steps - step)) / (steps - rise);
    case 'cosine':
      return (peak * (1 + Math.cos((Math.PI * (step - rise)) / (steps - rise)))) / 2;
    case 'step':
      return step < steps / 2 ? peak : step < (steps * 3) / 4 ? peak / 10 : peak / 100;
    case 'constant':
      return peak;
  }
}
