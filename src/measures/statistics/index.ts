export { binomialError, wilsonInterval } from './binomial.ts';
export { bcaInterval, type BcaOptions } from './bootstrap.ts';
export { standardNormalCdf, standardNormalQuantile, studentTCdf, studentTQuantile } from './distributions.ts';
export { holm } from './holm.ts';
export { tInterval, type Interval } from './interval.ts';
export { correlation, mean, standardDeviation } from './moments.ts';
export {
  pairedDifferences,
  pairedTTest,
  SEEDS_FOR_INTERVAL,
  type PairedDifferences,
  type TTest,
} from './paired.ts';
export { smallestDetectable } from './power.ts';
export { quantile } from './quantile.ts';
export { MOST_DIFFERENCES, signFlipTest, smallestP, type SignFlipTest } from './signFlip.ts';
export { type Values } from './values.ts';
export { wilcoxonSignedRank, type WilcoxonTest } from './wilcoxon.ts';
