/** Measures of several networks, or sets of images, beside each other. */
import type { MeasureName, RunReport } from '../../analysis/index.ts';
import { percentage, threeDigits } from '../format.ts';
import { MEASURES, measureCell } from './measures.ts';
import type { Table } from './table.ts';

/** What {@link comparedMeasuresTable} shows. */
export interface ComparedMeasuresOptions {
  readonly title: string;
  /** By what they are of, e.g. `CE`. */
  readonly reports: Readonly<Record<string, RunReport>>;
  readonly measures: readonly MeasureName[];
  /** Default: all of the first. */
  readonly taps?: readonly string[] | undefined;
}

/** A row a tap and report, so that what is compared stands below each other; a column a measure. */
export function comparedMeasuresTable({
  title,
  reports,
  measures,
  taps = Object.keys(Object.values(reports)[0]?.taps ?? {}),
}: ComparedMeasuresOptions): Table {
  const rows = taps.flatMap((tap) =>
    Object.entries(reports).map(([name, report]) => ({ name: `${tap}, ${name}`, report: report.taps[tap] })),
  );
  return {
    title,
    note: 'One network each: no claim. Each measure is defined in docs/measures.md.',
    rowHeader: 'tap',
    rows: rows.map(({ name }) => name),
    columns: measures.map((measure) => {
      const { title: name, share } = MEASURES[measure];
      return {
        name,
        values: rows.map(({ report }) => measureCell(report?.measures[measure] ?? NaN)),
        format: share === undefined ? threeDigits : percentage,
      };
    }),
  };
}
