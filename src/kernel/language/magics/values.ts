/** Completion of what stands in the braces of a command: `!ls {folder}`. */
import ts from 'typescript';

import type { Completion } from '../completion.ts';
import { readLine } from './lines.ts';
import { parse } from './syntax.ts';

/** A cell in which the expression that stands in braces stands in place of its line. */
interface Expression {
  readonly code: string;
  readonly position: number;
  /** How much further back a position of the cell lies. */
  readonly shift: number;
}

/**
 * Names of TypeScript that could stand at a position in the braces of a command; undefined where it stands in none, and
 * where none fits: braces may be the shell's own.
 *
 * @param complete completes an expression
 */
export function completeValue(
  cell: string,
  position: number,
  isName: (name: string) => boolean,
  complete: (code: string, position: number) => Completion | undefined,
): Completion | undefined {
  const asked = expressionAt(cell, position, isName);
  const found = asked && complete(asked.code, asked.position);
  const types = found?.types.filter(({ type }) => type !== 'keyword') ?? [];
  if (!asked || !found || types.length === 0) return undefined;
  const [start, end] = [found.start + asked.shift, found.end + asked.shift];
  return { start, end, matches: types.map(({ text }) => text), types };
}

function expressionAt(
  code: string,
  position: number,
  isName: (name: string) => boolean,
): Expression | undefined {
  const [, cellMagic] = /^\s*%%(\w+)/.exec(code) ?? [];
  if (cellMagic !== undefined && cellMagic !== 'time') return undefined;
  const at = code.lastIndexOf('\n', position - 1) + 1;
  const line = code.slice(at, position);
  const read = readLine(line.trimStart(), { code, at, goesOn: () => false, isName });
  const isCommand = read?.kind === 'shell' || read?.kind === 'assigned';
  if (!isCommand && !(read?.kind === 'magic' && /^(?:cd|env)$/.test(read.name))) return undefined;
  const open = openBrace(line);
  const before = line.slice(open + 1);
  if (open < 0 || !mayBeValue(before)) return undefined;
  const lineEnd = code.indexOf('\n', position);
  const rest = code.slice(position, lineEnd < 0 ? code.length : lineEnd);
  const [after] = /^[^{}]*(?=\})/.exec(rest) ?? [''];
  return {
    code: `${code.slice(0, at)}${before}${after};${code.slice(position + rest.length)}`,
    position: at + before.length,
    shift: open + 1,
  };
}

/** Where the last brace stands that is not closed; -1 where there is none, or `${` and `{{` are the shell's and text. */
function openBrace(line: string): number {
  let depth = 0;
  for (let at = line.length - 1; at >= 0; at--) {
    if (line[at] === '}') depth++;
    else if (line[at] === '{' && depth-- === 0) return /[${]/.test(line[at - 1] ?? '') ? -1 : at;
  }
  return -1;
}

/** Whether what stands before the cursor may begin an expression; a list with commas is one of the shell. */
function mayBeValue(before: string): boolean {
  if (!/^(?:$|[\p{ID_Start}$_])/u.test(before)) return false;
  const [statement] = parse(`(${before}x)`).statements;
  const inner =
    statement && ts.isExpressionStatement(statement) && ts.isParenthesizedExpression(statement.expression)
      ? statement.expression.expression
      : undefined;
  return !(inner && ts.isBinaryExpression(inner) && inner.operatorToken.kind === ts.SyntaxKind.CommaToken);
}
