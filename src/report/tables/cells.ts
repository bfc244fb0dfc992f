import { NOTHING } from '../format.ts';
import type { Column, Table } from './table.ts';

/** `[rows][columns]` what is shown. */
export function readableCells(table: Table): string[][] {
  return table.rows.map((_, row) => table.columns.map((column) => readable(column, row)));
}

function readable(column: Column, row: number): string {
  const value = column.values[row] ?? null;
  if (value === null) return NOTHING;
  if (typeof value === 'string') return value;
  if (!Number.isFinite(value) && value !== Infinity) return NOTHING;
  const deviation = column.deviations?.[row] ?? null;
  const upper = column.upper?.[row] ?? null;
  const shown = column.format(value, row);
  if (upper !== null) return `${shown} to ${column.format(upper, row)}`;
  return deviation === null ? shown : `${shown} ± ${column.format(deviation, row)}`;
}
