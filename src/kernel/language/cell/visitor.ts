/** Which construct of the language is rewritten by what. */
import ts from 'typescript';

import { isAnonymous, isAssignment } from '../syntax.ts';
import { isSelfNamed } from './boxes.ts';
import { anonymousAssignment, call, identifier, shorthand, taggedTemplate } from './expressions.ts';
import type { Rewriting } from './rewriting.ts';
import { forEachStatement, forStatement, variableStatement } from './variables.ts';

const f = ts.factory;

/** The rewriting of one cell: its parts call each other by way of `visit`. */
export function createRewriting(
  options: Pick<Rewriting, 'boxes' | 'made' | 'link'>,
  transformation: ts.TransformationContext,
): Rewriting {
  const cell: Rewriting = {
    ...options,
    // Every node is rewritten to one of its own kind, or to one that may stand where it stood.
    visit: <T extends ts.Node>(node: T) => ts.visitNode(node, (at) => rewritten(at, cell)) as T,
    visitChildren: (node) => ts.visitEachChild(node, (at) => rewritten(at, cell), transformation),
  };
  return cell;
}

function rewritten(node: ts.Node, cell: Rewriting): ts.Node {
  if (ts.isIdentifier(node)) return identifier(node, cell);
  if (ts.isExpressionWithTypeArguments(node)) return heritage(node, cell);
  if (isOfTypes(node)) return node;
  if (ts.isShorthandPropertyAssignment(node)) return shorthand(node, cell);
  if (ts.isCallExpression(node)) return call(node, cell);
  if (ts.isTaggedTemplateExpression(node)) return taggedTemplate(node, cell);
  if (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword) {
    return ts.setSourceMapRange(cell.made.member('meta'), node);
  }
  if (ts.isBinaryExpression(node) && isAssignment(node) && isAnonymous(node.right)) {
    return anonymousAssignment(node, cell);
  }
  if (ts.isVariableStatement(node)) return variableStatement(node, cell);
  if (ts.isForStatement(node)) return forStatement(node, cell);
  if (ts.isForOfStatement(node) || ts.isForInStatement(node)) return forEachStatement(node, cell);
  if (isSelfNamed(node)) return cell.boxes.withinOwn(node, () => cell.visitChildren(node));
  return cell.visitChildren(node);
}

/** What stands behind `extends` is a value, what stands behind `implements` a type. */
function heritage(node: ts.ExpressionWithTypeArguments, { visit }: Rewriting): ts.Node {
  const { parent } = node;
  if (ts.isHeritageClause(parent) && parent.token === ts.SyntaxKind.ImplementsKeyword) return node;
  return f.updateExpressionWithTypeArguments(node, visit(node.expression), node.typeArguments);
}

/** Whether nothing of a node is there when the cell runs. */
const isOfTypes = (node: ts.Node): boolean =>
  ts.isTypeNode(node) ||
  ts.isTypeParameterDeclaration(node) ||
  ts.isInterfaceDeclaration(node) ||
  ts.isTypeAliasDeclaration(node);
