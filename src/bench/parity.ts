import { UserError } from '../engine/index.ts';
import type { Precision } from '../engine/index.ts';
import { REFERENCE, type WorkloadSize } from './workload.ts';

/** Losses of the first steps of the reference workload, by PyTorch 2.15 in float32 (channels_last, 2 threads). */
const REFERENCE_LOSSES: readonly number[] = [
  ...[2.7276604, 2.7259686, 2.7015936, 2.6816778],
  ...[2.5694713, 2.5954595, 2.6154637, 2.5396156],
];

/**
 * How far a loss may be from the float32 reference in eight steps. float32: rounding alone. bfloat16: correct programs are as
 * far from each other as from float32, since they round at different places, so that one of them is no better reference.
 * Five programs (this one, PyTorch with and without torch.compile, tf.function, and float32) on seven workloads were up to
 * 5.6e-4 apart with the reference's batch and widths and up to 2.3e-3 with a batch of 16; the bound is twice that. See
 * docs/precision.md.
 */
export const BOUNDS: Readonly<Record<Precision, number>> = { float32: 1e-4, bfloat16: 5e-3 };

/** The losses that those of a workload of this size are compared with; `undefined` for all but the reference. */
export function knownLosses(size: WorkloadSize): readonly number[] | undefined {
  const same =
    size.batchSize === REFERENCE.batchSize &&
    size.taps === REFERENCE.taps &&
    size.widths.every((width, i) => width === REFERENCE.widths[i]);
  return same ? REFERENCE_LOSSES : undefined;
}

/**
 * The largest difference of a variant's losses from the reference's.
 *
 * @throws {UserError} where one is beyond the bound or no number: the variant does not compute the same, so that its time
 * says nothing
 */
export function checkParity(
  name: string,
  precision: Precision,
  losses: readonly number[],
  reference: readonly number[],
): number {
  let largest = 0;
  const steps = Math.min(losses.length, reference.length);
  for (let i = 0; i < steps; i++) {
    const difference = Math.abs(losses[i]! - reference[i]!);
    if (!(difference <= BOUNDS[precision])) {
      throw new UserError(
        `${name} does not compute the same as the others: its loss in step ${i + 1} is ${losses[i]}, and ` +
          `${reference[i]} was expected, to ${BOUNDS[precision]}. Nothing was timed.`,
      );
    }
    largest = Math.max(largest, difference);
  }
  return largest;
}
