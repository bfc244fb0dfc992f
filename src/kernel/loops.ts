import ts from 'typescript';

/**
 * The flag by which a loop after an await is stopped: the control thread sets it, and the cell's own loops look
 * at it on every turn (1 to 5 ns). Cells without await need none, a signal stops them.
 */
export const stopFlag = new Int32Array(new SharedArrayBuffer(4));

/** The name under which a cell finds the flag. */
const NAME = '__mslStop';

Object.defineProperty(globalThis, NAME, {
  value: Object.assign(stopFlag, {
    now: (): never => {
      stopFlag[0] = 0;
      throw new Error('Interrupted');
    },
  }),
});

/** Makes every loop in a cell's JavaScript stoppable. */
export function stoppable(code: string): string {
  const file = ts.createSourceFile('cell.js', code, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS);
  const edits: (readonly [position: number, text: string])[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isIterationStatement(node, false)) {
      edits.push(
        [node.statement.getStart(), `{ if (${NAME}[0]) ${NAME}.now(); `],
        [node.statement.getEnd(), ' }'],
      );
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  edits.sort((a, b) => b[0] - a[0]);
  for (const [at, text] of edits) code = code.slice(0, at) + text + code.slice(at);
  return code;
}

const isAwaitUsing = (flags: number): boolean => {
  const both: number = ts.NodeFlags.AwaitUsing; // the bits of `const` and `using` together
  return (flags & both) === both;
};

/** Whether a cell awaits outside its functions, and so has to be run as an async function. */
export function awaits(cell: string): boolean {
  // Only in a module is `await (x)` more than a call of something named await.
  const source = `export {};\n${cell}`;
  const file = ts.createSourceFile('cell.ts', source, ts.ScriptTarget.Latest, false, ts.ScriptKind.TS);
  const visit = (node: ts.Node): boolean => {
    if (ts.isFunctionLike(node) || ts.isClassStaticBlockDeclaration(node)) return false;
    if (ts.isAwaitExpression(node)) return true;
    if (ts.isForOfStatement(node) && node.awaitModifier) return true;
    if (ts.isVariableDeclarationList(node) && isAwaitUsing(node.flags)) return true;
    return ts.forEachChild(node, visit) ?? false;
  };
  return visit(file);
}
