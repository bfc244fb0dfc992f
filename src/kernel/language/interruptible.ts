import ts from 'typescript';

/** The global function that cells and modules call after each await; see execution/cell.ts. */
const RESUME = 'resume\u00b7';

/** The memory whose first value is not 0 while an interrupt waits; see wire/shared.ts. */
const STOP = 'stop\u00b7';

const f = ts.factory;

const resumed = (...values: ts.Expression[]): ts.CallExpression =>
  f.createCallExpression(f.createIdentifier(RESUME), undefined, values);

/**
 * Lets code end where its cell was interrupted, with its `finally` blocks run: `await x` becomes `resume·(await x)`,
 * which throws then, and each turn of a loop that calls something begins with `if (stop·[0]) resume·();`, each turn of a
 * `for await` with `resume·();`. So the loops of the notebook and of the project's own modules stop between two steps.
 *
 * A loop that calls nothing holds nothing that would have to be given back, and the question would make it two to three
 * times slower: it is ended from outside, as are the loops of libraries (wire/interrupts.ts).
 */
export const interruptible: ts.TransformerFactory<ts.SourceFile> = (context) => {
  const visit = (node: ts.Node): ts.Node => {
    const asks = ts.isIterationStatement(node, false) && eachTurn(node).some(calls);
    const inner = ts.visitEachChild(node, visit, context);
    if (ts.isAwaitExpression(inner)) return ts.setTextRange(resumed(inner), inner);
    if (ts.isForOfStatement(inner) && inner.awaitModifier) {
      return withBody(inner, begunWith(f.createExpressionStatement(resumed()), inner.statement));
    }
    if (!asks || !ts.isIterationStatement(inner, false)) return inner;
    const stopped = f.createElementAccessExpression(f.createIdentifier(STOP), 0);
    const question = f.createIfStatement(stopped, f.createExpressionStatement(resumed()));
    return withBody(inner, begunWith(question, inner.statement));
  };
  return (file) => ts.visitNode(file, visit) as ts.SourceFile;
};

/** What a loop does in each of its turns. What `for (… of …)` goes through is most often a list, and not asked for. */
function eachTurn(node: ts.IterationStatement): readonly ts.Node[] {
  if (ts.isForStatement(node)) {
    return [node.statement, node.condition, node.incrementor].filter((part) => part !== undefined);
  }
  return ts.isWhileStatement(node) || ts.isDoStatement(node)
    ? [node.statement, node.expression]
    : [node.statement];
}

/** Whether something is called, outside of the functions that are made there; `Math.sqrt` and the like hold nothing. */
function calls(node: ts.Node): boolean {
  if (ts.isFunctionLike(node)) return false;
  if (ts.isNewExpression(node) || ts.isTaggedTemplateExpression(node) || ts.isYieldExpression(node))
    return true;
  if (ts.isCallExpression(node)) {
    const { expression } = node;
    const isMath =
      ts.isPropertyAccessExpression(expression) &&
      ts.isIdentifier(expression.expression) &&
      expression.expression.text === 'Math';
    if (!isMath) return true;
  }
  return ts.forEachChild(node, calls) ?? false;
}

function begunWith(first: ts.Statement, body: ts.Statement): ts.Block {
  ts.setEmitFlags(
    first,
    ts.EmitFlags.NoSourceMap | ts.EmitFlags.NoNestedSourceMaps | ts.EmitFlags.SingleLine,
  );
  if (ts.isBlock(body)) return f.updateBlock(body, [first, ...body.statements]);
  return f.createBlock([first, body], true);
}

function withBody(node: ts.IterationStatement, body: ts.Block): ts.IterationStatement {
  if (ts.isForStatement(node)) {
    return f.updateForStatement(node, node.initializer, node.condition, node.incrementor, body);
  }
  if (ts.isForInStatement(node)) return f.updateForInStatement(node, node.initializer, node.expression, body);
  if (ts.isForOfStatement(node)) {
    return f.updateForOfStatement(node, node.awaitModifier, node.initializer, node.expression, body);
  }
  if (ts.isWhileStatement(node)) return f.updateWhileStatement(node, node.expression, body);
  return f.updateDoStatement(node as ts.DoStatement, body, (node as ts.DoStatement).expression);
}
