/** Features of samples, one row each. */
export type Rows = readonly (readonly number[])[];

/** Batches on which values and gradients have to stay finite, those that docs/agreement.md tells of. */
export { DEGENERATE } from '../../src/bench/lossAgreement.ts';
