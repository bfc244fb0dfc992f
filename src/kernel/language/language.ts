/** All that the kernel knows of TypeScript, as the methods of the language thread. */
import ts from 'typescript';

import { boxOf } from './cell.ts';
import { CellCompiler, PREFIX } from './compiler.ts';
import { completenessOf, type Completeness } from './completeness.ts';
import { rank, type Completion } from './completion.ts';
import { loadTslab, type Converter } from './converter.ts';
import { Declarations } from './declarations.ts';
import { render, renderAll, type Diagnostic } from './diagnostics.ts';
import { SourceFiles } from './files.ts';
import { expandMagics } from './magics.ts';
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
  readonly hasResult: boolean;
  /** Files of the project that changed, and whatever imports them: to be forgotten. */
  readonly stale: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

export type MimeBundle = Readonly<Record<string, string>>;

export interface LanguageMethods {
  /** Turns a cell into a function; `cell` is the name that stack traces give it. */
  convert(code: string, options?: { readonly cell?: string }): Converted;
  /** Tells which of a cell's declared names exist now that it has run. */
  keep(id: number, names: readonly string[] | 'all'): void;
  /** Forgets all names. */
  reset(): void;
  /** A file of the project as CommonJS in which its own files are required by absolute path. */
  load(file: string): string;
  /** The project's file that an import names, seen from another file. */
  resolve(name: string, from: string): string | undefined;
  exportsOf(file: string): string[];
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
}

/** How many converted cells may wait for their end; a cell that was never run is forgotten in time. */
const PENDING = 100;

/** Starts the compiler, which takes about a second. */
export function createLanguage(project: Project): LanguageMethods {
  const resolver = new Resolver(project);
  const files = new SourceFiles();
  const modules = new ProjectModules(project, resolver);
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
  const pending = new Map<number, Pending>();
  let lastId = 0;

  const isName = (name: string): boolean => declarations.hasValue(name) || name in globalThis;

  const convert: LanguageMethods['convert'] = (code, { cell = 'cell' } = {}) => {
    const id = ++lastId;
    const expanded = expandMagics(code, { isName, exportsOf: (file) => modules.exportsOf(file) });
    const source = readCell(expanded.code, jsx);
    const nothing = { id, names: [], declared: [], isAsync: source.isAsync, hasResult: false };
    const place = { name: cell, text: code };
    if (expanded.problems.length > 0) {
      const diagnostics = expanded.problems.map(({ start, length, message }) =>
        render({ code: 0, message }, { ...place, start, length }),
      );
      return { ...nothing, stale: [], diagnostics };
    }
    if (source.syntaxErrors.length > 0) {
      const diagnostics = source.syntaxErrors.map((error) => {
        const start = Math.min(expanded.toOriginal(error.start), code.length);
        const message = ts.flattenDiagnosticMessageText(error.messageText, '\n');
        return render({ code: error.code, message }, { ...place, start, length: error.length });
      });
      return { ...nothing, stale: [], diagnostics };
    }
    const { diagnostics, emitted } = compiler.capture(() => {
      try {
        converter.convert(declarations.text, source.text);
      } catch (error) {
        converter = start(); // a fault of the compiler: the next cell begins with a fresh one
        throw error;
      }
    });
    const stale = modules.stale(files.takeChanged());
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
      return { ...nothing, stale, diagnostics: rendered };
    }
    const { names, runtime, hasResult } = emitted.shape;
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
    pending.set(id, { ...emitted, ambient: source.ambient });
    if (pending.size > PENDING) pending.delete(id - PENDING);
    return { ...nothing, code: output, names, declared, hasResult, stale, diagnostics: [] };
  };

  return {
    convert,
    keep: (id, names) => {
      const cell = pending.get(id);
      if (!cell) return;
      pending.delete(id);
      declarations.add(cell.declarations, cell.meanings, cell.ambient, names);
    },
    reset: () => {
      declarations.clear();
      pending.clear();
    },
    load: (file) => modules.load(file),
    resolve: (name, from) => modules.resolve(name, from),
    exportsOf: (file) => modules.exportsOf(file),
    complete: (code, position) =>
      rank(code, position, converter.complete(declarations.text, code, position), () => undefined),
    inspect: (code, position) => {
      const info = converter.inspect(declarations.text, code, position);
      return info && { 'text/plain': tslab.printQuickInfo(info) };
    },
    isComplete: (code) => completenessOf(code, jsx),
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
