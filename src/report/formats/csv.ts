import { csv } from '../csv.ts';
import { inUnit, type Column, type Table } from '../tables/index.ts';

/**
 * The table as comma-separated values (RFC 4180), numbers in full in the units of the headings; standard deviations and
 * upper ends of intervals have columns of their own. What has no value is empty. (danfojs's own `toCSV` quotes nothing.)
 */
export function tableCsv(table: Table): string {
  const columns = table.columns.flatMap(partsOf);
  return csv([
    [table.rowHeader, ...columns.map(({ name }) => name)],
    ...table.rows.map((name, row) => [name, ...columns.map(({ cells }) => cells[row]!)]),
  ]);
}

/** A column of a table as those of a CSV file. */
function partsOf(column: Column): { readonly name: string; readonly cells: readonly (number | string)[] }[] {
  const { name, values, upper, deviations } = column;
  const part = (partName: string, of: Column['values']) => ({
    name: partName,
    cells: of.map((value, row) => cell(inUnit(column, row, value))),
  });
  if (upper !== undefined) return [part(`${name}, low`, values), part(`${name}, high`, upper)];
  if (deviations?.some((deviation) => deviation !== null) !== true) return [part(name, values)];
  return [part(name, values), part(`${name}, standard deviation`, deviations)];
}

function cell(value: number | string | null): number | string {
  return value === null || Number.isNaN(value) ? '' : value;
}
