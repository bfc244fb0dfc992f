import { tableText } from '../tables/danfo.ts';
import { RECONSTRUCTION } from '../sentences/findings.ts';
import { wrapped } from '../format.ts';
import { commandOf, type StudyRecords } from '../study/study.ts';
import { studyTables } from '../tables/index.ts';
import { told } from '../sentences/told.ts';

/** The report of a study for a terminal: the sentences and tables of {@link htmlReport}. Ends without a line break. */
export async function textReport(study: StudyRecords): Promise<string> {
  const { measured, result, saturation, separability } = told(study);
  const blocks = [study.title, wrapped([study.question, ...measured].join(' ')), wrapped(result.join(' '))];
  for (const table of studyTables(study).filter(({ detail }) => detail !== true)) {
    blocks.push(`${table.title}\n${await tableText(table)}\n${wrapped(table.note)}`);
  }
  blocks.push(
    `Saturation\n${wrapped(saturation.join(' '))}`,
    ...(separability.length === 0 ? [] : [`Separability\n${wrapped(separability.join(' '))}`]),
    wrapped(RECONSTRUCTION),
    `To make it again: ${commandOf(study)}`,
  );
  return blocks.filter((block) => block !== '').join('\n\n');
}
