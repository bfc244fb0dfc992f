/** What the symbols of a cell mean: its names, and those of earlier cells. */
import ts from 'typescript';

import { internals } from './internals.ts';

/** The names and symbols that a file declares at its top level. */
export const localsOf = (file: ts.SourceFile): ts.SymbolTable =>
  (file as unknown as { locals?: ts.SymbolTable }).locals ?? new Map<ts.__String, ts.Symbol>();

/** Flags of values that exist when the program runs; a `const enum` does not, the compiler writes its numbers. */
const RUNTIME_VALUE = ts.SymbolFlags.Value & ~ts.SymbolFlags.ConstEnum;

interface Internals {
  getTypeOnlyAliasDeclaration?(symbol: ts.Symbol): ts.Node | undefined;
}

/** What a symbol means, an import being followed to what it names: a value, a type (or a namespace of types)? */
export function meaningOf(checker: ts.TypeChecker, symbol: ts.Symbol): { value: boolean; type: boolean } {
  let { flags } = symbol;
  if (flags & ts.SymbolFlags.Alias) {
    flags = checker.getAliasedSymbol(symbol).flags;
    if ((checker as Internals).getTypeOnlyAliasDeclaration?.(symbol)) flags &= ~ts.SymbolFlags.Value;
  }
  return {
    value: (flags & RUNTIME_VALUE) !== 0,
    type: (flags & (ts.SymbolFlags.Type | ts.SymbolFlags.Namespace | ts.SymbolFlags.ConstEnum)) !== 0,
  };
}

/** Whether a name of this cell is declared with `declare` only: something of the outside, which has no box. */
export const isDeclaredOutside = (symbol: ts.Symbol): boolean =>
  symbol.valueDeclaration !== undefined && internals.isAmbient(symbol.valueDeclaration);

/** Whether an identifier stands for a value, rather than naming a member, a label or a declaration. */
export function isReference(node: ts.Identifier): boolean {
  const { parent } = node;
  switch (parent.kind) {
    case ts.SyntaxKind.PropertyAccessExpression:
      return (parent as ts.PropertyAccessExpression).expression === node;
    case ts.SyntaxKind.BindingElement:
    case ts.SyntaxKind.VariableDeclaration:
    case ts.SyntaxKind.Parameter:
    case ts.SyntaxKind.PropertyAssignment:
    case ts.SyntaxKind.PropertyDeclaration:
    case ts.SyntaxKind.EnumMember:
      return (parent as ts.PropertyAssignment).initializer === node;
    case ts.SyntaxKind.FunctionDeclaration:
    case ts.SyntaxKind.FunctionExpression:
    case ts.SyntaxKind.ClassDeclaration:
    case ts.SyntaxKind.ClassExpression:
    case ts.SyntaxKind.MethodDeclaration:
    case ts.SyntaxKind.GetAccessor:
    case ts.SyntaxKind.SetAccessor:
    case ts.SyntaxKind.EnumDeclaration:
    case ts.SyntaxKind.ModuleDeclaration:
    case ts.SyntaxKind.LabeledStatement:
    case ts.SyntaxKind.BreakStatement:
    case ts.SyntaxKind.ContinueStatement:
    case ts.SyntaxKind.MetaProperty:
    case ts.SyntaxKind.JsxAttribute:
    case ts.SyntaxKind.JsxNamespacedName:
    case ts.SyntaxKind.ImportEqualsDeclaration:
    case ts.SyntaxKind.ExportSpecifier:
    case ts.SyntaxKind.NamespaceExportDeclaration:
      return false;
    default:
      return true;
  }
}

/**
 * Whether a reference to a `const`, `let` or class of the cell may be evaluated before its declaration: it stands
 * further up, or in a function, which may be called before.
 */
export function isEarly(node: ts.Node, { flags, valueDeclaration }: ts.Symbol): boolean {
  if (!valueDeclaration || !(flags & (ts.SymbolFlags.BlockScopedVariable | ts.SymbolFlags.Class)))
    return false;
  const declaration = ts.isBindingElement(valueDeclaration)
    ? ts.walkUpBindingElementsAndPatterns(valueDeclaration)
    : valueDeclaration;
  if (node.pos < declaration.end) return true;
  return (
    ts.findAncestor(node, (at) => ts.isFunctionDeclaration(at) && ts.isSourceFile(at.parent)) !== undefined
  );
}
