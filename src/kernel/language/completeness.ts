import ts from 'typescript';

import { hasDeclare } from './syntax.ts';

export interface Completeness {
  readonly status: 'complete' | 'incomplete' | 'invalid';
  /** What the next line should begin with. */
  readonly indent?: string;
}

const STEP = '  ';

/** Not closed at the end of the text, but whatever follows may close them. */
const OPEN = new Set([
  1010, // '*/' expected
  1160, // Unterminated template literal
]);
/** May not go over the end of a line. */
const NEVER = new Set([
  1002, // Unterminated string literal
  1161, // Unterminated regular expression literal
]);

/** The indentation after the last line: its own, and a step more if it opens what it does not close. */
function indentAfter(code: string): string {
  const line = code.slice(code.lastIndexOf('\n') + 1);
  const own = /^\s*/.exec(line)![0];
  const scanner = ts.createScanner(ts.ScriptTarget.Latest, true, ts.LanguageVariant.Standard, line);
  let depth = 0;
  let least = 0;
  for (let token = scanner.scan(); token !== ts.SyntaxKind.EndOfFileToken; token = scanner.scan()) {
    if (
      token === ts.SyntaxKind.OpenBraceToken ||
      token === ts.SyntaxKind.OpenBracketToken ||
      token === ts.SyntaxKind.OpenParenToken
    ) {
      depth++;
    } else if (
      token === ts.SyntaxKind.CloseBraceToken ||
      token === ts.SyntaxKind.CloseBracketToken ||
      token === ts.SyntaxKind.CloseParenToken
    ) {
      depth--;
      least = Math.min(least, depth);
    }
  }
  return depth > least ? own + STEP : own;
}

/** `function f()`, whose body is still to come: by its syntax alone it could be one of several signatures. */
function isHeadOfFunction(last: ts.Statement | undefined, code: string): boolean {
  if (last === undefined || !ts.isFunctionDeclaration(last) || last.body || hasDeclare(last)) return false;
  return !code.trimEnd().endsWith(';');
}

/** Whether a cell can be run as it stands, could be with more lines, or never. */
export function completenessOf(code: string, jsx = false): Completeness {
  const kind = jsx ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  const file = ts.createSourceFile('cell.ts', `export {};${code}`, ts.ScriptTarget.Latest, false, kind);
  const { parseDiagnostics: errors } = file as unknown as {
    parseDiagnostics: readonly ts.DiagnosticWithLocation[];
  };
  if (errors.length === 0) {
    return isHeadOfFunction(file.statements.at(-1), code)
      ? { status: 'incomplete', indent: '' }
      : { status: 'complete' };
  }
  const end = file.text.trimEnd().length;
  const [first] = errors;
  if (OPEN.has(first!.code)) return { status: 'incomplete', indent: '' };
  const isOpen = (error: ts.DiagnosticWithLocation) => error.start >= end && !NEVER.has(error.code);
  if (!errors.every(isOpen) && !OPEN.has(errors.at(-1)!.code)) return { status: 'invalid' };
  if (!isOpen(first!)) return { status: 'invalid' };
  return { status: 'incomplete', indent: indentAfter(code.trimEnd()) };
}
