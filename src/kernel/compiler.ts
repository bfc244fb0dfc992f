/**
 * The stock TypeScript compiler in the shape that tslab expects of its fork: a few functions of the language
 * service made public, the project's options instead of tslab's, and no work on files that did not change.
 */
import ts from 'typescript';

import type { SourceFiles } from './files.ts';
import { cellFile, declarationsFile, type Resolver } from './resolve.ts';
import type { Project } from './project.ts';

/** Functions that the compiler exports at run time without declaring them. */
interface Internals {
  readonly nullTransformationContext: ts.TransformationContext;
  getTouchingPropertyName(file: ts.SourceFile, position: number): ts.Node;
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
const internals = ts as unknown as Internals;

/** What Shift-Tab shows: the type and documentation of the name at a position. */
function getQuickInfoAtPosition(
  file: ts.SourceFile,
  checker: ts.TypeChecker,
  _token: unknown,
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

/** The fork's name for the stock function, whose last parameters tslab leaves out. */
const getCompletionsAtPositionForTslab = (...args: unknown[]): ts.CompletionInfo | undefined =>
  internals.Completions.getCompletionsAtPosition(...args, undefined);

/** The folders of `@types` packages that TypeScript looks at by default. */
function getDefaultTypeRoots(folder: string): string[] {
  const roots: string[] = [];
  for (let at = folder; ; at = at.replace(/\/[^/]*$/, '')) {
    roots.push(`${at}/node_modules/@types`);
    if (!at.includes('/')) return roots;
  }
}

/** The project's options, and over them what a cell needs to be checked and run on its own. */
function cellOptions(tslabOptions: ts.CompilerOptions, project: Project): ts.CompilerOptions {
  const { target, outDir, rootDir, typeRoots, newLine } = tslabOptions;
  const options: ts.CompilerOptions = {
    skipLibCheck: true,
    esModuleInterop: true,
    resolveJsonModule: true,
    lib: ['lib.es2023.d.ts'],
    ...project.options,
    // tslab's converter takes modules in and hands CommonJS out.
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    allowImportingTsExtensions: true,
    allowJs: true,
    declaration: true,
    noEmit: false,
    // A name that this cell leaves unused is there for the next one; `import { Type }` is nothing to complain of.
    noUnusedLocals: false,
    noUnusedParameters: false,
    verbatimModuleSyntax: false,
    isolatedModules: false,
  };
  for (const name of [
    'rewriteRelativeImportExtensions',
    'composite',
    'incremental',
    'tsBuildInfoFile',
    'sourceMap',
    'inlineSourceMap',
    'declarationMap',
    'emitDeclarationOnly',
    'configFilePath',
    'noEmitOnError',
  ]) {
    Reflect.deleteProperty(options, name);
  }
  return Object.assign(options, { target, outDir, rootDir, typeRoots, newLine });
}

/**
 * A shorthand property that names a variable of an earlier cell, written out: tslab turns such names into
 * `exports.x`, but not in `{ x }`, which would then fail with "x is not defined".
 */
function expandShorthand(program: ts.Program, declarations: string): ts.TransformerFactory<ts.SourceFile> {
  const checker = program.getTypeChecker();
  const isEarlier = (node: ts.ShorthandPropertyAssignment) =>
    checker
      .getShorthandAssignmentValueSymbol(node)
      ?.declarations?.some((declared) => declared.getSourceFile().fileName === declarations) ?? false;
  return (context) => {
    const { factory } = context;
    const visit = (node: ts.Node): ts.Node => {
      if (!ts.isShorthandPropertyAssignment(node) || !isEarlier(node)) {
        return ts.visitEachChild(node, visit, context);
      }
      const value = factory.createPropertyAccessExpression(
        factory.createIdentifier('exports'),
        node.name.text,
      );
      const fallback = node.objectAssignmentInitializer; // ({ x = 1 } = settings)
      const initializer = fallback
        ? factory.createAssignment(value, ts.visitNode(fallback, visit) as ts.Expression)
        : value;
      return factory.createPropertyAssignment(node.name.text, initializer);
    };
    return (file) => ts.visitNode(file, visit) as ts.SourceFile;
  };
}

/** Diagnostics as tslab asks for them; source files that had none are not checked again until one changes. */
function createDiagnoser(cell: string) {
  let key = '';
  let clean = new Set<string>();
  return (program: ts.Program, files: readonly ts.SourceFile[]): readonly ts.Diagnostic[] => {
    const versions = files
      .filter((file) => file.fileName !== cell)
      .map((file) => `${file.fileName} ${(file as unknown as { version?: string }).version ?? ''}`);
    const current = versions.sort().join('\n');
    if (current !== key) {
      key = current;
      clean = new Set();
    }
    const found: ts.Diagnostic[] = [...program.getOptionsDiagnostics(), ...program.getGlobalDiagnostics()];
    for (const file of files) {
      if (clean.has(file.fileName)) continue;
      const own = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
      if (file.fileName === cell) own.push(...program.getDeclarationDiagnostics(file));
      else if (own.length === 0) clean.add(file.fileName);
      found.push(...own);
    }
    return ts.sortAndDeduplicateDiagnostics(found);
  };
}

/** tslab's builder, which then emits the cell only: files of the project are loaded by `modules.ts`. */
function cellBuilder(builder: ts.BuilderProgram, project: Project): ts.BuilderProgram {
  const cell = cellFile(project);
  return new Proxy(builder, {
    get(target, property, receiver) {
      if (property !== 'emit') return Reflect.get(target, property, receiver) as unknown;
      const emit: ts.BuilderProgram['emit'] = (file, write, token, only, custom) => {
        if (file?.fileName !== cell) return { emitSkipped: true, diagnostics: [] };
        const before = [expandShorthand(target.getProgram(), declarationsFile(project))];
        return target.emit(file, write, token, only, { ...custom, before });
      };
      return emit;
    },
  });
}

/** The compiler for tslab, working on `project`. */
export function compilerForTslab(project: Project, resolver: Resolver, files: SourceFiles): object {
  const createWatchCompilerHost = (
    rootFiles: string[],
    tslabOptions: ts.CompilerOptions,
    system: ts.System,
    createProgram: undefined,
    onDiagnostic: ts.DiagnosticReporter,
    onStatus: ts.WatchStatusReporter,
  ) => {
    resolver.system = system;
    resolver.options = cellOptions(tslabOptions, project);
    const host = ts.createWatchCompilerHost(
      rootFiles,
      resolver.options,
      system,
      createProgram,
      onDiagnostic,
      onStatus,
    );
    host.resolveModuleNameLiterals = (names, from) => names.map((name) => resolver.resolve(name.text, from));
    host.hasInvalidatedResolutions = () => false;
    return host;
  };
  const createWatchProgram = (host: ts.WatchCompilerHostOfFilesAndCompilerOptions<ts.BuilderProgram>) => {
    const afterProgramCreate = host.afterProgramCreate?.bind(host);
    host.afterProgramCreate = (builder) => {
      afterProgramCreate?.(cellBuilder(builder, project));
    };
    return ts.createWatchProgram(host);
  };
  return Object.create(null, {
    ...Object.getOwnPropertyDescriptors(ts),
    ...Object.getOwnPropertyDescriptors({
      sys: files.system,
      createWatchCompilerHost,
      createWatchProgram,
      getPreEmitDiagnosticsOfFiles: createDiagnoser(cellFile(project)),
      getNullTransformationContext: () => internals.nullTransformationContext,
      getDefaultTypeRoots,
      getQuickInfoAtPosition,
      Completions: { ...internals.Completions, getCompletionsAtPositionForTslab },
    }),
  }) as object;
}
