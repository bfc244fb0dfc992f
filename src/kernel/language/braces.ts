/** A cell that is an object's braces and nothing else: TypeScript would read a block, in which `a: 1` is a label. */
import ts from 'typescript';

import type { Edit } from './magics/edits.ts';
import { parse, syntaxErrors } from './magics/syntax.ts';

/** The parentheses that make an object of such a cell, as the consoles of Node.js, Deno and browsers do. */
export function objectEdits(code: string): Edit[] {
  const start = code.length - code.trimStart().length;
  const end = code.trimEnd().length;
  if (code[start] !== '{' || code[end - 1] !== '}') return [];
  if (!isObject(parse(`(${code.slice(start, end)})`)) || isBlock(parse(code))) return [];
  return [
    { start, end: start, text: '(' },
    { start: end, end, text: ')' },
  ];
}

function isObject(file: ts.SourceFile): boolean {
  const [statement, ...rest] = file.statements;
  return (
    syntaxErrors(file).length === 0 &&
    rest.length === 0 &&
    statement !== undefined &&
    ts.isExpressionStatement(statement) &&
    ts.isParenthesizedExpression(statement.expression) &&
    ts.isObjectLiteralExpression(statement.expression.expression)
  );
}

/** Whether it can be a block, and does something as one. */
function isBlock(file: ts.SourceFile): boolean {
  const [block] = file.statements;
  if (syntaxErrors(file).length > 0 || block === undefined || !ts.isBlock(block)) return false;
  return !block.statements.every((node) => ts.isLabeledStatement(node) || isNames(node));
}

/** `a` and `a, b`, which say nothing in a block. */
function isNames(node: ts.Statement): boolean {
  const named = (part: ts.Expression): boolean =>
    ts.isIdentifier(part) ||
    (ts.isBinaryExpression(part) &&
      part.operatorToken.kind === ts.SyntaxKind.CommaToken &&
      named(part.left) &&
      named(part.right));
  return ts.isExpressionStatement(node) && named(node.expression);
}
