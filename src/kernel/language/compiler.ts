/**
 * The stock TypeScript compiler in the shape that tslab expects of its fork: the project's options in place of
 * tslab's, a program without needless work, a few functions of the language service made public; and in place of
 * tslab's JavaScript of a cell (properties of `exports`) the function of boxes that cell.ts describes.
 */
import ts from 'typescript';

import { CellErrors } from './cellErrors.ts';
import { cellOptions } from './cellOptions.ts';
import { emitCell, type Emitted } from './emitCell.ts';
import { systemIn, type SourceFiles } from './files.ts';
import { quickInfoAt } from './inspection.ts';
import { internals } from './internals.ts';
import { startProgram } from './program.ts';
import type { Project } from './project.ts';
import { cellFile, declarationsFile, type Resolver } from './resolve.ts';
import { GLOBALS, globalsFile } from './globals.ts';

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

/** Of completion: imports name files as they are, as the project's own do where it allows that. */
const PREFERENCES: ts.UserPreferences = { importModuleSpecifierEnding: 'js' };

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
  private readonly errors: CellErrors;

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
    this.errors = new CellErrors({ cell: this.cell, isLocal: (file) => resolver.isLocal(file) });
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
          if (filesChanged) this.errors.filesChanged();
          host.afterProgramCreate?.(this.builder(program));
        },
      });
    this.forTslab = Object.create(null, {
      ...Object.getOwnPropertyDescriptors(ts),
      ...Object.getOwnPropertyDescriptors({
        sys: systemIn(project.notebooks, new Map([[globalsFile(project), GLOBALS]])),
        createWatchCompilerHost,
        createWatchProgram,
        getPreEmitDiagnosticsOfFiles: (program: ts.Program) => (this.diagnostics = this.errors.find(program)),
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
    this.emitted = emitCell(program, {
      file: program.getSourceFile(this.cell)!,
      earlier: program.getSourceFile(declarationsFile(this.project))!,
      options: this.resolver.options,
      isAmbient: (name) => this.notebook.isAmbient(name),
      link: (specifier) => this.resolver.localFile(specifier, this.cell) ?? specifier,
      afterDeclarations,
    });
    write('outDir/__tslab__.js', this.emitted.js, false);
    write('outDir/__tslab__.d.ts', this.emitted.declarations, false);
  }
}
