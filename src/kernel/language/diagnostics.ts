/** What the compiler complains of, in the form in which a notebook shows it. */
import path from 'node:path';

import ts from 'typescript';

export interface Diagnostic {
  /** The project's file; absent for the cell itself. */
  readonly file?: string;
  /** From 1, as `column`. */
  readonly line: number;
  readonly column: number;
  readonly length: number;
  /** TypeScript's number. */
  readonly code: number;
  /** `In[3]:2:7 - error TS2322: Type …`, plain. */
  readonly message: string;
  /** The same in colours, with the line of the source and a mark under the place. */
  readonly text: string;
}

/** A place in a text that a diagnostic is about. */
interface Place {
  readonly name: string;
  readonly file?: string;
  readonly text: string;
  readonly start: number;
  readonly length: number;
}

const paint = (colour: number) => (text: string) => `\u001b[${colour}m${text}\u001b[39m`;
const red = paint(31);
const cyan = paint(36);
const TAB = '    ';

function positionOf(text: string, offset: number): { line: number; column: number; source: string } {
  const before = text.slice(0, offset);
  const from = before.lastIndexOf('\n') + 1;
  const end = text.indexOf('\n', offset);
  return {
    line: before.split('\n').length,
    column: offset - from + 1,
    source: text.slice(from, end < 0 ? text.length : end).replace(/\r$/, ''),
  };
}

/** A chain of messages, each reason further in than what it explains. */
const messageOf = (message: string | ts.DiagnosticMessageChain): string =>
  ts.flattenDiagnosticMessageText(message, '\n');

/** The line of the source and a mark under the place. */
function excerpt(source: string, column: number, length: number): string {
  const wide = (text: string) => text.replace(/\t/g, TAB);
  const marked = source.slice(column - 1, column - 1 + Math.max(length, 1));
  const indent = ' '.repeat(wide(source.slice(0, column - 1)).length);
  return `${wide(source)}\n${indent}${red('~'.repeat(Math.max(wide(marked).length, 1)))}`;
}

export function render(
  { code, message, related = [] }: { code: number; message: string; related?: readonly [Place, string][] },
  place: Place,
): Diagnostic {
  const { line, column, source } = positionOf(place.text, place.start);
  const at = `${place.name}:${line}:${column}`;
  const notes = related.map(([where, note]) => {
    const { line: row, column: from } = positionOf(where.text, where.start);
    return `\n  ${cyan(`${where.name}:${row}:${from}`)} - ${note}`;
  });
  const label = code > 0 ? `error TS${code}` : 'error';
  return {
    ...(place.file === undefined ? {} : { file: place.file }),
    line,
    column,
    length: place.length,
    code,
    message: `${at} - ${label}: ${message}`,
    text: `${cyan(at)} - ${red(label)}: ${message}\n${excerpt(source, column, place.length)}${notes.join('')}`,
  };
}

export interface Renderer {
  readonly root: string;
  readonly cellFile: string;
  /** `In[3]` */
  readonly cell: string;
  readonly code: string;
  /** The length of what stands before the cell in the compiler's source. */
  readonly before: number;
  /** From an offset of the expanded cell to one of the cell. */
  toOriginal(offset: number): number;
  /** Whether a file is the project's own. */
  isLocal(file: string): boolean;
}

export function renderAll(diagnostics: readonly ts.Diagnostic[], renderer: Renderer): Diagnostic[] {
  const { code, root } = renderer;
  const placeOf = (file: ts.SourceFile, start: number, length: number): Place => {
    if (file.fileName !== renderer.cellFile) {
      const name = path.posix.relative(root, file.fileName);
      return { name, file: file.fileName, text: file.text, start, length };
    }
    const clamp = (offset: number) =>
      Math.min(Math.max(renderer.toOriginal(offset - renderer.before), 0), code.length);
    const from = clamp(start);
    const to = clamp(start + length);
    return { name: renderer.cell, text: code, start: from, length: Math.max(to - from, 0) };
  };
  return diagnostics.flatMap((diagnostic) => {
    const { file, start = 0, length = 0 } = diagnostic;
    if (!file) return [];
    const related = (diagnostic.relatedInformation ?? []).flatMap((note): [Place, string][] =>
      note.file && (note.file.fileName === renderer.cellFile || renderer.isLocal(note.file.fileName))
        ? [[placeOf(note.file, note.start ?? 0, note.length ?? 0), messageOf(note.messageText)]]
        : [],
    );
    const message = messageOf(diagnostic.messageText);
    return [render({ code: diagnostic.code, message, related }, placeOf(file, start, length))];
  });
}
