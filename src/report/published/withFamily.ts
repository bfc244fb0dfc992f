/** What the primary comparison of one data set is corrected with: those of the others. */
import { testErrorComparisons } from '../comparisons/comparisonFamilies.ts';
import { isMember, PRIMARY_STUDIES } from '../study/primary.ts';
import type { StudyRecords } from '../study/study.ts';

/** The p of the study's primary comparison; `null` where there is none. */
function primaryP(records: StudyRecords | undefined): number | null {
  const comparison = records && testErrorComparisons(records).find(({ primary }) => primary);
  return comparison?.statistics?.signFlipP ?? null;
}

/** The records with what their primary comparison is corrected with, as far as it is published. */
export function withFamily(
  records: StudyRecords,
  published: readonly { readonly name: string; readonly records: StudyRecords }[],
): StudyRecords {
  if (!isMember(records)) return records;
  const others = PRIMARY_STUDIES.filter(({ study }) => study !== records.name);
  const family = others.map(({ study }) => primaryP(published.find(({ name }) => name === study)?.records));
  return { ...records, family };
}
