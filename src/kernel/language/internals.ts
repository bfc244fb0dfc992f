/** Functions that the compiler exports at run time without declaring them; TypeScript is pinned with tslab. */
import ts from 'typescript';

interface Internals {
  readonly nullTransformationContext: ts.TransformationContext;
  bindSourceFile(file: ts.SourceFile, options: ts.CompilerOptions): void;
  getEmitFlags(node: ts.Node): ts.EmitFlags;
  skipOuterExpressions(node: ts.Expression): ts.Expression;
  getTouchingPropertyName(file: ts.SourceFile, position: number): ts.Node;
  findPrecedingToken(position: number, file: ts.SourceFile): ts.Node | undefined;
  getContainerNode(node: ts.Node): ts.Node | undefined;
  typeToDisplayParts(
    checker: ts.TypeChecker,
    type: ts.Type,
    enclosing: ts.Node | undefined,
  ): ts.SymbolDisplayPart[];
  readonly SymbolDisplay: {
    getSymbolModifiers(checker: ts.TypeChecker, symbol: ts.Symbol): string;
    getSymbolDisplayPartsDocumentationAndSymbolKind(
      checker: ts.TypeChecker,
      symbol: ts.Symbol,
      file: ts.SourceFile,
      enclosing: ts.Node | undefined,
      location: ts.Node,
    ): Pick<ts.QuickInfo, 'displayParts' | 'documentation' | 'tags'> & { symbolKind: ts.ScriptElementKind };
  };
  readonly Completions: { getCompletionsAtPosition(...args: unknown[]): ts.CompletionInfo | undefined };
}

interface ProgramInternals {
  getResolvedModuleFromModuleSpecifier(
    name: ts.StringLiteralLike,
    file: ts.SourceFile,
  ): ts.ResolvedModuleWithFailedLookupLocations | undefined;
}

const compiler = ts as unknown as Internals;

const { Ambient: AMBIENT } = ts.NodeFlags as unknown as { readonly Ambient: number };

export const internals = {
  ...compiler,
  /** Whether a node stands within `declare`. */
  isAmbient: (node: ts.Node): boolean => (node.flags & AMBIENT) !== 0,
  /** The file that an import of a program's file was found to name. */
  resolved: (program: ts.Program, name: ts.StringLiteralLike, file: ts.SourceFile): string | undefined =>
    (program as unknown as ProgramInternals).getResolvedModuleFromModuleSpecifier(name, file)?.resolvedModule
      ?.resolvedFileName,
};

/** The type and documentation of the name at a position, as the language service gives them. */
export function quickInfoAt(
  file: ts.SourceFile,
  checker: ts.TypeChecker,
  position: number,
): ts.QuickInfo | undefined {
  const node = internals.getTouchingPropertyName(file, position);
  if (node === file) return undefined;
  const textSpan = ts.createTextSpan(node.getStart(file), node.getWidth(file));
  const enclosing = internals.getContainerNode(node);
  const symbol = checker.getSymbolAtLocation(node);
  if (!symbol) {
    if (!ts.isIdentifier(node) && node.kind !== ts.SyntaxKind.ThisKeyword) return undefined;
    const displayParts = internals.typeToDisplayParts(checker, checker.getTypeAtLocation(node), enclosing);
    return { kind: ts.ScriptElementKind.unknown, kindModifiers: '', textSpan, displayParts };
  }
  const { symbolKind, ...text } = internals.SymbolDisplay.getSymbolDisplayPartsDocumentationAndSymbolKind(
    checker,
    symbol,
    file,
    enclosing,
    node,
  );
  const kindModifiers = internals.SymbolDisplay.getSymbolModifiers(checker, symbol);
  return { kind: symbolKind, kindModifiers, textSpan, ...text };
}
