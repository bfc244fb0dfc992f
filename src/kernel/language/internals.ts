/** Functions that the compiler exports at run time without declaring them; TypeScript is pinned with tslab. */
import ts from 'typescript';

interface Internals {
  readonly nullTransformationContext: ts.TransformationContext;
  bindSourceFile(file: ts.SourceFile, options: ts.CompilerOptions): void;
  getJSDocCommentRanges(node: ts.Node, text: string): readonly ts.CommentRange[] | undefined;
  parseIsolatedJSDocComment(
    text: string,
    start: number,
    length: number,
  ): { readonly jsDoc?: ts.JSDoc } | undefined;
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
      meaning: number | undefined,
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
