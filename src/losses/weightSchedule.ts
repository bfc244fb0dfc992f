/**
 * How the weight of a loss changes over a training:
 *
 * - `constant`: not at all
 * - `linearRamp`: it rises in equal steps, from `1 / epochs` of itself in the first epoch to all of it in the last
 * - `cosineToZero`: it falls along half a cosine, from all of it in the first epoch to 0 after the last
 */
export type WeightSchedule = (typeof WEIGHT_SCHEDULES)[number];

export const WEIGHT_SCHEDULES = ['constant', 'linearRamp', 'cosineToZero'] as const;

/**
 * The share of its weight that a loss has in an epoch; no epoch is without effect.
 *
 * @param epoch counted from 1
 */
export function weightFactor(schedule: WeightSchedule, epoch: number, epochs: number): number {
  switch (schedule) {
    case 'constant':
      return 1;
    case 'linearRamp':
      return epoch / epochs;
    case 'cosineToZero':
      return (1 + Math.cos((Math.PI * (epoch - 1)) / epochs)) / 2;
  }
}
