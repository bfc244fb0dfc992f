import path from 'node:path';

import ts from 'typescript';

import { withSlashes, type Project } from './project.ts';

/** The two files of tslab's program: the cell, and the declarations that earlier cells left. */
export const cellFile = (project: Project): string => `${project.notebooks}/__tslab__.ts`;
export const declarationsFile = (project: Project): string => `${project.notebooks}/__prev__.d.ts`;

type Resolution = ts.ResolvedModuleWithFailedLookupLocations;

/**
 * Finds what an import names, as the project's own compiler does: relative to the notebook (or else to the
 * project's root), by the package's own name, by `#` imports, with or without `.ts`.
 */
export class Resolver {
  /** Set when tslab has started the compiler. */
  options: ts.CompilerOptions = {};
  system: ts.System = ts.sys;
  /** What was found in installed packages, which do not change while a kernel runs. */
  private readonly fixed = new Map<string, Resolution>();
  private cache: ts.ModuleResolutionCache | undefined;

  private readonly project: Project;

  constructor(project: Project) {
    this.project = project;
  }

  resolve(name: string, from: string): Resolution {
    const fromPackage = from.includes('/node_modules/');
    const key = `${name}\0${fromPackage || name.startsWith('.') ? path.posix.dirname(from) : ''}`;
    const known = this.fixed.get(key);
    if (known) return known;
    const found = this.ask(name, from, fromPackage);
    const file = found.resolvedModule?.resolvedFileName;
    if (fromPackage || file?.includes('/node_modules/')) this.fixed.set(key, found);
    return found;
  }

  private ask(name: string, from: string, fromPackage: boolean): Resolution {
    const { options, system } = this;
    if (fromPackage) {
      return ts.resolveModuleName(name, from, options, system, this.packages());
    }
    const found = ts.resolveModuleName(name, from, options, system);
    if (
      found.resolvedModule ||
      !name.startsWith('.') ||
      path.posix.dirname(from) !== this.project.notebooks
    ) {
      return found;
    }
    const fromRoot = ts.resolveModuleName(name, `${this.project.root}/cell.ts`, options, system);
    return fromRoot.resolvedModule ? fromRoot : found;
  }

  /** What is known of installed packages: their descriptions would else be read again for each program. */
  packages(): ts.ModuleResolutionCache {
    return (this.cache ??= ts.createModuleResolutionCache(this.project.root, (file) => file, this.options));
  }

  /** The project's own file that an import names, if it names one: that which runs, where its types lie beside it. */
  localFile(name: string, from: string): string | undefined {
    const file = this.resolve(name, withSlashes(from)).resolvedModule?.resolvedFileName;
    if (file === undefined || !this.isLocal(file)) return undefined;
    const code = file.replace(/\.d\.([cm]?)ts$/, '.$1js');
    return code === file || this.system.fileExists(code) ? path.normalize(code) : undefined;
  }

  /** Whether a file belongs to the project rather than to an installed package. */
  isLocal(file: string): boolean {
    const name = withSlashes(file);
    return name.startsWith(`${this.project.root}/`) && !name.includes('/node_modules/');
  }
}
