import type { tf } from '../engine/tf.ts';

/** What every loss returns: its total and its named parts, so that the parts of a mixture stay visible. */
export interface LossValue<Part extends string = string> {
  /** `[] float32`: what is minimised. */
  readonly total: tf.Scalar;
  /** Each `[] float32`, before weighting. */
  readonly parts: Readonly<Record<Part, tf.Scalar>>;
}
