/** The abstract's sentences, what was tested of each, and what came out. */
import { SATURATED_BELOW } from '../comparisons/saturation.ts';
import { SIGNIFICANT } from '../comparisons/comparisonFamilies.ts';
import { capitalised, differenceText, inWords, listing, NOTHING, percentage, pValue } from '../format.ts';
import { STUDIES } from '../../experiments/index.ts';
import { textColumn } from '../tables/columns.ts';
import type { Table } from '../tables/index.ts';
import {
  CLASSIFIED_FROM,
  gradientsAtTaps,
  higherNeighbourAccuracy,
  higherRatio,
  leftAtTaps,
  saturationOfCrossEntropy,
  saturationPrevented,
  shareOfLoss,
  type Evidence,
} from './evidence.ts';
import { isBetter, isOpen, isWorse, primaryFamily, type FamilyMember } from './family.ts';
import { PRIMARY_STUDIES } from '../study/primary.ts';
import type { Publication } from './publication.ts';
import type { StudyRecords } from '../study/study.ts';

/** What became of a sentence. */
export type ClaimVerdict =
  | 'supported here'
  | 'supported in part'
  | 'not supported here'
  | 'contradicted here'
  | 'contradicted as tuned'
  | 'not shown here'
  | 'not testable here'
  | 'undecided'
  | 'not yet run';

/** What a sentence of the abstract claims, in this workbook's words, with its evidence. */
export interface Claim {
  readonly sentence: string;
  /** What was tested of it, and by which rule it counts as holding. */
  readonly tested: string;
  readonly evidence: readonly Evidence[];
  /** What else the records say of it, which no rule looks at: sentences. */
  readonly besides?: readonly string[];
  /** What the numbers of the evidence are; absent where they say so themselves. */
  readonly numbersAre?: string;
  readonly verdict: ClaimVerdict;
  /** What would change the verdict. */
  readonly change: string;
}

/** How evidence becomes a verdict, for whoever reads the table. */
const VERDICT_RULE =
  'Only studies with six seeds or more of both arms count, and one that trains the networks of another again counts with it. A claim is *supported here* where its rule holds in every study that can say, ' +
  '*supported in part* where it holds in some, *not supported here* where it holds in none, *not testable here* where no study can say, and ' +
  '*not yet run* where none of the studies that could is published. A claim on the test error of a data set has one comparison, which may also find the ' +
  'error higher: then it is *contradicted here*, or *contradicted as tuned* where the two differ in more than the loss, and where the corrected test finds neither, *not shown here*, which is no proof that there is no ' +
  'difference. It is *undecided* as long as the comparisons of other data sets that are missing can still bring its corrected p to either side. Intervals ' +
  'by which a rule counts are t intervals and not corrected.';

/** All claims with their verdicts: a sentence of the abstract each, that on results once for each data set. */
export function claims(publication: Publication): Claim[] {
  const studies = studiesThatCount(publication);
  const by = (of: (study: StudyRecords) => Evidence | undefined): Evidence[] => evidenceOf(publication, of);
  const tested = (evidence: readonly Evidence[]) => ({ evidence, verdict: verdictOf(evidence) });
  return [
    {
      sentence: 'Well-known networks change the structure only, and apply cross-entropy at the end.',
      tested: 'Nothing: it describes other work.',
      evidence: [],
      verdict: 'not testable here',
      change: 'A survey.',
    },
    {
      sentence:
        'With cross-entropy alone a network stops updating its weights once all training images are classified: early saturation.',
      tested:
        `Where CE’s training accuracy reaches ${100 * CLASSIFIED_FROM} %, the mean gradient norm at the logits in the last epoch is below ` +
        `${100 * SATURATED_BELOW} % of the first epoch’s.`,
      numbersAre: 'CE’s training accuracy, gradient at the logits in the last epoch of the first’s',
      ...tested(by(saturationOfCrossEntropy)),
      besides: studies.flatMap(({ records }) => leftAtTaps(records)),
      change:
        'Another threshold. The schedule lets the learning rate fall to 0 in every arm, so that weights stop moving at the end whatever the gradient does.',
    },
    {
      sentence:
        'MSL updates the weights even when most training images are predicted correctly (at the layers where it is attached).',
      tested:
        `Where MSL’s training accuracy reaches ${100 * CLASSIFIED_FROM} %, the whole gradient of a sample at every tap is longer than with CE in the ` +
        'last epoch, at equal seeds, the 95 % interval above zero. Studies with probes only.',
      numbersAre: 'length of a sample’s gradient in the last epoch, MSL against CE, tap by tap',
      ...tested(by(gradientsAtTaps)),
      besides: studies.flatMap(({ records }) => shareOfLoss(records)),
      change: 'A weight that falls to 0 during training: then nothing is left of the loss in the last epoch.',
    },
    {
      sentence: 'A network with MSL deepens the learning process.',
      tested:
        `Where CE saturates, MSL does not: its gradient norm at the logits ends above ${100 * SATURATED_BELOW} % of the first epoch’s. (One reading of ` +
        '“deepens”; what is learned is tested by the sentences on test error.)',
      numbersAre: 'gradient at the logits in the last epoch of the first’s, CE and MSL',
      ...tested(by(saturationPrevented)),
      change: 'Another reading of “deepens”; a stronger loss, at the cost of test error.',
    },
    {
      sentence:
        'The between-class part makes classes differ, the within-class part draws a class together (read so against the words, which say that it ' +
        '“minimises the similarities”).',
      tested:
        'The between/within ratio of held-out images is higher than with CE at every tap, at equal seeds, the 95 % interval above zero. The ' +
        'loss nearly optimises this ratio, so that the sentence is easily met.',
      numbersAre: 'ratio, MSL against CE, tap by tap',
      ...tested(by(higherRatio)),
      change: 'The paper’s formula. Read literally, the part would drive a class apart; that was not tried.',
    },
    {
      sentence: 'Attached to different convolution layers, it makes use of their intermediate features.',
      tested:
        'The accuracy of 5 nearest neighbours on held-out images is higher than with CE at every tap, at equal seeds, the 95 % interval above zero.',
      numbersAre: '5-NN accuracy (%), MSL against CE, tap by tap',
      ...tested(by(higherNeighbourAccuracy)),
      change: 'A weight for each layer: here all have the same.',
    },
    ...primaryFamily(publication).map((member, _, family) => promising(member, family)),
    {
      sentence: 'Promising results on the authors’ own gender images (ICVL).',
      tested: 'Nothing: the images are private. A public set of faces stands in, above.',
      evidence: [],
      verdict: 'not testable here',
      change: 'The images.',
    },
  ];
}

/** The workbook's own studies, but for that of ablations, which varies the loss. */
function studiesThatCount({ published }: Publication): Publication['published'] {
  return published.filter(({ name }) => STUDIES.some((study) => study.name === name) && name !== 'ablations');
}

/** What each study says by a rule; one that trains the networks of another again says it once with that. */
export function evidenceOf(
  publication: Publication,
  of: (study: StudyRecords) => Evidence | undefined,
): Evidence[] {
  const found = studiesThatCount(publication).flatMap(({ records, repeats }) => {
    const evidence = of(records);
    return evidence === undefined ? [] : [{ evidence, repeats }];
  });
  return found
    .filter(({ repeats }) => !found.some(({ evidence }) => evidence.study === repeats))
    .map(({ evidence }) => evidence);
}

function promising(member: FamilyMember, family: readonly FamilyMember[]): Claim {
  const { dataset, study, records, comparison, holmP, besideLoss, atOneRate } = member;
  const statistics = comparison?.statistics;
  const enough = statistics !== undefined && holmP !== null && comparison?.means != null;
  const beside =
    besideLoss.length === 0
      ? ''
      : `; not of the loss alone: ${listing(besideLoss.map(({ name }) => name))} differs, too` +
        (atOneRate === '' ? '' : `. Exploratory, at one learning rate for both: ${atOneRate}`);
  const numbers = enough
    ? `${percentage(comparison.means.arm)} % against ${percentage(comparison.means.baseline)} % test error, difference ` +
      `${differenceText(comparison.difference!, statistics.t)}, p = ${pValue(statistics.signFlipP!)}, corrected ${pValue(holmP)}${beside}`
    : '';
  const open = isOpen(member, family);
  const evidence = enough ? [{ study, holds: open ? null : isBetter(member), numbers }] : [];
  const verdict = (): ClaimVerdict => {
    if (records === undefined) return 'not yet run';
    if (!enough) return 'not testable here';
    if (open) return 'undecided';
    if (isBetter(member)) return 'supported here';
    if (!isWorse(member)) return 'not shown here';
    return besideLoss.length === 0 ? 'contradicted here' : 'contradicted as tuned';
  };
  return {
    sentence: `Promising results on ${dataset}.`,
    tested:
      'Read as a lower test error than CE, both tuned by one rule: the primary comparison of the data set, supported where p, corrected over ' +
      `the ${inWords(PRIMARY_STUDIES.length)} data sets, is at most ${SIGNIFICANT}.`,
    evidence,
    verdict: verdict(),
    change:
      'More seeds (a smaller difference is found), a larger network, the whole set, the paper’s formula and schedule.',
  };
}

/** What evidence by study amounts to, see {@link VERDICT_RULE}. */
export function verdictOf(evidence: readonly Pick<Evidence, 'holds'>[]): ClaimVerdict {
  if (evidence.length === 0) return 'not yet run';
  const deciding = evidence.filter(({ holds }) => holds !== null);
  const holding = deciding.filter(({ holds }) => holds === true).length;
  if (deciding.length === 0) return 'not testable here';
  if (holding === deciding.length) return 'supported here';
  return holding === 0 ? 'not supported here' : 'supported in part';
}

/** {@link claims} in short, a row a sentence; {@link claimText} has the rest. */
export function claimsTable(publication: Publication): Table {
  const rows = claims(publication);
  return {
    title: 'The abstract’s claims',
    note: `${VERDICT_RULE.replaceAll('*', '')} The study of ablations is left out, which varies the loss. Studies of one data set share images and seeds: how many hold is no count of independent evidence.`,
    rowHeader: 'claim',
    rows: rows.map(({ sentence }) => sentence),
    columns: [
      textColumn(rows, 'evidence', inShort),
      { ...textColumn(rows, 'verdict', ({ verdict }) => verdict), textWidth: 20 },
    ],
  };
}

function inShort({ evidence, numbersAre }: Claim): string {
  const [first] = evidence;
  if (first === undefined) return NOTHING;
  // A primary comparison, whose numbers say what they are.
  if (numbersAre === undefined) return first.numbers;
  const deciding = evidence.filter(({ holds }) => holds !== null);
  const holding = deciding.filter(({ holds }) => holds === true);
  return deciding.length === 0
    ? `none of ${evidence.length} studies can say`
    : deciding.length === 1
      ? `${holding.length === 1 ? 'holds' : 'does not hold'} in the one study that can say`
      : `holds in ${holding.length} of ${deciding.length} studies that can say`;
}

/** A sentence with its verdict, rule, evidence study by study, and what would change it, as Markdown. */
export function claimText({
  sentence,
  tested,
  evidence,
  besides = [],
  numbersAre,
  verdict,
  change,
}: Claim): string {
  const word = (holds: boolean | null): string =>
    holds === null ? 'cannot say' : holds ? 'holds' : 'does not hold';
  return [
    `**${sentence}** ${capitalised(verdict)}.\n`,
    `- Tested: ${tested}`,
    ...(evidence.length === 0
      ? []
      : [
          `- Evidence${numbersAre === undefined ? '' : ` (${numbersAre})`}:`,
          ...evidence.map(({ study, holds, numbers }) => `  - \`${study}\` ${word(holds)}: ${numbers}`),
        ]),
    ...besides.map((text) => `- Besides: ${text}`),
    `- What would change it: ${change}\n`,
  ].join('\n');
}

/** One sentence that says how many claims got which verdict. */
export function verdictSentence(publication: Publication): string {
  const all = claims(publication);
  const counts = new Map<ClaimVerdict, number>();
  for (const { verdict } of all) counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  const parts = [...counts].map(([verdict, n]) => `${inWords(n)} ${n === 1 ? 'is' : 'are'} *${verdict}*`);
  return `Of the ${all.length} claims that the abstract’s sentences make ${listing(parts)}.`;
}
