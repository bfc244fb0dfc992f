import { tableText } from './danfo.ts';
import { findings, RECONSTRUCTION } from './findings.ts';
import { commandOf, type StudyRecords } from './study.ts';
import { studyTables } from './tables.ts';

/** Columns of a terminal that the report's sentences fill. */
const WIDTH = 96;

/** The report of a study for a terminal: the sentences and tables of {@link htmlReport}. Ends without a line break. */
export async function textReport(study: StudyRecords): Promise<string> {
  const { measured, result, saturation, separability } = findings(study);
  const blocks = [study.title, wrapped([study.question, ...measured].join(' ')), wrapped(result.join(' '))];
  for (const table of studyTables(study)) {
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

/** The text in lines of at most {@link WIDTH} characters, broken between words. */
function wrapped(text: string): string {
  const lines: string[] = [];
  let line = '';
  // A number keeps its per cent sign beside it.
  for (const word of text.replace(/(\d) %/g, '$1\u00a0%').split(' ')) {
    if (line !== '' && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].join('\n').replaceAll('\u00a0', ' ');
}
