/**
 * Which of the project's files were found without errors, kept between kernels: to check what a notebook imports can
 * take seconds, and mostly nothing has changed. A file counts as checked as long as itself, all that it imports, the
 * libraries and the compiler's options are what they were.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

import ts from 'typescript';

import { internals } from './internals.ts';

const digest = (text: string): string => createHash('sha1').update(text).digest('base64url');

export class CheckedFiles {
  private readonly folder: string | undefined;
  private readonly digests = new WeakMap<ts.SourceFile, string>();
  private readonly imports = new WeakMap<ts.Program, Map<ts.SourceFile, readonly ts.SourceFile[]>>();

  /** Without a folder nothing is kept. */
  constructor(folder: string | undefined) {
    this.folder = folder;
  }

  /** Whether a file was found without errors before. */
  has(program: ts.Program, file: ts.SourceFile): boolean {
    return this.folder !== undefined && fs.existsSync(this.place(this.folder, program, file));
  }

  /** Remembers that a file has no errors. */
  add(program: ts.Program, file: ts.SourceFile): void {
    if (this.folder === undefined) return;
    try {
      fs.writeFileSync(this.place(this.folder, program, file), '');
    } catch {
      // A full disk or a folder that was removed meanwhile: the file is checked again next time.
    }
  }

  private place(folder: string, program: ts.Program, file: ts.SourceFile): string {
    const reached = new Set([file]);
    for (const each of reached) for (const next of this.importsOf(program, each)) reached.add(next);
    const parts = [...reached, ...this.globals(program)].map(
      (each) => `${each.fileName} ${this.digestOf(each)}`,
    );
    const text = [
      ts.version,
      JSON.stringify(program.getCompilerOptions()),
      file.fileName,
      ...parts.sort(),
    ].join('\n');
    return path.join(folder, `${digest(text)}.checked`);
  }

  private digestOf(file: ts.SourceFile): string {
    const known = this.digests.get(file) ?? digest(file.text);
    this.digests.set(file, known);
    return known;
  }

  /** Files whose declarations every file sees. */
  private globals(program: ts.Program): readonly ts.SourceFile[] {
    return program.getSourceFiles().filter((file) => !ts.isExternalModule(file) && file.isDeclarationFile);
  }

  private importsOf(program: ts.Program, file: ts.SourceFile): readonly ts.SourceFile[] {
    const all = this.imports.get(program) ?? new Map<ts.SourceFile, readonly ts.SourceFile[]>();
    this.imports.set(program, all);
    const known = all.get(file);
    if (known) return known;
    const { imports = [] } = file as unknown as { imports?: readonly ts.StringLiteralLike[] };
    const references = file.referencedFiles.map(({ fileName }) =>
      path.posix.join(path.posix.dirname(file.fileName), fileName),
    );
    const names = [...imports.map((name) => internals.resolved(program, name, file)), ...references];
    const found = names.flatMap((name) => (name === undefined ? [] : (program.getSourceFile(name) ?? [])));
    all.set(file, found);
    return found;
  }
}
