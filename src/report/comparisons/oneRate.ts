/** CE against MSL at one learning rate, where a search gave each a rate of its own. */
import { BORROWED_RATE } from '../../experiments/index.ts';
import { testErrorComparisons, type MeasuredComparison } from './comparisonFamilies.ts';
import { armSettings } from '../study/settings.ts';
import { againstArm, withArms, type Arm, type StudyRecords } from '../study/study.ts';

/** The pairs that differ in the loss alone. */
const PAIRS = [
  { baseline: 'ce', arm: BORROWED_RATE.msl },
  { baseline: BORROWED_RATE.ce, arm: 'msl' },
] as const;

/** Whether an arm is one of the question at the other's learning rate, and so none of another loss. */
export function hasBorrowedRate({ name }: Arm): boolean {
  return Object.values<string>(BORROWED_RATE).includes(name);
}

/** A comparison of the two losses at one learning rate. */
export interface AtOneRate {
  /** The rate of both. */
  readonly rate: string;
  readonly comparison: MeasuredComparison;
}

/** CE against MSL at the rate of CE, and at that of MSL, as far as there are runs. Both explore. */
export function atOneRate(study: StudyRecords): AtOneRate[] {
  return PAIRS.flatMap(({ baseline, arm }) => {
    const pair = withArms(study, [baseline, arm]);
    if (pair.arms.length < 2) return [];
    const rate = armSettings(pair).find(({ path }) => path === 'optimizer.learningRate');
    const [comparison] = testErrorComparisons(againstArm(pair, baseline));
    if (comparison?.difference == null || rate === undefined || rate.differs) return [];
    return [{ rate: rate.values[0]!, comparison }];
  });
}
