/** What the compiler's parser says about the place of a line, without types. */
import ts from 'typescript';

const MARKER = 'magic·here';

export function parse(text: string): ts.SourceFile {
  return ts.createSourceFile('cell.ts', text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS);
}

/** Errors of the syntax alone; the parser keeps them without declaring it. */
export function syntaxErrors(file: ts.SourceFile): readonly ts.DiagnosticWithLocation[] {
  return (file as ts.SourceFile & { parseDiagnostics?: ts.DiagnosticWithLocation[] }).parseDiagnostics ?? [];
}

/** The nodes around a position, from the file inwards. */
function nodesAt(file: ts.SourceFile, position: number): ts.Node[] {
  const path: ts.Node[] = [];
  let node: ts.Node | undefined = file;
  while (node !== undefined) {
    path.push(node);
    node = ts.forEachChild(node, (child) =>
      child.pos <= position && position < child.end ? child : undefined,
    );
  }
  return path;
}

/** Where a line stands: `list` among statements, `single` as the one statement of an `if`, `else` or loop. */
export type Place = 'list' | 'single';

/** Whether a statement may begin where the text ends, and where; otherwise the offset up to which none can. */
export function placeAfter(prefix: string, whole: string): Place | number {
  const file = parse(`${prefix}${MARKER}: ;`);
  const path = nodesAt(file, prefix.length);
  const [statement, label] = path.slice(-2);
  // Within an unclosed bracket the parser says here that it is missing, and goes on with a statement.
  const open = syntaxErrors(file).some(({ start }) => start === prefix.length);
  if (!open && statement && ts.isLabeledStatement(statement) && label?.getStart() === prefix.length) {
    const { parent } = statement;
    const list =
      ts.isSourceFile(parent) ||
      ts.isBlock(parent) ||
      ts.isModuleBlock(parent) ||
      ts.isCaseOrDefaultClause(parent);
    return list ? 'list' : 'single';
  }
  return endOfToken(file, prefix.length, whole);
}

/** A line within a comment or a template: the end of that, so that its other lines need not be looked at. */
function endOfToken(file: ts.SourceFile, position: number, whole: string): number {
  const UNENDED_COMMENT = 1010;
  const UNENDED_TEMPLATE = 1160;
  const codes = new Set(syntaxErrors(file).map(({ code }) => code));
  if (codes.has(UNENDED_COMMENT)) {
    const end = whole.indexOf('*/', position);
    return end < 0 ? whole.length : end;
  }
  if (codes.has(UNENDED_TEMPLATE)) {
    const node = nodesAt(parse(whole), position).at(-1);
    if (node && ts.isTemplateLiteralToken(node) && node.getStart() < position) return node.end;
  }
  return position;
}

/** Whether a `%` after the text would go on with its last expression rather than begin a statement. */
export function goesOn(prefix: string): boolean {
  return nodesAt(parse(`${prefix}% 0;`), prefix.length).some(
    (node) =>
      ts.isBinaryExpression(node) &&
      node.operatorToken.getStart() === prefix.length &&
      node.left.getWidth() > 0,
  );
}

/** The statement that begins at a position, the outermost one. */
export function statementAt(file: ts.SourceFile, position: number): ts.Statement | undefined {
  return nodesAt(file, position).find(
    (node): node is ts.Statement => ts.isStatement(node) && node.getStart() === position,
  );
}

/** Whether the text is one expression whose first name is known; lists with commas are not. */
export function isExpressionOf(text: string, isName: (name: string) => boolean): boolean {
  const file = parse(`(${text}\n)`);
  const [statement, more] = file.statements;
  if (syntaxErrors(file).length > 0 || more !== undefined) return false;
  if (!statement || !ts.isExpressionStatement(statement)) return false;
  if (!ts.isParenthesizedExpression(statement.expression)) return false;
  let node: ts.Node = statement.expression.expression;
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.CommaToken) return false;
  for (;;) {
    const first: ts.Node | undefined = ts.forEachChild(node, (child) => child);
    if (first === undefined) break;
    node = first;
  }
  return ts.isIdentifier(node) && isName(node.text);
}

/** Every name that the text declares, at whatever depth. */
export function declaredNames(text: string): Set<string> {
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (
      ts.isVariableDeclaration(node) ||
      ts.isParameter(node) ||
      ts.isBindingElement(node) ||
      ts.isFunctionDeclaration(node) ||
      ts.isFunctionExpression(node) ||
      ts.isClassLike(node) ||
      ts.isEnumDeclaration(node) ||
      ts.isModuleDeclaration(node) ||
      ts.isImportEqualsDeclaration(node) ||
      ts.isImportClause(node) ||
      ts.isImportSpecifier(node) ||
      ts.isNamespaceImport(node)
    ) {
      if (node.name && ts.isIdentifier(node.name) && node.name.text !== '') names.add(node.name.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(parse(text));
  return names;
}

/** Whether the question mark at a position is that of a whole `condition ? one : other`. */
export function isConditional(text: string, question: number): boolean {
  return nodesAt(parse(text), question).some(
    (node) =>
      ts.isConditionalExpression(node) &&
      node.questionToken.getStart() === question &&
      node.colonToken.getWidth() > 0 &&
      node.whenFalse.getWidth() > 0,
  );
}
