import fs from 'node:fs';
import { findSourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';

/** Longer lines are not shown: they are nobody's source. */
const LONGEST = 300;

/** The text of a source: of a cell by its name, of a file by its path or URL. */
function textOf(file: string, cell: (name: string) => string | undefined): string | undefined {
  if (/^In\[[\d.]+\]$/.test(file)) return cell(file);
  try {
    const name = file.startsWith('file:') ? fileURLToPath(file) : file;
    // What was compiled, which may have been edited since.
    const compiled = findSourceMap(name)?.payload.sourcesContent[0];
    return compiled ?? fs.readFileSync(name, 'utf8');
  } catch {
    return undefined;
  }
}

/** Shows the line at which an error arose, with a caret under its column. */
export function createExcerpt(cell: (name: string) => string | undefined) {
  return ({ file, line, column }: { file: string; line: number; column: number }): string | undefined => {
    const text = textOf(file, cell)?.split('\n')[line - 1]?.trimEnd();
    if (text === undefined || text === '' || text.length > LONGEST || column > text.length + 1)
      return undefined;
    const number = `${line} | `;
    // A tab stays one in the line of the caret, so that both are as wide.
    const before = text.slice(0, column - 1).replace(/[^\t]/g, ' ');
    return `\n${number}${text}\n${' '.repeat(number.length)}${before}^\n`;
  };
}
