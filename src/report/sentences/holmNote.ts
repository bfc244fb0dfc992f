/** What the notes of tables say of Holm's correction. */
import { holm } from '../../measures/index.ts';
import {
  SIGNIFICANT,
  testErrorComparisons,
  type MeasuredComparison,
} from '../comparisons/comparisonFamilies.ts';
import { inWords, listing, pValue } from '../format.ts';
import { familyOf } from '../study/primary.ts';
import type { StudyRecords } from '../study/study.ts';

/** What the correction is over, and how small a p it can leave, for the note of a table of test errors with the column. */
export function holmNote(studies: readonly StudyRecords[]): string {
  const sizes = studies.map((study) => familyOf(study).length + 1);
  const isLarger = Math.max(0, ...sizes) > 1;
  const comparedIn = studies.map(testErrorComparisons);
  const floors = studies.flatMap((study, i) => {
    const compared = comparedIn[i]!;
    const exploring = compared.filter((one) => !one.primary);
    const of = studies.length > 1 ? ` of ${study.name}` : '';
    return [
      ...floorText(
        smallestCorrected(exploring),
        `the ${inWords(counted(exploring).length)}${of} that explore`,
      ),
      ...floorText(
        smallestCorrected(
          compared.filter((one) => one.primary),
          familyOf(study),
        ),
        `the primary one${of}`,
      ),
    ];
  });
  return (
    'Holm: a comparison that explores is corrected over all of its study that do' +
    awaitedNote(comparedIn.flat().filter((one) => !one.primary)) +
    (isLarger
      ? `, a primary one over those of the ${Math.max(...sizes)} data sets (one that is not published counts as p = 1).`
      : '.') +
    floorSentence(floors)
  );
}

/** That comparisons whose runs are still to come count, too, where there are some; begins with a blank. */
export function awaitedNote(compared: readonly MeasuredComparison[]): string {
  return compared.some((one) => one.isAwaited) ? ' (one whose runs are not all there counts as p = 1)' : '';
}

/** How small a corrected p comparisons of a table, which all explore, can have, where that is too large to count; begins with a blank. */
export function tableFloor(compared: readonly MeasuredComparison[]): string {
  return floorSentence(floorText(smallestCorrected(compared), `these ${inWords(counted(compared).length)}`));
}

/**
 * The smallest p that Holm's correction can leave of comparisons, given how many they are and how many seeds they have; `null` where
 * there is no test.
 *
 * @param others p-values that they are corrected with, `null` for one that counts as 1
 */
export function smallestCorrected(
  compared: readonly MeasuredComparison[],
  others: readonly (number | null)[] = [],
): number | null {
  const smallest = compared.filter(isTested).map(({ statistics }) => statistics!.smallestP);
  if (smallest.length === 0) return null;
  // One reaches the smallest p while the others of the table have 1.
  const best = Math.min(...smallest);
  const rest = counted(compared).slice(1);
  return holm([best, ...rest.map(() => 1), ...others.map((p) => p ?? 1)])[0]!;
}

/** What Holm's correction counts: comparisons with a test, and those that are to have one. */
function counted(compared: readonly MeasuredComparison[]): MeasuredComparison[] {
  return compared.filter((one) => isTested(one) || one.isAwaited);
}

/** Whether there is a test, which needs six seeds or more, and no more than it can go through. */
export function isTested({ statistics }: MeasuredComparison): boolean {
  return (statistics?.signFlipP ?? null) !== null;
}

function floorText(floor: number | null, which: string): string[] {
  return floor === null || floor <= SIGNIFICANT ? [] : [`${pValue(floor)} for ${which}`];
}

function floorSentence(floors: readonly string[]): string {
  return floors.length === 0
    ? ''
    : ` With so many comparisons of so few seeds a corrected p cannot be below ${listing(floors)}, whatever the runs say.`;
}
