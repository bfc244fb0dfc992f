/** A cell's text before the compiler sees it in its program. */
import ts from 'typescript';

import { isDeclaredOutside, localsOf } from './symbols.ts';
import { awaits } from './syntax.ts';
import { internals } from './internals.ts';

export interface CellSource {
  /** The cell as tslab's converter takes it: without export modifiers, with the list of all its names exported. */
  readonly text: string;
  readonly isAsync: boolean;
  readonly syntaxErrors: readonly ts.DiagnosticWithLocation[];
  /** Names that the cell declares with `declare` only: of the outside, which have no box. */
  readonly ambient: ReadonlySet<string>;
}

type Edit = readonly [start: number, end: number, text: string];

/** `export` means nothing in a cell. Taken out without moving anything: positions stay. */
function withoutExports(file: ts.SourceFile): string {
  const edits: Edit[] = [];
  for (const node of file.statements) {
    if (ts.isExportDeclaration(node) && !node.moduleSpecifier) {
      edits.push([node.getStart(file), node.end, '']);
    } else if (ts.isExportAssignment(node) && !node.isExportEquals) {
      // `void 0, value`: an expression whatever the value begins with.
      edits.push([node.getStart(file), node.expression.getFullStart(), 'void 0,']);
    } else if (ts.canHaveModifiers(node)) {
      const modifiers = ts.getModifiers(node) ?? [];
      const found = modifiers.find(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
      if (!found) continue;
      const rest = modifiers.find(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword);
      const { name } = node as ts.DeclarationStatement;
      const isExpression = rest !== undefined && !name;
      // No expression can be an abstract class.
      const abstract = modifiers.find(({ kind }) => kind === ts.SyntaxKind.AbstractKeyword);
      const { end } = (isExpression ? abstract : undefined) ?? rest ?? found;
      edits.push([found.getStart(file), end, isExpression ? 'void 0,' : '']);
    }
  }
  let { text } = file;
  for (const [start, end, put] of edits) {
    const blank = text.slice(start, end).replace(/[^\r\n]/g, ' ');
    text = text.slice(0, start) + blank.slice(0, blank.length - put.length) + put + text.slice(end);
  }
  return text;
}

/** A name that can stand in `export { … }`; `declare global` and `declare module` have others. */
const isExportable = (symbol: ts.Symbol, name: string): boolean =>
  /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u.test(name) &&
  !(symbol.declarations ?? []).every(
    (node) => ts.isModuleDeclaration(node) && (node.flags & ts.NodeFlags.GlobalAugmentation) !== 0,
  );

/** Reads a cell. `export {};` before it makes `await (x)` more than a call of something named await. */
export function readCell(code: string, jsx: boolean): CellSource {
  const parse = (text: string): ts.SourceFile =>
    ts.createSourceFile(
      'cell.ts',
      text,
      { languageVersion: ts.ScriptTarget.Latest, setExternalModuleIndicator: asModule },
      true,
      jsx ? ts.ScriptKind.TSX : ts.ScriptKind.TS,
    );
  const asModule = (file: ts.SourceFile): void => {
    (file as unknown as { externalModuleIndicator: unknown }).externalModuleIndicator = true;
  };
  let file = parse(code);
  const { parseDiagnostics: syntaxErrors } = file as unknown as {
    parseDiagnostics: readonly ts.DiagnosticWithLocation[];
  };
  if (syntaxErrors.length > 0) return { text: code, isAsync: false, syntaxErrors, ambient: new Set() };
  const isAsync = awaits(file);
  const text = withoutExports(file);
  if (text !== code) file = parse(text);
  internals.bindSourceFile(file, { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext });
  const names: string[] = [];
  const ambient = new Set<string>();
  localsOf(file).forEach((symbol, key) => {
    const name = ts.unescapeLeadingUnderscores(key);
    if (!isExportable(symbol, name)) return;
    names.push(name);
    if (isDeclaredOutside(symbol)) ambient.add(name);
  });
  const list = names.length === 0 ? '' : `\nexport { ${names.join(', ')} }`;
  return { text: text + list, isAsync, syntaxErrors, ambient };
}
