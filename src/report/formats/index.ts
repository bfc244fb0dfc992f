import { RECONSTRUCTION } from '../sentences/findings.ts';
import { htmlReport } from '../pages/studyPage.ts';
import { commandOf, type StudyRecords } from '../study/study.ts';
import { studyTables, tableName } from '../tables/index.ts';
import { textReport } from './text.ts';
import { told } from '../sentences/told.ts';
import { tableCsv } from './csv.ts';
import { reportJson } from './json.ts';
import { tableLatex } from './latex.ts';
import { escapeMarkdown, tableMarkdown } from './markdown.ts';

export { tableCsv } from './csv.ts';
export { reportJson } from './json.ts';
export { escapeLatex, tableLatex } from './latex.ts';
export { tableMarkdown } from './markdown.ts';

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

/**
 * The report as Markdown.
 *
 * @param options.ofMachine whether tables that depend on the clock or the machine are in it; true by default
 */
export function markdownReport(study: StudyRecords, { ofMachine = true } = {}): string {
  const { measured, result, saturation, separability } = told(study);
  const paragraphs = [[study.question, ...measured], result, saturation, separability, [RECONSTRUCTION]];
  const tables = studyTables(study).filter((table) => ofMachine || table.ofMachine !== true);
  return [
    `## ${escapeMarkdown(study.title)}\n`,
    ...paragraphs
      .map((sentences) => sentences.join(' '))
      .filter((text) => text !== '')
      .map((text) => `${escapeMarkdown(text)}\n`),
    ...tables.map((table) => tableMarkdown(table)),
    `To make it again: \`${commandOf(study)}\`\n`,
  ].join('\n');
}
