import path from 'node:path';

import ts from 'typescript';

import { withSlashes, type Project } from './project.ts';

/** The two files of tslab's program: the cell, and the declarations that earlier cells left. */
export const cellFile = (project: Project): string => `${project.root}/__tslab__.ts`;
export const declarationsFile = (project: Project): string => `${project.root}/__prev__.d.ts`;

/**
 * Finds what an import names, as the project's own compiler does: relative to the notebook (or else to the
 * project's root), by the package's own name, by `#` imports, with or without `.ts`.
 */
export class Resolver {
  /** Set when tslab has started the compiler. */
  options: ts.CompilerOptions = {};
  system: ts.System = ts.sys;
  /** Answers for installed packages, which do not change while a kernel runs. */
  private readonly fixed = new Map<string, ts.ResolvedModuleWithFailedLookupLocations>();

  private readonly project: Project;

  constructor(project: Project) {
    this.project = project;
  }

  resolve(name: string, from: string): ts.ResolvedModuleWithFailedLookupLocations {
    const ask = (file: string) => ts.resolveModuleName(name, file, this.options, this.system);
    if (from === cellFile(this.project) || from === declarationsFile(this.project)) {
      const found = name.startsWith('.') ? ask(`${this.project.notebooks}/cell.ts`) : ask(from);
      return found.resolvedModule ? found : ask(from);
    }
    if (!from.includes('/node_modules/')) return ask(from);
    const key = `${name}\0${path.posix.dirname(from)}`;
    const known = this.fixed.get(key) ?? ask(from);
    this.fixed.set(key, known);
    return known;
  }

  /** The project's own file that an import names, if it names one. */
  localFile(name: string, from: string): string | undefined {
    const file = this.resolve(name, withSlashes(from)).resolvedModule?.resolvedFileName;
    return file !== undefined && this.isLocal(file) && !/\.d\.[cm]?ts$/.test(file)
      ? path.normalize(file)
      : undefined;
  }

  /** Whether a file belongs to the project rather than to an installed package. */
  isLocal(file: string): boolean {
    const name = withSlashes(file);
    return name.startsWith(`${this.project.root}/`) && !name.includes('/node_modules/');
  }
}
