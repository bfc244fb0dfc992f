import { createStream } from '../../engine/index.ts';
import {
  bcaInterval,
  MOST_DIFFERENCES,
  pairedDifferences,
  pairedTTest,
  SEEDS_FOR_INTERVAL,
  signFlipTest,
  smallestP,
  standardDeviation,
  tInterval,
  wilcoxonSignedRank,
  type Interval,
} from '../../measures/index.ts';

/** What can be said of the differences of two arms from {@link SEEDS_FOR_INTERVAL} seeds on. */
export interface PairedStatistics {
  /** Of the differences. */
  readonly standardDeviation: number;
  /** 95 % intervals of the mean difference: Student's, and the bootstrap's, which is too short for few seeds. */
  readonly t: Interval;
  readonly bca: Interval;
  /** Exact sign-flip test, the one that decides; `null` beyond 40 seeds. */
  readonly signFlipP: number | null;
  /** The smallest p that so many seeds can reach in it. */
  readonly smallestP: number;
  /** Exact signed-rank test; `null` beyond 40 seeds. */
  readonly wilcoxonP: number | null;
  readonly tTestP: number;
}

/** The differences of two arms at equal seeds. */
export interface Paired {
  /** One a seed, the arm minus the baseline. */
  readonly differences: readonly number[];
  /** Their mean; `null` where there is none. */
  readonly difference: number | null;
  readonly statistics?: PairedStatistics;
}

/**
 * Compares an arm with its baseline. The bootstrap's random stream is the same for all, so that equal differences have equal intervals
 * wherever they are shown.
 *
 * @param arm a value a seed
 * @param baseline the baseline's at the same seeds
 */
export function pairedStatistics(arm: readonly number[], baseline: readonly number[]): Paired {
  if (arm.length === 0) return { differences: [], difference: null };
  const { differences, mean } = pairedDifferences(arm, baseline);
  const n = differences.length;
  const paired = { differences: [...differences], difference: mean };
  if (n < SEEDS_FOR_INTERVAL) return paired;
  const isExact = n <= MOST_DIFFERENCES;
  return {
    ...paired,
    statistics: {
      standardDeviation: standardDeviation(differences),
      t: tInterval(differences),
      bca: bcaInterval(differences, { stream: createStream(0, 'bootstrap') }),
      signFlipP: isExact ? signFlipTest(differences).p : null,
      smallestP: smallestP(n),
      wilcoxonP: isExact ? wilcoxonSignedRank(differences).p : null,
      tTestP: pairedTTest(differences).p,
    },
  };
}
