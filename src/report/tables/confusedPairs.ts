import type { Confusion } from '../figures/confusion.ts';
import type { NamedConfusion } from '../figures/confusionPair.ts';
import { percentage, points } from '../format.ts';
import type { Column, Table } from './table.ts';

/** The classes that two arms confuse most: a row a pair, by how often the two together take the one for the other. */
export function confusedPairsTable(first: NamedConfusion, second: NamedConfusion, most = 8): Table {
  const { classes } = first;
  const share = ({ counts }: Confusion, label: number, taken: number): number => {
    const total = counts[label]!.reduce((sum, count) => sum + count, 0);
    return total === 0 ? 0 : counts[label]![taken]! / total;
  };
  const pairs = classes
    .flatMap((_, label) => classes.map((__, taken) => ({ label, taken })))
    .filter(({ label, taken }) => label !== taken)
    .map(({ label, taken }) => ({
      name: `${classes[label]!} → ${classes[taken]!}`,
      a: share(first, label, taken),
      b: share(second, label, taken),
    }))
    .sort((one, other) => other.a + other.b - (one.a + one.b))
    .slice(0, most);
  const column = (name: string, values: readonly number[], format: Column['format']): Column => ({
    ...{ name, values, format, factor: 100 },
  });
  return {
    title: 'Most confused',
    note: 'Share of the images of a class that are taken for the other, over all seeds.',
    rowHeader: 'class → taken for',
    rows: pairs.map(({ name }) => name),
    columns: [
      column(
        `${first.title} (%)`,
        pairs.map(({ a }) => a),
        percentage,
      ),
      column(
        `${second.title} (%)`,
        pairs.map(({ b }) => b),
        percentage,
      ),
      column(
        'difference (points)',
        pairs.map(({ a, b }) => b - a),
        points,
      ),
    ],
  };
}
