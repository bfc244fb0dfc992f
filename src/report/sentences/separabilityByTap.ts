/** How separable the classes are at the taps, arm against arm, in words. */
import { byMeasure, type UncorrectedComparison } from '../comparisons/comparisonFamilies.ts';
import { inWords, listing } from '../format.ts';
import { neighbourAccuracy, scatterRatio, type Measure } from '../study/measures.ts';
import { baselineFor, comparedArms, tapsOf, type Arm, type StudyRecords } from '../study/study.ts';

/** The comparison at one tap. */
interface AtTap extends UncorrectedComparison {
  readonly tap: string;
}

/**
 * At which taps an arm's features of held-out images are more separable than its baseline's, and at which less. From six seeds on a
 * difference counts where its 95 % interval (t) leaves out zero; below, the means are told as what they are.
 */
export function separabilityByTap(study: StudyRecords): string[] {
  if (tapsOf(study).length === 0) return [];
  return [
    ...comparedArms(study).flatMap((arm) => sentence(study, arm)),
    'MSL nearly optimises that ratio, so a higher one proves nothing alone; nearest-neighbour accuracy is what it should buy.',
  ];
}

function sentence(study: StudyRecords, arm: Arm): string[] {
  const baseline = baselineFor(study, arm);
  const compared = (measureAt: (tap: string) => Measure): AtTap[] =>
    tapsOf(study)
      .map((tap) => ({ tap, ...byMeasure(study, arm, baseline, measureAt(tap)) }))
      .filter(({ difference }) => difference !== null);
  const [ratio, neighbours] = [compared(scatterRatio), compared(neighbourAccuracy)];
  if (ratio.length === 0 || neighbours.length === 0) return [];
  const isTested = [...ratio, ...neighbours].every(({ statistics }) => statistics !== undefined);
  const by = isTested ? 'by the 95 % intervals of the paired differences (t)' : 'by the means alone';
  return [
    `Compared with ${baseline.title}, on held-out images and ${by}, the between/within ratio of ${arm.title} was ` +
      `${words(ratio, isTested)}; its nearest-neighbour accuracy was ${words(neighbours, isTested)}.`,
  ];
}

/** `higher at one of three taps, lower at stage3 (−0.85 points, −1.20 to −0.50) and undecided at stage2`. */
function words(compared: readonly AtTap[], isTested: boolean): string {
  const sign = ({ statistics, difference }: AtTap): number =>
    !isTested ? Math.sign(difference!) : statistics!.t.low > 0 ? 1 : statistics!.t.high < 0 ? -1 : 0;
  const [higher, lower, open] = [1, -1, 0].map((way) => compared.filter((one) => sign(one) === way));
  return listing([
    `higher at ${inWords(higher!.length)} of ${inWords(compared.length)} ${compared.length === 1 ? 'tap' : 'taps'}`,
    ...(lower!.length === 0 ? [] : [`lower at ${listing(lower!.map((one) => sized(one, isTested)))}`]),
    ...(open!.length === 0
      ? []
      : [`${isTested ? 'undecided' : 'the same'} at ${listing(open!.map(({ tap }) => tap))}`]),
  ]);
}

function sized({ tap, measure, difference, statistics }: AtTap, isTested: boolean): string {
  const show = measure.formatDifference;
  const unit = measure.factor === 100 ? ' points' : '';
  const interval = isTested ? `, ${show(statistics!.t.low)} to ${show(statistics!.t.high)}` : '';
  return `${tap} (${show(difference!)}${unit}${interval})`;
}
