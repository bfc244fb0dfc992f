/**
 * Which of the project's files were found without errors, kept between kernels: to check what a notebook imports can
 * take seconds, and mostly nothing has changed. A file counts as checked as long as itself, all that it imports, the
 * libraries and the compiler's options are what they were.
 */
import { createHash } from 'node:crypto';
import path from 'node:path';

import ts from 'typescript';

import { cache } from '../cache.cjs';
import { internals } from './internals.ts';

const digest = (text: string): string => createHash('sha1').update(text).digest('base64url');

export class CheckedFiles {
  private readonly digests = new WeakMap<ts.SourceFile, string>();
  private readonly imports = new WeakMap<ts.Program, Map<ts.SourceFile, readonly ts.SourceFile[]>>();

  /** Whether a file was found without errors before. */
  has(program: ts.Program, file: ts.SourceFile): boolean {
    return cache.folder !== null && cache.read(this.nameOf(program, file)) !== undefined;
  }

  /** Remembers that a file has no errors. */
  add(program: ts.Program, file: ts.SourceFile): void {
    if (cache.folder !== null) cache.write(this.nameOf(program, file), '');
  }

  private nameOf(program: ts.Program, file: ts.SourceFile): string {
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
    return `${digest(text)}.checked`;
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
