import { testErrorComparisons } from '../comparisons/comparisonFamilies.ts';
import type { RunRecord, StudyRecords } from '../study/study.ts';
import { inUnit, studyTables } from '../tables/index.ts';

/** What {@link reportJson} makes; the rest is for reading. */
export interface ReportJson {
  readonly study: string;
  readonly profile: string;
  readonly runs: readonly Pick<RunRecord, 'arm' | 'seed' | 'summary'>[];
  readonly comparisons: readonly object[];
  readonly tables: readonly object[];
}

/** The tables and comparisons of a study as one JSON document. Errors and differences of the comparisons are 0 to 1. */
export function reportJson(study: StudyRecords): ReportJson {
  return {
    study: study.name,
    profile: study.profile,
    runs: study.runs.map(({ arm, seed, summary }) => ({ arm, seed, summary })),
    comparisons: testErrorComparisons(study).map(({ arm, baseline, measure, ...one }) => ({
      arm: arm.name,
      baseline: baseline.name,
      measure: measure.name,
      ...one,
    })),
    tables: studyTables(study).map((table) => ({
      title: table.title,
      note: table.note,
      rows: table.rows,
      columns: table.columns.map((column) => ({
        name: column.name,
        values: column.values.map((value, row) => inUnit(column, row, value)),
        ...Object.fromEntries(
          (['upper', 'deviations'] as const).flatMap((key) => {
            const values = column[key]?.map((value, row) => inUnit(column, row, value));
            return values === undefined ? [] : [[key, values] as const];
          }),
        ),
      })),
    })),
  };
}
