import ts from 'typescript';

/** The global function that cells and modules call after each await; see execution/cell.ts. */
const RESUME = 'resume\u00b7';

const f = ts.factory;

const resumed = (...values: ts.Expression[]): ts.CallExpression =>
  f.createCallExpression(f.createIdentifier(RESUME), undefined, values);

/**
 * Lets code end where its cell was interrupted: `await x` becomes `resume·(await x)`, which throws then, and
 * `for await` asks in each turn. Loops of the notebook and of the project's own modules stop that way between two
 * steps, and their `finally` blocks run. Code that never awaits is ended from outside (wire/interrupts.ts).
 */
export const interruptible: ts.TransformerFactory<ts.SourceFile> = (context) => {
  const visit = (node: ts.Node): ts.Node => {
    const inner = ts.visitEachChild(node, visit, context);
    if (ts.isAwaitExpression(inner)) return ts.setTextRange(resumed(inner), inner);
    if (ts.isForOfStatement(inner) && inner.awaitModifier) {
      const { awaitModifier, initializer, expression, statement } = inner;
      const body = f.createBlock([f.createExpressionStatement(resumed()), statement], true);
      return f.updateForOfStatement(inner, awaitModifier, initializer, expression, body);
    }
    return inner;
  };
  return (file) => ts.visitNode(file, visit) as ts.SourceFile;
};
