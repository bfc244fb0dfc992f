import { smallestP } from '../../measures/index.ts';
import {
  isDecided,
  otherComparisons,
  SIGNIFICANT,
  testErrorComparisons,
  type MeasuredComparison,
} from '../comparisons/comparisonFamilies.ts';
import { percentage, points, pValue, threeDigits, twoDecimals } from '../format.ts';
import { awaitedNote, holmNote, tableFloor } from '../sentences/holmNote.ts';
import { pairing } from '../sentences/pairing.ts';
import { baselineFor, comparedArms, runsOf, type StudyRecords } from '../study/study.ts';
import { againstMsl, besideLoss, columnOf, intervalColumn, UNROUNDED } from './columns.ts';
import type { Column, Table } from './table.ts';

/** The test error of each arm against its baseline, from six seeds on with interval and test: a row an arm. */
export function comparisonTable(study: StudyRecords): Table {
  const compared = testErrorComparisons(study).filter(({ arm }) => runsOf(study, arm).length > 0);
  const column = columnOf(compared);
  const toMsl = againstMsl(compared.map(({ arm }) => ({ study, arm })));
  const beside = besideLoss(compared.map((one) => ({ study, compared: one })));
  const bold = compared.map(isDecided);
  const counts = [...new Set(compared.flatMap((one) => (one.statistics ? [one.differences.length] : [])))];
  const smallest = counts
    .sort((a, b) => a - b)
    .map((n) => `${n} seeds cannot give less than p = ${threeDigits(smallestP(n))}`);
  return {
    title: 'Test error compared',
    note: [
      `Mean difference to the baseline over the seeds that both have, in percentage points; below zero the arm is better. ${UNROUNDED}${toMsl.note}`,
      ...(smallest.length === 0
        ? []
        : [`p: exact sign-flip test, two-sided (${smallest.join('; ')}). ${holmNote([study])}`]),
      'Only a primary comparison decides, and there is at most one; the others explore. Below six seeds there is no interval and no test.',
      ...beside.notes,
      ...(bold.includes(true)
        ? [
            `Bold: a primary comparison whose corrected p is at most ${SIGNIFICANT}, whichever arm has the lower error.`,
          ]
        : []),
    ].join(' '),
    rowHeader: 'arm',
    rows: compared.map((one) => versus(study, one)),
    columns: [
      column('seeds', ({ differences }) => differences.length, String),
      { ...column('difference (points)', ({ difference }) => difference, points), factor: 100, bold },
      ...(smallest.length === 0
        ? [column('by seed (points)', ({ differences }) => differences.map(points).join(', '))]
        : [
            intervalColumn(
              '95 % interval (t)',
              compared.map(({ statistics }) => statistics?.t),
            ),
            column('p', ({ statistics }) => statistics?.signFlipP, pValue),
            column('p, Holm', ({ holmP }) => holmP, pValue),
          ]),
      ...toMsl.columns,
      ...beside.columns,
      column('kind', ({ primary }) => (primary ? 'primary' : 'exploratory')),
    ],
  };
}

/** The same comparisons by other methods, to be held beside; none of them decides. */
export function otherMethodsTable(study: StudyRecords): Table {
  const compared = testErrorComparisons(study).filter(({ statistics }) => statistics !== undefined);
  const column = columnOf(compared);
  return {
    title: 'Test error compared by other methods',
    note:
      'BCa: bootstrap interval, too short for few seeds. Wilcoxon: exact signed-rank test. All p are two-sided and not corrected. ' +
      'Lower: seeds at which the arm has the lower error. Correlation: of the errors of arm and baseline over the seeds; near 0 it gains little that ' +
      'seeds are paired.',
    rowHeader: 'arm',
    rows: compared.map((one) => versus(study, one)),
    columns: [
      {
        ...column('deviation (points)', ({ statistics }) => statistics!.standardDeviation, percentage),
        factor: 100,
      },
      intervalColumn(
        '95 % interval (BCa)',
        compared.map(({ statistics }) => statistics?.bca),
      ),
      column('p, Wilcoxon', ({ statistics }) => statistics!.wilcoxonP, pValue),
      column('p, paired t', ({ statistics }) => statistics!.tTestP, pValue),
      column(
        'lower',
        ({ differences }) => `${differences.filter((d) => d < 0).length} of ${differences.length}`,
      ),
      column('correlation', (one) => pairing(study, one)?.correlation, twoDecimals),
    ],
  };
}

/** Every other measure compared, from six seeds on: a row a measure and arm. */
export function otherMeasuresTable(study: StudyRecords): Table {
  const all = otherComparisons(study);
  const compared = all.filter(({ statistics }) => statistics !== undefined);
  const column = columnOf(compared);
  const factor = compared.map(({ measure }) => measure.factor);
  return {
    title: 'Other measures compared',
    note:
      'Means over the seeds that both arms have, their difference with its 95 % interval (t), and the exact sign-flip test; Holm: corrected over ' +
      `this table${awaitedNote(all)}. All of it explores. Accuracies differ in percentage points. ${UNROUNDED}${tableFloor(all)}`,
    rowHeader: 'measure',
    rows: compared.map((one) =>
      comparedArms(study).length === 1 ? one.measure.name : `${one.measure.name}: ${versus(study, one)}`,
    ),
    columns: [
      { ...column('baseline', ({ means }) => means!.baseline, of(compared, 'format')), factor },
      { ...column('arm', ({ means }) => means!.arm, of(compared, 'format')), factor },
      { ...column('difference', ({ difference }) => difference, of(compared, 'formatDifference')), factor },
      intervalColumn(
        '95 % interval',
        compared.map(({ statistics }) => statistics?.t),
        { format: of(compared, 'formatDifference'), factor },
      ),
      column('p', ({ statistics }) => statistics!.signFlipP, pValue),
      column('p, Holm', ({ holmP }) => holmP, pValue),
    ],
    detail: comparedArms(study).length > 1,
  };
}

function of(compared: readonly MeasuredComparison[], which: 'format' | 'formatDifference'): Column['format'] {
  return (value, row) => compared[row]!.measure[which](value);
}

/** The arm, with its baseline where not all have the same. */
function versus(study: StudyRecords, { arm, baseline }: MeasuredComparison): string {
  const baselines = new Set(comparedArms(study).map((compared) => baselineFor(study, compared).name));
  return baselines.size > 1 ? `${arm.title} − ${baseline.title}` : arm.title;
}
