import { readLine } from './lines.ts';

/** A cell as an editor reads it whose cursor stands in a question, `?NAME` or `NAME?`. */
export interface AskedCell {
  /** The cell with the question's marks blanked out, so that it is about the name; positions stay. */
  readonly code: string;
  /** Whether the cursor stands behind `NAME?`, where nothing follows. */
  readonly isOver: boolean;
}

/** The cell for a cursor in a line that is a question; undefined for any other. */
export function askedCell(
  code: string,
  position: number,
  isName: (name: string) => boolean,
): AskedCell | undefined {
  const start = code.lastIndexOf('\n', position - 1) + 1;
  const line = /^[^\n]*/.exec(code.slice(start))![0];
  if (!line.includes('?')) return undefined;
  const at = start + line.length - line.trimStart().length;
  const read = readLine(line.trim(), { code, at, goesOn: () => false, isName });
  if (read?.kind !== 'question') return undefined;
  return {
    code: code.slice(0, start) + line.replaceAll('?', ' ') + code.slice(start + line.length),
    isOver: /[^\s?]\s*\?+\s*;?\s*$/.test(code.slice(start, position)),
  };
}
