/** Declarations of variables, as assignments to their boxes. */
import ts from 'typescript';

import { hasDeclare } from '../syntax.ts';
import type { Boxes } from './boxes.ts';
import { valueFor } from './expressions.ts';
import type { Rewriting } from './rewriting.ts';

const f = ts.factory;

export function isUsing({ flags }: ts.VariableDeclarationList): boolean {
  return (flags & ts.NodeFlags.Using) !== 0;
}

const isVar = ({ flags }: ts.VariableDeclarationList): boolean => (flags & ts.NodeFlags.BlockScoped) === 0;

/** The names that a declaration declares. */
function* namesOf(name: ts.BindingName): Generator<ts.Identifier> {
  if (ts.isIdentifier(name)) yield name;
  else for (const part of name.elements) if (!ts.isOmittedExpression(part)) yield* namesOf(part.name);
}

/** Whether a list declares names of the notebook; a `let` in a block, or anything in a function, does not. */
function declaresBoxes({ declarations }: ts.VariableDeclarationList, boxes: Boxes): boolean {
  for (const { name } of declarations) {
    for (const first of namesOf(name)) return boxes.isDeclaredBy(first); // as the first, so all
  }
  return false;
}

/** `const { a, b: [c] } = …`: `({ a: a·.v, b: [c·.v] } = …)` */
export function variableStatement(node: ts.VariableStatement, cell: Rewriting): ts.Node {
  const list = node.declarationList;
  // What `using` declares has to stay declared so: topLevel() puts it into its box.
  if (isUsing(list) || hasDeclare(node) || !declaresBoxes(list, cell.boxes)) return cell.visitChildren(node);
  const parts = assignments(list, cell);
  return parts.length === 0 ? f.createEmptyStatement() : f.createExpressionStatement(joined(parts));
}

/** `for (var i = 0; …; …)` */
export function forStatement(node: ts.ForStatement, cell: Rewriting): ts.Node {
  const { initializer: list } = node;
  if (!list || !ts.isVariableDeclarationList(list) || !declaresBoxes(list, cell.boxes)) {
    return cell.visitChildren(node);
  }
  const parts = assignments(list, cell);
  return f.updateForStatement(
    node,
    parts.length === 0 ? undefined : f.createCommaListExpression(parts),
    node.condition && cell.visit(node.condition),
    node.incrementor && cell.visit(node.incrementor),
    cell.visit(node.statement),
  );
}

/** `for (var x of …)`, `for (var x in …)` */
export function forEachStatement(node: ts.ForInOrOfStatement, cell: Rewriting): ts.Node {
  const { initializer: list } = node;
  if (!ts.isVariableDeclarationList(list) || !declaresBoxes(list, cell.boxes)) {
    return cell.visitChildren(node);
  }
  const to = target(list.declarations[0]!.name, cell);
  const over = cell.visit(node.expression);
  const body = cell.visit(node.statement);
  return ts.isForOfStatement(node)
    ? f.updateForOfStatement(node, node.awaitModifier, to, over, body)
    : f.updateForInStatement(node, to, over, body);
}

/** `let y;` makes y undefined; `var y;` says nothing (it may stand in a loop). */
function assignments(list: ts.VariableDeclarationList, cell: Rewriting): ts.Expression[] {
  return list.declarations.flatMap((declaration) => {
    const { name, initializer } = declaration;
    if (!initializer && isVar(list)) return [];
    const value = initializer ? withName(name, initializer, cell) : f.createVoidZero();
    return [ts.setSourceMapRange(f.createAssignment(target(name, cell), value), declaration)];
  });
}

/** Assignments as one expression, with which a statement can begin: `({ a: a·.v } = o), b·.v = 1`. */
function joined([first, ...more]: readonly ts.Expression[]): ts.Expression {
  if (more.length === 0) return first!;
  const isPattern = ts.isBinaryExpression(first!) && ts.isObjectLiteralExpression(first.left);
  return f.createCommaListExpression([isPattern ? f.createParenthesizedExpression(first) : first!, ...more]);
}

const withName = (name: ts.BindingName, value: ts.Expression, cell: Rewriting): ts.Expression =>
  valueFor(ts.isIdentifier(name) ? name.text : undefined, value, cell);

/** A pattern that declares names, as the pattern that assigns to their boxes. */
function target(name: ts.BindingName, cell: Rewriting): ts.Expression {
  if (ts.isIdentifier(name)) return cell.made.valueAt(name.text, name);
  if (ts.isArrayBindingPattern(name)) {
    return f.createArrayLiteralExpression(
      name.elements.map((element) => {
        if (ts.isOmittedExpression(element)) return f.createOmittedExpression();
        return element.dotDotDotToken
          ? f.createSpreadElement(target(element.name, cell))
          : withDefault(element, cell);
      }),
    );
  }
  return f.createObjectLiteralExpression(
    name.elements.map((element) => {
      if (element.dotDotDotToken) return f.createSpreadAssignment(target(element.name, cell));
      const key = element.propertyName
        ? cell.visit(element.propertyName)
        : f.createIdentifier((element.name as ts.Identifier).text);
      return f.createPropertyAssignment(key, withDefault(element, cell));
    }),
  );
}

function withDefault({ name, initializer }: ts.BindingElement, cell: Rewriting): ts.Expression {
  const to = target(name, cell);
  return initializer ? f.createAssignment(to, withName(name, initializer, cell)) : to;
}

/**
 * Names of `var` that their declaration may never give a value, so that nothing of an earlier cell is left in them: it
 * gives none, or it stands in a branch or in the head of a loop, which need not be reached.
 */
export function varsWithoutValue(file: ts.SourceFile, boxes: Boxes): Set<string> {
  const found = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) || hasDeclare(node)) return; // what they declare is no name of the notebook
    if (ts.isVariableDeclarationList(node) && isVar(node) && declaresBoxes(node, boxes)) {
      const isReached = ts.isVariableStatement(node.parent) && node.parent.parent === file;
      for (const { name, initializer } of node.declarations) {
        if (isReached && initializer) continue;
        for (const { text } of namesOf(name)) found.add(text);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}
