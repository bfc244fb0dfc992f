import { RECONSTRUCTION } from '../sentences/findings.ts';
import { told } from '../sentences/told.ts';
import { commandOf, type StudyRecords } from '../study/study.ts';
import { studyTables } from '../tables/index.ts';
import { escapeMarkdown, tableMarkdown } from './markdown.ts';

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
