/** What the compiler complains of in a cell and in the project's files that it imports. */
import ts from 'typescript';

import { CheckedFiles } from './checked.ts';
import { internals } from './internals.ts';

/** `import x = require()` and `export =` are no part of ES modules, but a cell is run as CommonJS is. */
const ACCEPTED = new Set([1202, 1203]);

/**
 * Enums, namespaces and parameter properties under `erasableSyntaxOnly`. The option is for files from which Node only
 * strips the types; a cell is always compiled.
 */
const ACCEPTED_IN_CELLS = new Set([...ACCEPTED, 1294]);

export interface CellErrorsOptions {
  /** The name of the cell's file. */
  readonly cell: string;
  /** Whether a file is one of the project, rather than of a package. */
  readonly isLocal: (file: string) => boolean;
}

/** Finds errors; files that had none are not checked again until one changes. */
export class CellErrors {
  private readonly cell: string;
  private readonly isLocal: (file: string) => boolean;
  /** Files of the project without errors, as the last programs had them. */
  private clean = new WeakSet<ts.SourceFile>();
  private cleanFor: ReadonlySet<ts.SourceFile> = new Set();
  private readonly checked = new CheckedFiles();

  constructor({ cell, isLocal }: CellErrorsOptions) {
    this.cell = cell;
    this.isLocal = isLocal;
  }

  /** Files have changed, which may have made errors in others. */
  filesChanged(): void {
    this.clean = new WeakSet();
  }

  /** Errors of the cell and of what it imports, file by file. */
  find(program: ts.Program): readonly ts.Diagnostic[] {
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
    return ts.sortAndDeduplicateDiagnostics(found);
  }

  /** The cell, and the files of the project that it imports, with what they import. */
  private sources(program: ts.Program): ts.SourceFile[] {
    const found = [program.getSourceFile(this.cell)!];
    for (const file of found) {
      const { imports = [] } = file as unknown as { imports?: readonly ts.StringLiteralLike[] };
      for (const name of imports) {
        const resolved = internals.resolved(program, name, file);
        if (resolved === undefined || !this.isLocal(resolved) || /\.d\.[cm]?ts$/.test(resolved)) {
          continue;
        }
        const source = program.getSourceFile(resolved);
        if (source && !found.includes(source)) found.push(source);
      }
    }
    return found;
  }
}
