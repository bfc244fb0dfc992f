import { holm } from '../../measures/index.ts';
import {
  SIGNIFICANT,
  testErrorComparisons,
  type MeasuredComparison,
} from '../comparisons/comparisonFamilies.ts';
import { asGood } from './controls.ts';
import { findings } from './findings.ts';
import { isTested, smallestCorrected } from './holmNote.ts';
import { atOneRateSentences } from './oneRate.ts';
import { inWords, listing, percentage, points, pValue } from '../format.ts';
import { familyOf } from '../study/primary.ts';
import { settingsBesideLoss } from '../study/settings.ts';
import { tapsOf, withArms, type StudyRecords } from '../study/study.ts';

/** A study's answer in complete sentences, whichever way the numbers point. */
export interface Verdict {
  /** Of the comparison that the study was made for. */
  readonly primary: readonly string[];
  /** Of all others, which suggest and decide nothing. */
  readonly exploratory: readonly string[];
  /** Of the stages' features, with the loss and without. */
  readonly separability: readonly string[];
}

/**
 * What a study says of the question whether an arm lowers the test error of its baseline.
 *
 * @param arm by its name; default the mixture separability loss
 */
export function verdict(study: StudyRecords, arm = 'msl'): Verdict {
  const compared = testErrorComparisons(study);
  const own = compared.find((one) => one.arm.name === arm);
  const others = compared.filter((one) => one !== own && one.difference !== null);
  const smallest = smallestCorrected(compared.filter((one) => !one.primary));
  if (own === undefined) return { primary: [], exploratory: explored(others, smallest), separability: [] };
  const pair = withArms(study, [own.baseline.name, arm]);
  const { result, separability } = findings(pair);
  return {
    primary: [...result, ...answer(study, own)],
    exploratory: [
      ...explored(others, smallest),
      ...asGood(study, arm),
      ...(own.arm.name === 'msl' ? atOneRateSentences(study) : []),
    ],
    separability: tapsOf(pair).length === 0 ? [] : separability,
  };
}

/** What the test allows to say, beside what it does not. */
function answer(study: StudyRecords, own: MeasuredComparison): string[] {
  const { arm, baseline, statistics, difference, primary, holmP } = own;
  if (statistics === undefined || difference === null || statistics.signFlipP === null) return [];
  const { t, signFlipP } = statistics;
  const family = primary ? familyOf(study) : [];
  if (signFlipP <= SIGNIFICANT && holmP !== null && holmP > SIGNIFICANT) {
    const direction = difference < 0 ? 'lowers' : 'raises';
    const over = primary ? 'the data sets' : 'the comparisons of this study that explore';
    const alone = `Alone its p would be at most ${SIGNIFICANT}, corrected over ${over} it is ${pValue(holmP)}`;
    // What is missing decides, unless this p were too large even if all of theirs were 0.
    const isOpen =
      holm([signFlipP, ...family.map((p) => p ?? 0)])[0]! <= SIGNIFICANT && family.includes(null);
    return [
      isOpen
        ? `${alone} as long as some are missing: whether ${arm.title} ${direction} the test error of ${baseline.title} here is undecided.`
        : `${alone}: that ${arm.title} ${direction} the test error of ${baseline.title} is not shown here.`,
    ];
  }
  const where = !primary
    ? ', as far as a comparison that explores can say'
    : family.length === 0
      ? ''
      : ', also after the correction over the data sets';
  if (signFlipP <= SIGNIFICANT) {
    const [lowers, side] = difference < 0 ? ['lowers', 'for'] : ['raises', 'against'];
    const isOfLoss = settingsBesideLoss(study, own).length === 0;
    const of = isOfLoss ? 'the loss' : `${arm.title} as it was tuned, not ${side} the loss alone`;
    return [
      `So ${arm.title} ${lowers} the test error of ${baseline.title} here${where}` +
        (isOfLoss && difference < 0 ? '.' : `: a result ${side} ${of}.`),
    ];
  }
  const gain = t.low < 0 ? `a gain ${beyond(t.low)}` : 'any gain';
  const harm = t.high > 0 ? `a harm ${beyond(t.high)}` : 'any harm';
  return [
    `So no effect of ${arm.title} is shown here: p is above ${SIGNIFICANT}. That is no proof that there is none; what the interval speaks ` +
      `against is ${gain}, and ${harm}.`,
  ];
}

function explored(others: readonly MeasuredComparison[], smallest: number | null): string[] {
  if (others.length === 0) return [];
  const named = (list: readonly MeasuredComparison[]): string =>
    listing(list.map(({ arm, difference }) => `${arm.title} (${points(difference!)})`));
  const ordered = [...others].sort((a, b) => a.difference! - b.difference!);
  const lower = ordered.filter(({ difference }) => difference! < 0);
  const baselines = new Set(others.map(({ baseline }) => baseline.title));
  const baseline = baselines.size === 1 ? others[0]!.baseline.title : 'the baseline of each';
  const tested = others.filter(isTested);
  const held = tested.filter(({ holmP }) => holmP !== null && holmP <= SIGNIFICANT);
  const [none, some] =
    others.length === 1
      ? ['The one other arm had no', 'The one other arm']
      : [
          `None of the ${inWords(others.length)} other arms had a`,
          `Of the ${inWords(others.length)} other arms ${inWords(lower.length)}`,
        ];
  return [
    lower.length === 0
      ? `${none} lower mean error than ${baseline}, in points: ${named(ordered)}.`
      : `${some} had a lower mean error than ${baseline}, in points: ${named(lower)}.`,
    ...(lower.length === 0 || lower.length === others.length
      ? []
      : [`Not lower: ${named(ordered.filter((one) => !lower.includes(one)))}.`]),
    ...(tested.length === 0
      ? []
      : [
          held.length > 0
            ? `After Holm’s correction p is at most ${SIGNIFICANT} for ${named(held)}; they explore all the same.`
            : `After Holm’s correction none of them has a p of at most ${SIGNIFICANT}` +
              (smallest !== null && smallest > SIGNIFICANT
                ? `, nor could so few seeds reach it: the smallest possible is ${pValue(smallest)}.`
                : '.'),
        ]),
  ];
}

/** What lies beyond an end of the interval as it is shown: where that is 0.00, all that would not be shown so. */
function beyond(end: number): string {
  const shown = percentage(Math.abs(end));
  return Number(shown) === 0 ? 'that two decimals of a point would show' : `of more than ${shown} points`;
}
