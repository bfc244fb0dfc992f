/**
 * Documentation comments of declaration files, read when they are asked for: to read all of them at the start (the
 * libraries' and those of @types/node) takes a quarter of the time until the first cell.
 */
import ts from 'typescript';

import { internals } from './internals.ts';

interface Documented extends ts.Node {
  jsDoc?: readonly ts.JSDoc[];
}

/** How files are read of which comments are attached later. */
export const WITHOUT_DOCUMENTATION = ts.JSDocParsingMode.ParseForTypeErrors;

const isBare = (file: ts.SourceFile): boolean =>
  (file as { jsDocParsingMode?: ts.JSDocParsingMode }).jsDocParsingMode === WITHOUT_DOCUMENTATION;

function attach(node: Documented, { text }: ts.SourceFile): void {
  if (node.jsDoc) return;
  const comments = (internals.getJSDocCommentRanges(node, text) ?? []).flatMap(
    ({ pos, end }) => internals.parseIsolatedJSDocComment(text, pos, end - pos)?.jsDoc ?? [],
  );
  for (const comment of comments) (comment as { parent: ts.Node }).parent = node;
  node.jsDoc = comments;
}

/** Attaches the comments of a symbol's declarations, where they were left out. */
export function attachDocumentation(checker: ts.TypeChecker, symbol: ts.Symbol): void {
  const symbols = [symbol, ...checker.getRootSymbols(symbol)];
  if (symbol.flags & ts.SymbolFlags.Alias) symbols.push(checker.getAliasedSymbol(symbol));
  for (const { declarations = [] } of symbols) {
    for (const declaration of declarations) {
      const file = declaration.getSourceFile();
      if (!isBare(file)) continue;
      // The comment of a variable belongs to its statement, that of a parameter stands with its function's.
      let node: ts.Node = declaration;
      while (!ts.isSourceFile(node)) {
        attach(node, file);
        if (ts.isStatement(node)) break;
        node = node.parent;
      }
    }
  }
}
