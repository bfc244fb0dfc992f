import type { TrainingState } from './step.ts';

/** A measure of a step was NaN or infinite: training cannot go on from there. */
export class DivergenceError extends Error {
  override readonly name = 'DivergenceError';
  readonly epoch: number;
  readonly step: number;
  readonly measure: string;

  constructor(epoch: number, step: number, measure: string, value: number) {
    super(
      `Training diverged: ${measure} became ${value} in step ${step} of epoch ${epoch}. ` +
        'A lower learning rate or a smaller weight of the loss usually helps.',
    );
    this.epoch = epoch;
    this.step = step;
    this.measure = measure;
  }
}

/**
 * The total is not finite where a term of it is not: the term is named.
 *
 * @throws {DivergenceError}
 */
export function refuseNonFiniteMeasures(
  names: readonly string[],
  values: Float32Array,
  epoch: number,
  step: number,
): void {
  const wrong = names.filter((_, i) => !Number.isFinite(values[i]));
  const name = wrong.find((candidate) => candidate !== 'total') ?? wrong[0];
  if (name !== undefined) throw new DivergenceError(epoch, step, name, values[names.indexOf(name)]!);
}

/**
 * The measures of a step are taken before its update: what the last update did shows in the weights alone.
 *
 * @throws {DivergenceError}
 */
export function refuseNonFiniteState(state: TrainingState, epoch: number, step: number): void {
  for (const part of [state.parameters, state.statistics, state.losses]) {
    for (const [name, tensor] of Object.entries(part)) {
      const wrong = tensor.dataSync<'float32'>().find((value) => !Number.isFinite(value));
      if (wrong !== undefined) throw new DivergenceError(epoch, step, name, wrong);
    }
  }
}
