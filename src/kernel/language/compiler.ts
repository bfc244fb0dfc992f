/**
 * The stock TypeScript compiler in the shape that tslab expects of its fork: the project's options in place of
 * tslab's, a program without needless work, a few functions of the language service made public; and in place of
 * tslab's JavaScript of a cell (properties of `exports`) the function of boxes that cell.ts describes.
 */
import ts from 'typescript';

import { cellTransformer, type CellShape } from './cell.ts';
import { CheckedFiles } from './checked.ts';
import { systemIn, type SourceFiles } from './files.ts';
import { quickInfoAt } from './inspection.ts';
import { internals } from './internals.ts';
import { startProgram } from './program.ts';
import { localsOf, meaningOf } from './symbols.ts';
import type { Project } from './project.ts';
import { cellFile, declarationsFile, type Resolver } from './resolve.ts';
import { GLOBALS, globalsFile } from './globals.ts';
import { interruptible } from './interruptible.ts';

/** What stands before every cell, so that it is a module; tslab puts it there. */
export const PREFIX = 'export {};\n';

/** What the compiler made of a cell. */
export interface Emitted {
  readonly js: string;
  readonly map: string;
  /** The cell's declarations. */
  readonly declarations: string;
  readonly shape: CellShape;
  /** The names that it declares at its top level, and what they mean. */
  readonly meanings: ReadonlyMap<string, { readonly value: boolean; readonly type: boolean }>;
  /** Where the statement that declares a name stands in the cell. */
  readonly places: ReadonlyMap<string, readonly [start: number, end: number]>;
}

/** What the compiler needs to know of the notebook. */
export interface Notebook {
  /** Whether an earlier cell's name was declared with `declare`, and so exists without the notebook. */
  isAmbient(name: string): boolean;
}

/** The folders of `@types` packages that TypeScript looks at by default. */
function getDefaultTypeRoots(folder: string): string[] {
  const roots: string[] = [];
  for (let at = folder; ; at = at.replace(/\/[^/]*$/, '')) {
    roots.push(`${at}/node_modules/@types`);
    if (!at.includes('/')) return roots;
  }
}

/** Options of a project that mean nothing for a cell, or would keep it from being converted. */
const DROPPED: readonly string[] = [
  'rewriteRelativeImportExtensions',
  'composite',
  'incremental',
  'tsBuildInfoFile',
  'inlineSourceMap',
  'inlineSources',
  'sourceRoot',
  'mapRoot',
  'declarationMap',
  'declarationDir',
  'emitDeclarationOnly',
  'configFilePath',
  'noEmitOnError',
  'noEmitHelpers',
  'importHelpers',
  'isolatedDeclarations',
  'removeComments',
  'stripInternal',
  'outFile',
  'outDir',
  'rootDir',
  'rootDirs',
  'noCheck',
  'noLib',
  'noResolve',
  'preserveConstEnums',
  'emitBOM',
];

/** The project's options, and over them what a cell needs to be checked and run on its own. */
function cellOptions(tslabOptions: ts.CompilerOptions, project: Project): ts.CompilerOptions {
  const { target, typeRoots, newLine } = tslabOptions;
  const own = project.options;
  const options: ts.CompilerOptions = {
    esModuleInterop: true,
    resolveJsonModule: true,
    // A project's own target also chooses its library and how class fields are defined.
    lib: [own.target === undefined ? 'lib.es2023.d.ts' : ts.getDefaultLibFileName(own)],
    useDefineForClassFields: (own.target ?? ts.ScriptTarget.ES2022) >= ts.ScriptTarget.ES2022,
    ...(typeRoots ? { typeRoots } : {}),
    ...own,
    ...(target === undefined ? {} : { target }),
    ...(newLine === undefined ? {} : { newLine }),
    skipLibCheck: true,
    // tslab's converter takes modules in.
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    allowImportingTsExtensions: true,
    allowJs: true,
    declaration: true,
    sourceMap: true,
    noEmit: false,
    // A name that this cell leaves unused is there for the next one; `import { Type }` is nothing to complain of.
    noUnusedLocals: false,
    noUnusedParameters: false,
    verbatimModuleSyntax: false,
    isolatedModules: false,
  };
  for (const name of DROPPED) Reflect.deleteProperty(options, name);
  return options;
}

/** Of completion: imports name files as they are, as the project's own do where it allows that. */
const PREFERENCES: ts.UserPreferences = { importModuleSpecifierEnding: 'js' };

/** Declarations of `var`s that stand in blocks and heads of loops: the compiler leaves them out. */
function innerVariables(file: ts.SourceFile, checker: ts.TypeChecker): string {
  const found: string[] = [];
  const flags: ts.NodeBuilderFlags =
    ts.NodeBuilderFlags.NoTruncation | ts.NodeBuilderFlags.UseStructuralFallback;
  const printer = ts.createPrinter();
  localsOf(file).forEach((symbol) => {
    let node: ts.Node | undefined = symbol.valueDeclaration;
    if (!(symbol.flags & ts.SymbolFlags.FunctionScopedVariable)) return;
    while (node && !ts.isVariableStatement(node)) node = ts.isSourceFile(node) ? undefined : node.parent;
    if (node?.parent === file) return;
    const type = checker.typeToTypeNode(checker.getTypeOfSymbol(symbol), file, flags);
    const text = type ? printer.printNode(ts.EmitHint.Unspecified, type, file) : 'any';
    found.push(`declare var ${symbol.name}: ${text};\n`);
  });
  return found.join('');
}

/** `import x = require()` and `export =` are no part of ES modules, but a cell is run as CommonJS is. */
const ACCEPTED = new Set([1202, 1203]);

/**
 * Enums, namespaces and parameter properties under `erasableSyntaxOnly`. The option is for files from which Node only
 * strips the types; a cell is always compiled.
 */
const ACCEPTED_IN_CELLS = new Set([...ACCEPTED, 1294]);

/** The compiler for tslab, and what it made of the last cell. */
export class CellCompiler {
  /** In place of tslab's fork of TypeScript. */
  readonly forTslab: object;
  program: ts.Program | undefined;

  private readonly project: Project;
  private readonly resolver: Resolver;
  private readonly notebook: Notebook;
  private readonly cell: string;
  /** While tslab's `convert` runs; completion and inspection look at the files themselves. */
  private converting = false;
  private diagnostics: readonly ts.Diagnostic[] = [];
  private emitted: Emitted | undefined;
  /** Files of the project without errors, as the last programs had them. */
  private clean = new WeakSet<ts.SourceFile>();
  private cleanFor: ReadonlySet<ts.SourceFile> = new Set();
  private readonly checked = new CheckedFiles();

  constructor(options: {
    readonly project: Project;
    readonly resolver: Resolver;
    readonly files: SourceFiles;
    readonly notebook: Notebook;
  }) {
    const { project, resolver, files, notebook } = options;
    this.project = project;
    this.resolver = resolver;
    this.notebook = notebook;
    this.cell = cellFile(project);
    interface Host {
      readonly rootFiles: readonly string[];
      readonly options: ts.CompilerOptions;
      readonly system: ts.System;
      afterProgramCreate?(builder: object): void;
    }
    const createWatchCompilerHost = (
      rootFiles: string[],
      tslabOptions: ts.CompilerOptions,
      system: ts.System,
    ): Host => {
      resolver.system = system;
      resolver.options = cellOptions(tslabOptions, project);
      return { rootFiles, options: resolver.options, system };
    };
    const createWatchProgram = (host: Host) =>
      startProgram({
        ...host,
        ambientFiles: [globalsFile(project)],
        resolver,
        files,
        isJsx: (file) => file === this.cell && host.options.jsx !== undefined,
        onProgram: (program, filesChanged) => {
          this.program = program;
          if (filesChanged) this.clean = new WeakSet();
          host.afterProgramCreate?.(this.builder(program));
        },
      });
    this.forTslab = Object.create(null, {
      ...Object.getOwnPropertyDescriptors(ts),
      ...Object.getOwnPropertyDescriptors({
        sys: systemIn(project.notebooks, new Map([[globalsFile(project), GLOBALS]])),
        createWatchCompilerHost,
        createWatchProgram,
        getPreEmitDiagnosticsOfFiles: (program: ts.Program) => this.diagnose(program),
        getNullTransformationContext: () => internals.nullTransformationContext,
        getDefaultTypeRoots,
        getQuickInfoAtPosition: (
          file: ts.SourceFile,
          checker: ts.TypeChecker,
          _token: unknown,
          position: number,
        ) => quickInfoAt(file, checker, position),
        Completions: {
          ...internals.Completions,
          // The fork's name. tslab gives an empty object for a host, no preferences, and wants no symbols.
          getCompletionsAtPositionForTslab: (
            _host: unknown,
            program: ts.Program,
            log: unknown,
            file: ts.SourceFile,
            position: number,
            _preferences: unknown,
            ...rest: unknown[]
          ) =>
            internals.Completions.getCompletionsAtPosition(
              this.languageHost(),
              program,
              log,
              file,
              position,
              PREFERENCES,
              ...rest,
              undefined,
              true,
            ),
        },
        // A cell is emitted as it is run: tslab's second step would make a CommonJS module of it.
        transpileModule: (text: string): ts.TranspileOutput => ({ outputText: text }),
      }),
    }) as object;
  }

  /** Lets tslab convert a cell; what the compiler made of it. */
  capture(convert: () => void): { diagnostics: readonly ts.Diagnostic[]; emitted: Emitted | undefined } {
    this.diagnostics = [];
    this.emitted = undefined;
    this.converting = true;
    try {
      convert();
    } finally {
      this.converting = false;
    }
    return { diagnostics: this.diagnostics, emitted: this.emitted };
  }

  get cellSource(): ts.SourceFile | undefined {
    return this.program?.getSourceFile(this.cell);
  }

  /** What the language service asks of its host: the files beside a path that is being written. */
  languageHost(): object {
    const { system, options } = this.resolver;
    return {
      getCompilationSettings: () => options,
      getCurrentDirectory: () => this.project.notebooks,
      fileExists: (file: string) => system.fileExists(file),
      readFile: (file: string) => system.readFile(file),
      directoryExists: (folder: string) => system.directoryExists(folder),
      getDirectories: (folder: string) => system.getDirectories(folder),
      readDirectory: (...args: Parameters<ts.System['readDirectory']>) => ts.sys.readDirectory(...args),
      realpath: (file: string) => system.realpath?.(file) ?? file,
      useCaseSensitiveFileNames: () => true,
    };
  }

  /**
   * What tslab asks of its builder program. tslab adds the list of exports to a cell and updates its program a
   * second time; here the cell has its list from the start, so it is shown a file without names. Nor need it go
   * through the earlier declarations: what is left of them is decided in declarations.ts.
   */
  private builder(program: ts.Program): object {
    const shown = (file: ts.SourceFile | undefined): ts.SourceFile | undefined =>
      file &&
      new Proxy(file, {
        get: (target, property) => {
          if (property === 'locals') return new Map();
          if (property === 'statements' && file.isDeclarationFile) return [];
          return Reflect.get(target, property) as unknown;
        },
        set: (target, property, value) => {
          if (property === 'parent') {
            const real = program.getSourceFile((value as ts.SourceFile).fileName);
            return Reflect.set(target, property, real);
          }
          return true;
        },
      });
    return {
      getProgram: () => program,
      getSourceFile: (name: string) => {
        program.getTypeChecker(); // binds the files, which must come before the change of a file's parent
        const file = program.getSourceFile(name);
        return this.converting ? shown(file) : file;
      },
      getAllDependencies: (file: ts.SourceFile) => [file.fileName],
      emit: (
        _file: ts.SourceFile,
        write: ts.WriteFileCallback,
        _token: unknown,
        _only: unknown,
        custom: ts.CustomTransformers,
      ) => {
        this.emit(program, write, custom.afterDeclarations);
      },
    };
  }

  private emit(
    program: ts.Program,
    write: ts.WriteFileCallback,
    afterDeclarations: ts.CustomTransformers['afterDeclarations'],
  ): void {
    const file = program.getSourceFile(this.cell)!;
    const checker = program.getTypeChecker();
    const transformer = cellTransformer({
      file,
      checker,
      earlier: program.getSourceFile(declarationsFile(this.project))!,
      options: this.resolver.options,
      isAmbient: (name) => this.notebook.isAmbient(name),
      link: (specifier) => this.resolver.localFile(specifier, this.cell) ?? specifier,
    });
    const outputs = new Map<string, string>();
    const emit = program.emit.bind(program) as (
      ...args: [...Parameters<ts.Program['emit']>, forced: boolean]
    ) => ts.EmitResult;
    emit(
      file,
      (name, text) => outputs.set(/\.(?:js|jsx|d\.ts|map)$/.exec(name)?.[0] ?? name, text),
      undefined,
      undefined,
      {
        before: [transformer.before, interruptible],
        after: [transformer.after],
        ...(afterDeclarations ? { afterDeclarations } : {}),
      },
      true, // types that cannot be written become `any`: no reason to refuse a cell that can be run
    );
    const js = outputs.get('.js') ?? outputs.get('.jsx') ?? '';
    const declarations = (outputs.get('.d.ts') ?? '') + innerVariables(file, checker);
    const meanings = new Map<string, { value: boolean; type: boolean }>();
    const places = new Map<string, readonly [number, number]>();
    localsOf(file).forEach((symbol, key) => {
      const name = ts.unescapeLeadingUnderscores(key);
      meanings.set(name, meaningOf(checker, symbol));
      let node: ts.Node | undefined = symbol.valueDeclaration ?? symbol.declarations?.[0];
      while (node && node.parent !== file) node = node.parent;
      if (node) places.set(name, [node.getStart(file) - PREFIX.length, node.end - PREFIX.length]);
    });
    this.emitted = {
      js,
      map: outputs.get('.map') ?? '',
      declarations,
      shape: transformer.shape(),
      meanings,
      places,
    };
    write('outDir/__tslab__.js', js, false);
    write('outDir/__tslab__.d.ts', declarations, false);
  }

  /** The cell, and the files of the project that it imports, with what they import. */
  private sources(program: ts.Program): ts.SourceFile[] {
    const found = [program.getSourceFile(this.cell)!];
    for (const file of found) {
      const { imports = [] } = file as unknown as { imports?: readonly ts.StringLiteralLike[] };
      for (const name of imports) {
        const resolved = internals.resolved(program, name, file);
        if (resolved === undefined || !this.resolver.isLocal(resolved) || /\.d\.[cm]?ts$/.test(resolved)) {
          continue;
        }
        const source = program.getSourceFile(resolved);
        if (source && !found.includes(source)) found.push(source);
      }
    }
    return found;
  }

  /** Errors of the cell and of what it imports; files that had none are not checked again until one changes. */
  private diagnose(program: ts.Program): readonly ts.Diagnostic[] {
    const files = this.sources(program);
    const own = files.filter((file) => file.fileName !== this.cell);
    if (own.some((file) => !this.cleanFor.has(file))) this.clean = new WeakSet();
    this.cleanFor = new Set([...own, ...(own.every((file) => this.cleanFor.has(file)) ? this.cleanFor : [])]);
    const found: ts.Diagnostic[] = [];
    for (const file of files) {
      if (this.clean.has(file)) continue;
      const isOwn = file.fileName !== this.cell;
      if (isOwn && this.checked.has(program, file)) {
        this.clean.add(file);
        continue;
      }
      const errors = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
      if (errors.length === 0 && isOwn) {
        this.clean.add(file);
        this.checked.add(program, file);
      }
      const accepted = isOwn ? ACCEPTED : ACCEPTED_IN_CELLS;
      found.push(...errors.filter(({ code }) => !accepted.has(code)));
    }
    this.diagnostics = ts.sortAndDeduplicateDiagnostics(found);
    return this.diagnostics;
  }
}
