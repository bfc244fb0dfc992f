/**
 * The program that tslab keeps up to date, in the place of TypeScript's watch mode: made anew only when the cell,
 * the declarations or a file of the project changed, with whatever did not change taken over from the last one.
 * (The stock watch builds a second graph of all files for each program, of which a cell has no use.)
 */
import { isBuiltin } from 'node:module';
import path from 'node:path';

import ts from 'typescript';

import { WITHOUT_DOCUMENTATION } from './documentation.ts';
import type { SourceFiles } from './files.ts';
import { withSlashes } from './project.ts';
import type { Resolver } from './resolve.ts';

export interface ProgramOptions {
  readonly rootFiles: readonly string[];
  /** Global declarations beside them. */
  readonly ambientFiles: readonly string[];
  readonly options: ts.CompilerOptions;
  /** tslab's: reads its own two files from memory. */
  readonly system: ts.System;
  readonly resolver: Resolver;
  readonly files: SourceFiles;
  /** Files of the project that are TypeScript with JSX, whatever their name says. */
  readonly isJsx: (file: string) => boolean;
  /** A program was made; `filesChanged` if one of the project's files did. */
  readonly onProgram: (program: ts.Program, filesChanged: boolean) => void;
}

export interface LiveProgram {
  updateRootFileNames(files: string[]): void;
  close(): void;
}

/** Starts the program; it follows what tslab reports through `system.watchFile`. */
export function startProgram({
  rootFiles,
  ambientFiles,
  options,
  system,
  resolver,
  files,
  isJsx,
  onProgram,
}: ProgramOptions): LiveProgram {
  let roots = [...rootFiles, ...ambientFiles];
  let program: ts.Program | undefined;
  let timer: unknown;
  const sources = new Map<string, ts.SourceFile>();
  const isVirtual = (file: string): boolean => rootFiles.includes(file);
  /** What files import and what could not be found: it may be there the next time. */
  const missing = new Map<string, readonly string[]>();
  /** Files whose imports have to be looked up again. */
  let outdated: (file: string) => boolean = () => false;

  const readSource = (
    file: string,
    how: ts.ScriptTarget | ts.CreateSourceFileOptions,
  ): ts.SourceFile | undefined => {
    const known = sources.get(file);
    if (known && !isVirtual(file)) return known;
    const text = system.readFile(file);
    if (text === undefined) return undefined;
    if (known?.text === text) return known;
    const mode =
      !isVirtual(file) && /\.d\.[cm]?ts$/.test(file)
        ? {
            ...(typeof how === 'object' ? how : { languageVersion: how }),
            jsDocParsingMode: WITHOUT_DOCUMENTATION,
          }
        : how;
    const source = ts.createSourceFile(file, text, mode, false, isJsx(file) ? ts.ScriptKind.TSX : undefined);
    sources.set(file, source);
    if (!isVirtual(file)) files.follow(file);
    return source;
  };

  const folderOfLibraries = path.posix.dirname(withSlashes(system.getExecutingFilePath()));
  const host: ts.CompilerHost = {
    getSourceFile: readSource,
    getDefaultLibFileName: (from) => `${folderOfLibraries}/${ts.getDefaultLibFileName(from)}`,
    getDefaultLibLocation: () => folderOfLibraries,
    writeFile: () => undefined,
    getCurrentDirectory: () => system.getCurrentDirectory(),
    getCanonicalFileName: (file) => file,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => '\n',
    fileExists: (file) => system.fileExists(file),
    readFile: (file) => system.readFile(file),
    directoryExists: (folder) => system.directoryExists(folder),
    getDirectories: (folder) => system.getDirectories(folder),
    realpath: (file) => system.realpath?.(file) ?? file,
    resolveModuleNameLiterals: (names, from) => {
      const found = names.map((name) => resolver.resolve(name.text, from));
      const lost = names.filter(({ text }, index) => !found[index]!.resolvedModule && !isBuiltin(text));
      if (lost.length === 0 || from.includes('/node_modules/')) missing.delete(from);
      else
        missing.set(
          from,
          lost.map(({ text }) => text),
        );
      return found;
    },
    getModuleResolutionCache: () => resolver.packages(),
    hasInvalidatedResolutions: (file) => outdated(file),
  };

  const isUpToDate = (): boolean =>
    program !== undefined &&
    roots.every((file) => program?.getSourceFile(file)?.text === system.readFile(file));

  const update = (): void => {
    timer = undefined;
    const changed = files.look();
    for (const file of changed) sources.delete(file);
    const placesChanged = changed.some((file) => !system.fileExists(file));
    const appeared = new Set<string>();
    for (const [file, names] of missing) {
      if (names.some((name) => resolver.resolve(name, file).resolvedModule)) appeared.add(file);
    }
    if (changed.length === 0 && appeared.size === 0 && isUpToDate()) return;
    outdated = (file) => appeared.has(file) || (placesChanged && resolver.isLocal(file));
    program = ts.createProgram(roots, options, host, program);
    onProgram(program, changed.length > 0);
  };
  const schedule = (): void => {
    if (timer !== undefined) system.clearTimeout?.(timer);
    timer = system.setTimeout?.(update, 0);
  };
  const watches = rootFiles.map((file) => system.watchFile?.(file, schedule));
  update();
  return {
    updateRootFileNames: (names) => {
      roots = [...names, ...ambientFiles];
      schedule();
    },
    close: () => {
      for (const watch of watches) watch?.close();
      sources.clear();
      program = undefined;
    },
  };
}
