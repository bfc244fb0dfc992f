/** The primary comparisons: one a data set, and what corrects them for each other. */
import { holm } from '../../measures/index.ts';
import {
  SIGNIFICANT,
  testErrorComparisons,
  type MeasuredComparison,
} from '../comparisons/comparisonFamilies.ts';
import { listing, points, pValue, whole } from '../format.ts';
import { PRIMARY_STUDIES } from '../study/primary.ts';
import { atOneRateText } from '../sentences/oneRate.ts';
import { settingsBesideLoss } from '../study/settings.ts';
import { finishedRunsOf, imagesCell, type StudyRecords } from '../study/study.ts';
import type { Column, Table } from '../tables/index.ts';
import { columnOf, intervalColumn, resultColumn, resultOf } from '../tables/columns.ts';
import type { Publication } from './publication.ts';

/** A data set's primary comparison. */
export interface FamilyMember {
  readonly dataset: string;
  readonly study: string;
  readonly records?: StudyRecords;
  /** Absent where the study is not published, or was not tuned. */
  readonly comparison?: MeasuredComparison;
  /** Corrected over the whole family: a comparison that is not there yet counts as one with p = 1. `null` without a test. */
  readonly holmP: number | null;
  /** What the two arms differ in besides the loss. */
  readonly besideLoss: ReturnType<typeof settingsBesideLoss>;
  /** The two losses at one learning rate, in words; empty where no such runs are published. */
  readonly atOneRate: string;
}

/** {@link PRIMARY_STUDIES} with what is published of them. */
export function primaryFamily({ published }: Pick<Publication, 'published'>): FamilyMember[] {
  const members = PRIMARY_STUDIES.map(({ dataset, study }) => {
    const records = published.find(({ name }) => name === study)?.records;
    const comparison = records && testErrorComparisons(records).find(({ primary }) => primary);
    return {
      ...{ dataset, study },
      ...(records === undefined ? {} : { records }),
      ...(comparison === undefined ? {} : { comparison }),
      besideLoss: records && comparison ? settingsBesideLoss(records, comparison) : [],
      atOneRate: records === undefined ? '' : atOneRateText(records),
    };
  });
  const ps = members.map(({ comparison }) => comparison?.statistics?.signFlipP ?? null);
  const corrected = holm(ps.map((p) => p ?? 1));
  return members.map((member, i) => ({ ...member, holmP: ps[i] === null ? null : corrected[i]! }));
}

/** Whether the family's corrected test finds the arm's error lower. */
export function isBetter({ comparison, holmP }: FamilyMember): boolean {
  return holmP !== null && holmP <= SIGNIFICANT && (comparison?.difference ?? 0) < 0;
}

/** Whether the family's corrected test finds the arm's error higher. */
export function isWorse({ comparison, holmP }: FamilyMember): boolean {
  return holmP !== null && holmP <= SIGNIFICANT && (comparison?.difference ?? 0) > 0;
}

/** Whether comparisons that are missing can still decide: the corrected p is too large, and would not be if all of theirs were 0. */
export function isOpen(member: FamilyMember, family: readonly FamilyMember[]): boolean {
  const atBest = holm(family.map(({ comparison }) => comparison?.statistics?.signFlipP ?? 0));
  return (
    member.holmP !== null && member.holmP > SIGNIFICANT && atBest[family.indexOf(member)]! <= SIGNIFICANT
  );
}

/** A row a data set. */
export function familyTable(publication: Publication): Table {
  const family = primaryFamily(publication);
  const column = columnOf(family);
  const arm = (side: 'arm' | 'baseline'): Column => {
    const results = family.map(({ comparison, records }) =>
      comparison && records
        ? resultOf(finishedRunsOf(records, comparison[side]).map((run) => run.summary.test.error))
        : undefined,
    );
    return {
      ...resultColumn(side === 'arm' ? 'CE + MSL (%)' : 'CE (%)', results),
      bold: family.map(side === 'arm' ? isBetter : isWorse),
    };
  };
  const mixed = family.flatMap(({ dataset, besideLoss }) => {
    const each = besideLoss.map(({ name, values }) => `${name} ${Object.values(values).join(' and ')}`);
    return each.length === 0 ? [] : [`${dataset} (${listing(each)})`];
  });
  return {
    title: 'Primary comparisons',
    note:
      'Test error, mean ± standard deviation over the finished seeds; the difference is over the seeds that both arms have, below zero MSL is better. p: ' +
      `exact sign-flip test, two-sided; Holm: corrected over these ${family.length} comparisons, those that are missing counted as p = 1. Bold: the ` +
      `corrected p is at most ${SIGNIFICANT}, whichever of the two has the lower error; the intervals are not corrected.` +
      (mixed.length === 0
        ? ''
        : ` Not of the loss alone, since the search gave each arm a value of its own: ${listing(mixed)}.`),
    rowHeader: 'data',
    rows: family.map(({ dataset }) => dataset),
    columns: [
      column('study', ({ study, records }) => (records === undefined ? `${study}: not yet run` : study)),
      column('training images', ({ records }) => records && imagesCell(records.runs, 'train'), whole),
      column('test images', ({ records }) => records && imagesCell(records.runs, 'test'), whole),
      column('seeds', ({ comparison }) => comparison?.differences.length),
      arm('baseline'),
      arm('arm'),
      { ...column('difference (points)', ({ comparison }) => comparison?.difference, points), factor: 100 },
      intervalColumn(
        '95 % interval (t)',
        family.map(({ comparison }) => comparison?.statistics?.t),
      ),
      column('p', ({ comparison }) => comparison?.statistics?.signFlipP, pValue),
      column('p, Holm', ({ holmP }) => holmP, pValue),
    ],
  };
}
