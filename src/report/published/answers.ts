/** The answers to the report's three questions, in short. */
import { SATURATED_BELOW } from '../compare.ts';
import { testErrorComparisons } from '../comparisonFamilies.ts';
import { differenceText, inWords, listing } from '../format.ts';
import { isMember } from '../primary.ts';
import { withQuestion } from '../study.ts';
import {
  gradientsAtTaps,
  higherNeighbourAccuracy,
  higherRatio,
  leftAtTaps,
  saturationOfCrossEntropy,
  saturationPrevented,
  shareOfLoss,
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
        ? `in ${holding === 1 ? 'the one study' : 'no study of the one'}`
        : `in ${inWords(holding)} of ${inWords(deciding.length)} studies`;
  };
  const studies = publication.published.map(({ records }) => records);
  return [
    [
      `**Saturation.** Where training images are classified, the gradient of cross-entropy at the logits falls below ` +
        `${100 * SATURATED_BELOW} % of the first epoch’s ${held(saturationOfCrossEntropy)}.`,
      `With MSL it stays above that ${held(saturationPrevented)}; at the layers to which it is attached the whole gradient is longer with it ` +
        `${held(gradientsAtTaps)}.`,
      ...studies.flatMap(leftAtTaps),
      ...studies.flatMap((records) => shareOfLoss(records).slice(0, 1)),
    ].join(' '),
    `**Separability.** The between/within ratio of held-out images, which MSL nearly optimises, is higher with it at every layer ${held(higherRatio)}; ` +
      `the accuracy of nearest neighbours, which it does not optimise, ${held(higherNeighbourAccuracy)}.`,
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
  const missing = family.filter(({ comparison }) => comparison === undefined);
  const neither = (member: (typeof family)[number]): boolean =>
    !isBetter(member) && !isWorse(member) && !open.includes(member) && !missing.includes(member);
  const atOne = family.flatMap(({ dataset, atOneRate }) =>
    atOneRate === '' ? [] : [`${dataset} ${atOneRate}`],
  );
  return [
    `Corrected over the data sets it is lower with MSL on ${named(isBetter)}, and higher on ${named(isWorse)}.`,
    ...(family.some(neither) ? [`Neither is shown on ${named(neither)}.`] : []),
    ...(atOne.length === 0
      ? []
      : [
          `Where the search gave the two different learning rates, MSL minus CE at one rate for both (exploratory): ${atOne.join('; ')}.`,
        ]),
    ...besidePrimary(publication),
    ...(open.length === 0 ? [] : [`Undecided: ${named((member) => open.includes(member))}.`]),
    ...(missing.length === 0 ? [] : [`Not yet run: ${named((member) => missing.includes(member))}.`]),
  ].join(' ');
}

/** MSL against CE in the studies that have no primary comparison, of other networks and regimes; not where trainings are repeated. */
function besidePrimary({ published }: Publication): string[] {
  const found = published.flatMap(({ name, records, repeats }) => {
    const [comparison] = testErrorComparisons(withQuestion(records));
    if (isMember(records) || repeats !== undefined || comparison?.statistics === undefined) return [];
    const { difference, differences, statistics } = comparison;
    return [`\`${name}\` ${differenceText(difference!, statistics.t)}, ${inWords(differences.length)} seeds`];
  });
  return found.length === 0
    ? []
    : [`In the other studies MSL minus CE is (exploratory, not corrected): ${found.join('; ')}.`];
}
