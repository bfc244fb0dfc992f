/** All that the kernel knows of TypeScript, as the methods of the language thread. */
import path from 'node:path';

import ts from 'typescript';

import { boxOf } from './cell/cellFunction.ts';
import { CellCompiler } from './compiler.ts';
import type { Completeness } from './completeness.ts';
import { rank, type Completion } from './completion.ts';
import { loadTslab, PREFIX, type Converter } from './converter.ts';
import { Declarations } from './declarations.ts';
import { render, renderAll, type Diagnostic } from './diagnostics.ts';
import { SourceFiles } from './files.ts';
import { completenessOfCell } from './magics/completeness.ts';
import { completeMagic } from './magics/completion.ts';
import { completePath } from './magics/paths.ts';
import { askedCell } from './magics/question.ts';
import { completeValue } from './magics/values.ts';
import { expandMagics } from './magics.ts';
import {
  declarationAt,
  originOf,
  positionsToTry,
  present,
  type MimeBundle,
  type Origin,
} from './inspection.ts';
import { ProjectModules } from './modules.ts';
import type { Project } from './project.ts';
import { cellFile, declarationsFile, Resolver } from './resolve.ts';
import { withSourceMap } from './sourceMap.ts';
import { readCell } from './source.ts';

export interface Converted {
  readonly id: number;
  /** The text of a function of the boxes and the runtime; absent where the cell is not to be run. */
  readonly code?: string;
  /** The names whose boxes it takes, in order. */
  readonly names: readonly string[];
  /** The values that the cell declares. */
  readonly declared: readonly string[];
  readonly isAsync: boolean;
  /** Files of the project that changed since the last cell: to be loaded anew. */
  readonly changed: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface LanguageMethods {
  /** Turns a cell into a function; `cell` is the name that stack traces give it. */
  convert(code: string, options?: { readonly cell?: string }): Converted;
  /** Tells which of a cell's declared names exist now that it has run. */
  keep(id: number, names: readonly string[] | 'all'): void;
  /** Forgets all names. */
  reset(): void;
  /** A file of the project as CommonJS in which its own files are required by absolute path; undefined: as it is. */
  load(file: string): string | undefined;
  /** The project's file that an import names, seen from another file. */
  resolve(name: string, from: string): string | undefined;
  exportsOf(file: string): string[];
  /** The project's files that cells imported, as far as they are compiled. */
  importedFiles(): string[];
  /** Names that could stand at a position (a UTF-16 index). */
  complete(code: string, position: number): Completion;
  /** Type and documentation of the name at a position; with detail 1 also where it comes from. */
  inspect(code: string, position: number, detail: 0 | 1): MimeBundle | undefined;
  isComplete(code: string): Completeness;
  close(): void;
}

/** A converted cell that has not been run to its end. */
interface Pending {
  readonly declarations: string;
  readonly meanings: ReadonlyMap<string, { readonly value: boolean; readonly type: boolean }>;
  readonly ambient: ReadonlySet<string>;
  readonly origins: ReadonlyMap<string, Origin>;
}

/** How many converted cells may wait for their end; a cell that was never run is forgotten in time. */
const PENDING = 100;

/** Starts the compiler, which takes about a second. */
export function createLanguage(project: Project): LanguageMethods {
  const resolver = new Resolver(project);
  const files = new SourceFiles();
  const modules = new ProjectModules(project, resolver, files);
  const declarations = new Declarations();
  const compiler = new CellCompiler({
    project,
    resolver,
    files,
    notebook: { isAmbient: (name) => declarations.isAmbient(name) },
  });
  const tslab = loadTslab(compiler.forTslab);
  const start = (): Converter => tslab.createConverter({ isJS: false, isBrowser: false });
  let converter = start();
  const jsx = resolver.options.jsx !== undefined;
  const origins = new Map<string, Origin>();
  const pending = new Map<number, Pending>();
  let lastId = 0;

  const isName = (name: string): boolean => declarations.hasValue(name) || name in globalThis;

  const expand = (code: string, exportsOf?: (file: string) => readonly string[]) =>
    expandMagics(code, { isName, ...(exportsOf ? { exportsOf } : {}) });

  const convert: LanguageMethods['convert'] = (code, { cell = 'cell' } = {}) => {
    const id = ++lastId;
    const expanded = expand(code, (file) => modules.exportsOf(file));
    const source = readCell(expanded.code, jsx);
    const nothing = { id, names: [], declared: [], isAsync: source.isAsync };
    const place = { name: cell, text: code };
    if (expanded.problems.length > 0) {
      const diagnostics = expanded.problems.map(({ start, length, message }) =>
        render({ code: 0, message }, { ...place, start, length }),
      );
      return { ...nothing, changed: [], diagnostics };
    }
    if (source.syntaxErrors.length > 0) {
      const diagnostics = source.syntaxErrors.map((error) => {
        const start = Math.min(expanded.toOriginal(error.start), code.length);
        const message = ts.flattenDiagnosticMessageText(error.messageText, '\n');
        return render({ code: error.code, message }, { ...place, start, length: error.length });
      });
      return { ...nothing, changed: [], diagnostics };
    }
    const { diagnostics, emitted } = compiler.capture(() => {
      try {
        converter.convert(declarations.text, source.text);
      } catch (error) {
        converter = start(); // a fault of the compiler: the next cell begins with a fresh one
        throw error;
      }
    });
    const changed = files.takeChanged();
    if (diagnostics.length > 0 || !emitted) {
      const rendered = renderAll(diagnostics, {
        root: project.root,
        cellFile: cellFile(project),
        cell,
        code,
        before: PREFIX.length,
        toOriginal: expanded.toOriginal,
        isLocal: (file) => resolver.isLocal(file) && file !== declarationsFile(project),
      });
      return { ...nothing, changed, diagnostics: rendered };
    }
    const { names, runtime } = emitted.shape;
    const parameters = [...names.map(boxOf), runtime].join(', ');
    const output = withSourceMap(
      {
        js: emitted.js,
        map: emitted.map,
        head: `(${source.isAsync ? 'async ' : ''}function (${parameters}) { "use strict"; `,
        foot: '})',
      },
      {
        cell,
        code,
        linesBefore: 1,
        ...(expanded.code === code ? {} : { toOriginal: positionMapper(expanded, code) }),
      },
    );
    const declared = [...emitted.meanings].flatMap(([name, { value }]) =>
      value && !source.ambient.has(name) ? [name] : [],
    );
    const origins = new Map<string, Origin>();
    for (const [name, [start, end]] of emitted.places) {
      const [from, to] = [expanded.toOriginal(start), expanded.toOriginal(end)];
      const line = code.slice(0, from).split('\n').length;
      origins.set(name, { place: `${cell}:${line}`, source: code.slice(from, to) });
    }
    pending.set(id, { ...emitted, ambient: source.ambient, origins });
    if (pending.size > PENDING) pending.delete(id - PENDING);
    return { ...nothing, code: output, names, declared, changed, diagnostics: [] };
  };

  /** A question that the compiler stumbles over has no answer. */
  const answered = <T>(ask: () => T): T | undefined => {
    try {
      return ask();
    } catch {
      converter.close();
      converter = start();
      return undefined;
    }
  };

  const complete: LanguageMethods['complete'] = (code, position) => {
    const found = converter.complete(declarations.text, code, position);
    const { program, cellSource: file } = compiler;
    if (!program || !file) return { start: position, end: position, matches: [], types: [] };
    return rank(code, position, found, {
      file,
      checker: program.getTypeChecker(),
      before: PREFIX.length,
      isNotebook: ({ fileName }) => fileName === file.fileName || fileName === declarationsFile(project),
    });
  };

  const completeCell = (code: string, position: number): Completion | undefined =>
    answered(() => {
      const { code: text, toExpanded, toOriginal } = expand(code);
      const { start, end, ...found } = complete(text, toExpanded(position));
      return { start: toOriginal(start), end: toOriginal(end), ...found };
    });

  const inspect: LanguageMethods['inspect'] = (code, position, detail) => {
    const ask = (at: number) => converter.inspect(declarations.text, code, at);
    let at = position;
    let info = ask(at);
    const file = compiler.cellSource;
    if (!file) return undefined;
    const shift = PREFIX.length;
    if (!info) {
      for (const other of positionsToTry(file, position + shift)) {
        info = ask((at = other - shift));
        if (info) break;
      }
    }
    if (!info) return undefined;
    return present(info, detail === 1 ? origin(file, at + shift) : undefined);
  };

  const origin = (file: ts.SourceFile, at: number): Origin | undefined => {
    const declaration = compiler.program && declarationAt(file, compiler.program.getTypeChecker(), at);
    if (!declaration) return undefined;
    const from = declaration.getSourceFile().fileName;
    if (from === cellFile(project)) return undefined; // it stands before the reader's eyes
    if (from !== declarationsFile(project))
      return originOf(declaration, project.root, resolver.isLocal(from));
    let top: ts.Node = declaration;
    while (!ts.isSourceFile(top.parent)) top = top.parent;
    const { name } = (
      ts.isVariableStatement(top) ? top.declarationList.declarations[0] : top
    ) as ts.NamedDeclaration;
    return name && ts.isIdentifier(name) ? origins.get(name.text) : undefined;
  };

  return {
    convert,
    keep: (id, names) => {
      const cell = pending.get(id);
      if (!cell) return;
      pending.delete(id);
      declarations.add(cell.declarations, cell.meanings, cell.ambient, names);
      for (const [name, origin] of cell.origins) {
        const { value } = cell.meanings.get(name) ?? { value: true };
        if (names === 'all' || !value || names.includes(name)) origins.set(name, origin);
      }
    },
    reset: () => {
      declarations.clear();
      origins.clear();
      pending.clear();
    },
    load: (file) => modules.load(file),
    resolve: (name, from) => modules.resolve(name, from),
    exportsOf: (file) => modules.exportsOf(file),
    importedFiles: () =>
      (compiler.program?.getSourceFiles() ?? [])
        .filter((file) => resolver.isLocal(file.fileName) && !file.isDeclarationFile)
        .filter((file) => file !== compiler.cellSource && /\.[cm]?[jt]sx?$/.test(file.fileName))
        .map(({ fileName }) => path.normalize(fileName)),
    complete: (cell, position) => {
      const nothing = { start: position, end: position, matches: [], types: [] };
      const asked = askedCell(cell, position, isName);
      if (asked?.isOver === true) return nothing;
      const code = asked?.code ?? cell;
      return (
        completeMagic(code, position) ??
        completeValue(code, position, isName, completeCell) ??
        completePath(code, position, { isName, notebooks: project.notebooks }) ??
        completeCell(code, position) ??
        nothing
      );
    },
    inspect: (cell, position, detail) =>
      answered(() => {
        const expanded = expand(askedCell(cell, position, isName)?.code ?? cell);
        return inspect(expanded.code, expanded.toExpanded(position), detail);
      }),
    isComplete: (cell) => completenessOfCell(cell, (code) => expand(code).code, jsx),
    close: () => {
      converter.close();
    },
  };
}

/** Where a line and column of an expanded cell were before its magics were expanded. */
function positionMapper(
  expanded: { readonly code: string; toOriginal(offset: number): number },
  code: string,
): (line: number, column: number) => readonly [number, number] {
  const starts = (text: string): number[] => {
    const found = [0];
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) found.push(at + 1);
    return found;
  };
  const [from, to] = [starts(expanded.code), starts(code)];
  return (line, column) => {
    const offset = expanded.toOriginal((from[line] ?? 0) + column);
    return [line, Math.max(0, offset - (to[line] ?? 0))]; // lines keep their numbers
  };
}
