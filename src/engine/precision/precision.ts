import { UsageError, UserError } from '../errors.ts';
import type { Trace } from '../tracing/trace.ts';
import { unknownName } from '../nearest.ts';
import { toBfloat16, type TypeNumbers } from './toBfloat16.ts';

/** The precisions in which a graph function can compute. */
export const PRECISIONS = ['float32', 'bfloat16'] as const;

/**
 * - `float32`: everything.
 * - `bfloat16`: mixed. Convolutions, matrix products and what lies between them compute in bfloat16, the rest
 *   in float32; arguments, results and whatever is kept from one call to the next are float32.
 */
export type Precision = (typeof PRECISIONS)[number];

/** @throws {UsageError} for what is none of {@link PRECISIONS} */
export function requireKnown(precision: string): void {
  if (PRECISIONS.some((known) => known === precision)) return;
  throw new UsageError(unknownName('precision', precision, PRECISIONS));
}

/**
 * @throws {UserError} for a precision that `engine` cannot compute in
 */
export function requirePrecision(precision: Precision, engine: string): void {
  if (precision === 'float32' || engine === 'tensorflow') return;
  throw new UserError(
    `The engine '${engine}' computes in float32 only: precision '${precision}' needs TensorFlow ` +
      "(MSL_ENGINE=tensorflow). Leave precision out, or set it to 'float32'.",
  );
}

/** The graph in a precision; in float32 it is the one that was traced. */
export function inPrecision<G extends Pick<Trace, 'nodes' | 'outputs'>>(
  traced: G,
  precision: Precision,
  types: TypeNumbers,
): G {
  return precision === 'float32' ? traced : toBfloat16(traced, types);
}
