/** What tables with a row an item have in common. */
import { mean, SEEDS_FOR_INTERVAL, standardDeviation } from '../../measures/index.ts';
import type { Column } from './table.ts';

/** Makes columns of a list's properties, a row an item. */
export function columnOf<T>(items: readonly T[]) {
  return (
    name: string,
    value: (item: T) => number | string | null | undefined,
    format: Column['format'] = String,
  ): Column => ({ name, values: items.map((item) => value(item) ?? null), format });
}

/** A column of sentences. */
export function textColumn<T>(items: readonly T[], name: string, text: (item: T) => string): Column {
  return { ...columnOf(items)(name, text), textWidth: 44 };
}

/** Mean of some runs, and from six on their standard deviation; one that is infinite makes the mean so, and is not left out. */
export function resultOf(
  values: readonly number[],
): { readonly mean: number; readonly deviation: number | null } | undefined {
  const known = values.filter((value) => !Number.isNaN(value));
  if (known.length === 0) return undefined;
  if (!known.every(Number.isFinite)) return { mean: known.reduce((a, b) => a + b), deviation: null };
  return {
    mean: mean(known),
    deviation: known.length >= SEEDS_FOR_INTERVAL ? standardDeviation(known) : null,
  };
}
