/** Names, and what becomes of expressions around them. */
import ts from 'typescript';

import { isAnonymous, named, within } from '../syntax.ts';
import type { Rewriting } from './rewriting.ts';

const f = ts.factory;

/** `x`: `x·.v` */
export function identifier(node: ts.Identifier, { boxes, made }: Rewriting): ts.Expression {
  const name = boxes.read(node);
  return name === undefined ? node : made.valueAt(name, node);
}

/** `{ x }`: `{ x: x·.v }`; in a pattern `{ x = 1 }` is `{ x: x·.v = 1 }`. */
export function shorthand(node: ts.ShorthandPropertyAssignment, cell: Rewriting): ts.Node {
  const name = cell.boxes.readShorthand(node);
  if (name === undefined) return cell.visitChildren(node);
  const value = cell.made.valueAt(name, node.name);
  const { objectAssignmentInitializer: fallback } = node;
  return f.createPropertyAssignment(
    f.createIdentifier(name),
    fallback ? f.createAssignment(value, valueFor(name, fallback, cell)) : value,
  );
}

/** A value that is assigned to a box: functions and classes get the name they would have got. */
export function valueFor(name: string | undefined, node: ts.Expression, { visit }: Rewriting): ts.Expression {
  const value = visit(node);
  return name !== undefined && isAnonymous(node) ? named(name, value) : value;
}

/** `x = () => 1`: the function is called x. */
export function anonymousAssignment(node: ts.BinaryExpression, cell: Rewriting): ts.Expression {
  const name = cell.boxes.read(node.left);
  return f.updateBinaryExpression(
    node,
    cell.visit(node.left),
    node.operatorToken,
    valueFor(name, node.right, cell),
  );
}

export function call(node: ts.CallExpression, cell: Rewriting): ts.Expression {
  const args = node.arguments.map(cell.visit);
  if (node.expression.kind === ts.SyntaxKind.ImportKeyword) return importCall(node, args, cell);
  const called = callee(node.expression, cell);
  return ts.isCallChain(node)
    ? f.updateCallChain(node, called, node.questionDotToken, node.typeArguments, args)
    : f.updateCallExpression(node, called, node.typeArguments, args);
}

export function taggedTemplate(node: ts.TaggedTemplateExpression, cell: Rewriting): ts.Expression {
  const template = cell.visit(node.template);
  return f.updateTaggedTemplateExpression(node, callee(node.tag, cell), node.typeArguments, template);
}

/** What is called: `(0, f·.v)`, since `f·.v()` would pass the box as `this`. */
function callee(node: ts.Expression, { boxes, visit }: Rewriting): ts.Expression {
  const called = visit(node);
  if (boxes.read(within(node)) === undefined) return called;
  const detached = f.createParenthesizedExpression(f.createComma(f.createNumericLiteral(0), called));
  // The call is said to stand where the name of what is called begins.
  ts.setEmitFlags(detached, ts.EmitFlags.NoTrailingSourceMap | ts.EmitFlags.NoNestedSourceMaps);
  return ts.setSourceMapRange(detached, node);
}

/** `import('./x.ts')`: `$.import('/project/notebooks/x.ts')` */
function importCall(
  node: ts.CallExpression,
  args: readonly ts.Expression[],
  { made, link }: Rewriting,
): ts.Expression {
  const [specifier] = node.arguments;
  const linked =
    specifier && ts.isStringLiteralLike(specifier)
      ? [f.createStringLiteral(link(specifier.text)), ...args.slice(1)]
      : args;
  return ts.setSourceMapRange(made.call('import', ...linked), node);
}
