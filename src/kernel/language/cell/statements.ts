/** The statements of a cell, as those of its function. */
import ts from 'typescript';

import { hasDeclare } from '../syntax.ts';
import { isSelfNamed } from './boxes.ts';
import { exportDeclaration, importDeclaration, importEquals } from './imports.ts';
import { jsxVariables } from './jsx.ts';
import type { Rewriting } from './rewriting.ts';
import { isUsing, varsWithoutValue } from './variables.ts';

const f = ts.factory;

/**
 * In this order: what tells of names that are read too early; functions, which exist before all else; what a `var` has
 * before it is given a value; and the cell's own statements, of which the last hands over the result.
 */
export function cellStatements(
  file: ts.SourceFile,
  options: ts.CompilerOptions,
  cell: Rewriting,
): ts.Statement[] {
  const { boxes, made } = cell;
  const functions = storedFunctions(file, cell);
  const last = file.statements.findLast(
    (node) => !ts.isEmptyStatement(node) && !ts.isExportDeclaration(node),
  );
  const statements = file.statements.flatMap((node) =>
    node === last && ts.isExpressionStatement(node) ? [result(node, cell)] : topLevel(node, cell),
  );
  const undefinedVars = [...varsWithoutValue(file, boxes)].map((name) =>
    f.createExpressionStatement(f.createAssignment(made.valueAt(name, file), f.createVoidZero())),
  );
  // Which names are read early is known now that all statements are rewritten.
  const early = [...boxes.early].map((name) =>
    f.createExpressionStatement(made.call('uninitialised', made.box(name))),
  );
  return [...early, ...functions, ...undefinedVars, ...jsxVariables(file, options, cell), ...statements];
}

/** The value of the last expression is what the cell shows. */
function result(node: ts.ExpressionStatement, { made, visit }: Rewriting): ts.Statement {
  const call = made.call('result', visit(node.expression));
  return ts.setSourceMapRange(f.createExpressionStatement(call), node);
}

function topLevel(node: ts.Statement, cell: Rewriting): ts.Statement[] {
  if (ts.isImportDeclaration(node)) return importDeclaration(node, cell);
  if (ts.isImportEqualsDeclaration(node)) return importEquals(node, cell);
  if (ts.isExportDeclaration(node)) return exportDeclaration(node, cell);
  if (hasDeclare(node)) return [node];
  return [cell.visit(node), ...storedAfter(node, cell)];
}

/** A declaration that stays one, and the boxes that its names are then put into. */
function storedAfter(node: ts.Statement, cell: Rewriting): ts.Statement[] {
  if (ts.isVariableStatement(node)) {
    const { declarationList: list } = node;
    if (!isUsing(list)) return [];
    return list.declarations.flatMap(({ name }) => (ts.isIdentifier(name) ? store(name, cell) : []));
  }
  return isSelfNamed(node) && node.name && ts.isIdentifier(node.name) ? store(node.name, cell) : [];
}

/** Functions can be called above their declaration: they are in their boxes before the cell begins. */
function storedFunctions(file: ts.SourceFile, cell: Rewriting): ts.Statement[] {
  const names = new Map<string, ts.Identifier>(); // the first declaration of each
  for (const node of file.statements) {
    if (!ts.isFunctionDeclaration(node) || !node.body || !node.name || names.has(node.name.text)) continue;
    names.set(node.name.text, node.name);
  }
  return [...names.values()].flatMap((name) => store(name, cell));
}

/** `x·.v = x` */
function store(name: ts.Identifier, { boxes, made }: Rewriting): ts.Statement[] {
  if (!boxes.isDeclaredBy(name)) return [];
  const node = f.createAssignment(made.valueAt(name.text, name), f.createIdentifier(name.text));
  return [f.createExpressionStatement(node)];
}
