/** The answers to the report's three questions, in short. */
import type { Interval } from '../../measures/index.ts';
import { SATURATED_BELOW } from '../comparisons/saturation.ts';
import { testErrorComparisons } from '../comparisons/comparisonFamilies.ts';
import { inWords, listing } from '../format.ts';
import { isMember } from '../study/primary.ts';
import {
  gradientsAtTaps,
  higherNeighbourAccuracy,
  higherRatio,
  saturationOfCrossEntropy,
  saturationPrevented,
  shareOfWeightGradient,
} from './evidence.ts';
import { evidenceOf } from './claims.ts';
import { isBetter, isOpen, isWorse, primaryFamily } from './family.ts';
import type { Publication } from './publication.ts';

/** A sentence or two on saturation, on separability and on the test error, as a Markdown list; each counts as its claim does. */
export function answers(publication: Publication): string {
  const held = (of: Parameters<typeof evidenceOf>[1]): string => {
    const deciding = evidenceOf(publication, of).filter(({ holds }) => holds !== null);
    const holding = deciding.filter(({ holds }) => holds === true).length;
    return deciding.length === 0
      ? 'in no study, since none can say'
      : deciding.length === 1
        ? `${holding === 1 ? 'in' : 'not in'} the one study that can say`
        : `in ${inWords(holding)} of the ${inWords(deciding.length)} studies that can say`;
  };
  const studies = publication.published.map(({ records }) => records);
  return [
    [
      `**Saturation.** Where training images are classified, the gradient of cross-entropy at the logits falls below ` +
        `${100 * SATURATED_BELOW} % of the first epoch’s ${held(saturationOfCrossEntropy)}.`,
      `With MSL it stays above that ${held(saturationPrevented)}; at the layers to which it is attached the whole gradient is longer with it ` +
        `${held(gradientsAtTaps)}.`,
      ...studies.flatMap(shareOfWeightGradient),
    ].join(' '),
    `**Separability.** The between/within ratio of held-out images, which MSL nearly optimises, is higher with it at every layer ${held(higherRatio)}; ` +
      `the accuracy of nearest neighbours, which it does not optimise, ${held(higherNeighbourAccuracy)}. Studies of one data set share images, so ` +
      'that they are not independent evidence.',
    `**Test error.** ${testErrors(publication)}`,
  ]
    .map((text, i) => `${i + 1}. ${text}`)
    .join('\n');
}

function testErrors(publication: Publication): string {
  const family = primaryFamily(publication);
  const named = (test: (member: (typeof family)[number]) => boolean): string =>
    listing(family.filter(test).map(({ dataset }) => dataset)) || 'no data set';
  const open = family.filter((member) => isOpen(member, family));
  const missing = family.filter(({ records }) => records === undefined);
  const untested = family.filter(({ records, holmP }) => records !== undefined && holmP === null);
  const neither = (member: (typeof family)[number]): boolean =>
    member.holmP !== null && !isBetter(member) && !isWorse(member) && !open.includes(member);
  const decided = family.filter((member) => isBetter(member) || isWorse(member));
  const atOne = decided.flatMap(({ dataset, atOneRate }) =>
    atOneRate === ''
      ? []
      : [
          `The search gave the two different learning rates on ${dataset}; at one rate for both the difference is ${atOneRate} (exploratory).`,
        ],
  );
  return [
    `Corrected over the data sets it is lower with MSL on ${named(isBetter)}, and higher on ${named(isWorse)}.`,
    ...atOne,
    ...(family.some(neither) ? [`Neither is shown on ${named(neither)}.`] : []),
    ...besidePrimary(publication),
    ...(open.length === 0 ? [] : [`Undecided: ${named((member) => open.includes(member))}.`]),
    ...(untested.length === 0
      ? []
      : [
          `Not testable here, for want of a search of both or of seeds: ${named((member) => untested.includes(member))}.`,
        ]),
    ...(missing.length === 0 ? [] : [`Not yet run: ${named((member) => missing.includes(member))}.`]),
  ].join(' ');
}

/** MSL against CE in the studies that have no primary comparison, of other networks and regimes; not where trainings are repeated. */
function besidePrimary({ published }: Publication): string[] {
  const found = published.flatMap(({ name, records, repeats }) => {
    const interval = testErrorComparisons(records).find(
      ({ arm, baseline }) => arm.name === 'msl' && baseline.name === 'ce',
    )?.statistics?.t;
    return isMember(records) || repeats !== undefined || interval === undefined ? [] : [{ name, interval }];
  });
  if (found.length === 0) return [];
  const where = (test: (interval: Interval) => boolean): string =>
    listing(found.filter(({ interval }) => test(interval)).map(({ name }) => `\`${name}\``)) || 'none';
  const studies = found.length === 1 ? 'study' : `${inWords(found.length)} studies`;
  return [
    `In the ${studies} without a primary comparison (exploratory, not corrected) the whole interval of MSL’s error minus CE’s is below zero in ` +
      `${where(({ high }) => high < 0)} and above it in ${where(({ low }) => low > 0)}.`,
  ];
}
