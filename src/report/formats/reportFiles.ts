import { htmlReport } from '../pages/studyPage.ts';
import type { StudyRecords } from '../study/study.ts';
import { studyTables, tableName } from '../tables/index.ts';
import { tableCsv } from './csv.ts';
import { reportJson } from './json.ts';
import { tableLatex } from './latex.ts';
import { markdownReport } from './markdownReport.ts';
import { textReport } from './text.ts';

/** The forms in which a report can be had. */
export const REPORT_FORMATS = ['text', 'md', 'csv', 'latex', 'html', 'json'] as const;

export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** A file of a report: its name and its text. */
export interface ReportFile {
  readonly name: string;
  readonly text: string;
}

/** The report in a form, as the files that it has there: one, or for CSV and LaTeX one a table. */
export async function reportFiles(study: StudyRecords, format: ReportFormat): Promise<ReportFile[]> {
  const tables = studyTables(study);
  switch (format) {
    case 'text':
      return [{ name: 'report.txt', text: `${await textReport(study)}\n` }];
    case 'md':
      return [{ name: 'report.md', text: markdownReport(study) }];
    case 'csv':
      return tables.map((table) => ({ name: `${tableName(table)}.csv`, text: tableCsv(table) }));
    case 'latex':
      return tables.map((table) => ({ name: `${tableName(table)}.tex`, text: tableLatex(table) }));
    case 'html':
      return [{ name: 'report.html', text: await htmlReport(study) }];
    case 'json':
      return [{ name: 'report.json', text: `${JSON.stringify(reportJson(study), null, 2)}\n` }];
  }
}
