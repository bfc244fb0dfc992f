/** Questions about the syntax of a cell, and small pieces of new syntax. */
import ts from 'typescript';

import { internals } from './internals.ts';

const f = ts.factory;

/** Whether a cell, or a part of one, awaits outside its functions, so that it has to be run as an async function. */
export function awaits(part: ts.Node): boolean {
  const bothBits: number = ts.NodeFlags.AwaitUsing; // the bits of `const` and `using` together
  const visit = (node: ts.Node): boolean => {
    if (ts.isFunctionLike(node) || ts.isClassStaticBlockDeclaration(node)) {
      // Decorators and computed names of a method are evaluated by whoever makes the class.
      const outer = [...(ts.canHaveDecorators(node) ? (ts.getDecorators(node) ?? []) : [])] as ts.Node[];
      if (node.name && ts.isComputedPropertyName(node.name)) outer.push(node.name);
      return outer.some(visit);
    }
    if (ts.isAwaitExpression(node)) return true;
    if (ts.isForOfStatement(node) && node.awaitModifier) return true;
    if (ts.isVariableDeclarationList(node) && (node.flags & bothBits) === bothBits) return true;
    return ts.forEachChild(node, visit) ?? false;
  };
  return visit(part);
}

/** The type annotations, casts and parentheses around an expression do not change what it is. */
export const within = (node: ts.Expression): ts.Expression => internals.skipOuterExpressions(node);

/** Whether JavaScript would name this function or class after the variable it is assigned to. */
export function isAnonymous(node: ts.Expression): boolean {
  const inner = within(node);
  return (
    ts.isArrowFunction(inner) ||
    ((ts.isFunctionExpression(inner) || ts.isClassExpression(inner)) && inner.name === undefined)
  );
}

/** `{ f: () => 1 }.f`: a function that is called f, though it is not assigned to a variable. */
export function named(name: string, value: ts.Expression): ts.Expression {
  const key = name === '__proto__' ? f.createComputedPropertyName(f.createStringLiteral(name)) : name;
  const holder = f.createObjectLiteralExpression([f.createPropertyAssignment(key, value)]);
  return f.createPropertyAccessExpression(holder, name);
}

export const isAssignment = (node: ts.BinaryExpression): boolean =>
  node.operatorToken.kind >= ts.SyntaxKind.FirstAssignment &&
  node.operatorToken.kind <= ts.SyntaxKind.LastAssignment;

export const hasDeclare = (node: ts.Node): boolean =>
  ts.canHaveModifiers(node) &&
  (ts.getModifiers(node)?.some((modifier) => modifier.kind === ts.SyntaxKind.DeclareKeyword) ?? false);
