/** What the primary comparisons could have found, whatever they found. */
import { smallestDetectable, standardDeviation, tInterval } from '../../measures/index.ts';
import { SIGNIFICANT } from '../comparisons/comparisonFamilies.ts';
import { percentage, points } from '../format.ts';
import type { Column, Table } from '../tables/index.ts';
import { columnOf, intervalColumn } from '../tables/columns.ts';
import { primaryFamily } from './family.ts';
import type { Publication } from './publication.ts';

/** The probability with which a difference is to be found. */
const POWER = 0.8;

/**
 * A row a data set: the interval that holds for all of them together, and the smallest difference that a t test of so many seeds finds in
 * four of five cases, alone and after the strictest correction.
 */
export function precisionTable(publication: Publication): Table {
  const all = primaryFamily(publication);
  const family = all.filter(({ comparison }) => comparison?.statistics !== undefined);
  const strict = SIGNIFICANT / all.length;
  const percent = (share: number): string => String(Number((100 * share).toPrecision(4)));
  const column = columnOf(family);
  const differencesOf = ({ comparison }: (typeof family)[number]): number[] => [...comparison!.differences];
  const found = (alpha: number) => (member: (typeof family)[number]) => {
    const differences = differencesOf(member);
    return smallestDetectable(differences.length, { alpha, power: POWER }) * standardDeviation(differences);
  };
  const joint = family.map((member) => tInterval(differencesOf(member), 1 - strict));
  const inPoints = (of: Column): Column => ({ ...of, factor: 100 });
  return {
    title: 'What the primary comparisons can tell',
    note:
      `Joint interval: ${percent(1 - strict)} %, so that all ${all.length} hold together with 95 % (Bonferroni). Found: the smallest ` +
      `difference that a two-sided t test of so many seeds, which scatter as these do, finds with probability ${POWER}, at ${SIGNIFICANT} and at ` +
      `${strict}, the strictest step of Holm’s correction. A smaller one may be there and be missed.`,
    rowHeader: 'data',
    rows: family.map(({ dataset }) => dataset),
    columns: [
      column('seeds', ({ comparison }) => comparison?.differences.length),
      inPoints(column('difference (points)', ({ comparison }) => comparison?.difference, points)),
      intervalColumn('joint interval (t)', joint),
      inPoints(column(`found at ${SIGNIFICANT}`, found(SIGNIFICANT), percentage)),
      inPoints(column(`found at ${strict}`, found(strict), percentage)),
    ],
  };
}
