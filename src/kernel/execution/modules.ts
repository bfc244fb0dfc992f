import { createRequire, Module } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import vm from 'node:vm';

import type { Folders } from '../folders.ts';

/** What the language thread knows of modules. */
export interface ModuleSource {
  /** A file of the project as CommonJS in which its own files are required by absolute path; undefined: as it is. */
  load(file: string): string | undefined;
  /** The project's file that an import names, seen from another file. */
  resolve(name: string, from: string): string | undefined;
}

type Load = (module: Module, file: string) => void;
interface LoadableModule extends Module {
  _compile(code: string, file: string, format: string): void;
}

/** A package that `require` cannot give: it is for `import` only, or awaits at its top level. */
const IMPORT_ONLY = new Set(['ERR_PACKAGE_PATH_NOT_EXPORTED', 'ERR_REQUIRE_ASYNC_MODULE', 'ERR_REQUIRE_ESM']);

const codeOf = (error: unknown): string => String((error as { code?: unknown } | null)?.code);

/**
 * What a cell fails with where it names a module that is not there: without the file that stands for the cell in what
 * Node writes, and with the cell's own place, though the module was looked for before the cell ran.
 */
function askedByCell(error: unknown): unknown {
  const missing = error as { message: string; requireStack?: readonly string[] };
  if (codeOf(error) !== 'MODULE_NOT_FOUND' || missing.requireStack?.length !== 1) return error;
  missing.message = missing.message.replace(/\nRequire stack:.*$/s, '');
  delete missing.requireStack;
  Error.captureStackTrace(missing, askedByCell);
  return missing;
}

/** Runs what asks for a module in a cell's name. */
function forCell<T>(load: () => T): T {
  try {
    return load();
  } catch (error) {
    throw askedByCell(error);
  }
}

/**
 * Loads what cells import: the project's own TypeScript files through Node's `require`, so that circular imports,
 * `import.meta.url` and lines in stack traces work and each file is one module however its name was spelled, and
 * packages as they come.
 */
export class Modules {
  private readonly root: string;
  private readonly cellFile: string;
  private readonly source: ModuleSource;
  private readonly packages: NodeJS.Require;
  /** Packages that only `import` could load, by name. */
  private readonly imported = new Map<string, unknown>();
  /** How packages failed that the cell is about to require. */
  private readonly failed = new Map<string, unknown>();
  private readonly importFromCell: (name: string) => Promise<unknown>;

  constructor({ root, notebooks }: Folders, source: ModuleSource) {
    this.root = path.normalize(root);
    this.cellFile = path.join(notebooks, 'cell.ts');
    this.source = source;
    this.packages = createRequire(path.join(root, 'cell.js'));
    // Node resolves `import` from the file in which it stands.
    const script = new vm.Script('(name) => import(name)', {
      filename: path.join(root, 'cell.js'),
      importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    });
    this.importFromCell = script.runInThisContext() as (name: string) => Promise<unknown>;
    this.withoutWarning();
    this.hook();
    // What @types/node declares for every file.
    const globals = {
      require: this.cellRequire(),
      __filename: this.cellFile,
      __dirname: notebooks,
    };
    for (const [name, value] of Object.entries(globals)) {
      Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
    }
  }

  /** `require` in a cell: from the notebook's folder, and where nothing is found there from the project's root. */
  private cellRequire(): NodeJS.Require {
    const fromNotebook = createRequire(this.cellFile);
    const found = (name: string): string => {
      try {
        fromNotebook.resolve(name);
        return name;
      } catch (error) {
        if (codeOf(error) !== 'MODULE_NOT_FOUND') return name; // it says itself what is wrong
      }
      try {
        return this.packages.resolve(name);
      } catch {
        return name;
      }
    };
    return Object.assign(
      (name: string): unknown => forCell(() => fromNotebook(found(name)) as unknown),
      fromNotebook,
    );
  }

  /** Node warns once that the option above is experimental, in the first cell that imports: that is no news for it. */
  private withoutWarning(): void {
    const before = Object.getOwnPropertyDescriptor(process, 'emitWarning')!;
    Object.defineProperty(process, 'emitWarning', { ...before, value: () => undefined });
    void this.importFromCell('node:path');
    Object.defineProperty(process, 'emitWarning', before);
  }

  /** Compiles the project's files by the language thread: those of TypeScript, and JavaScript's that are ES modules. */
  private hook(): void {
    const { _extensions: extensions } = Module as unknown as { _extensions: Record<string, Load> };
    const plain = extensions['.js']!;
    for (const extension of ['.ts', '.tsx', '.mts', '.cts', '.js', '.mjs', '.cjs']) {
      const before = extensions[extension] ?? plain;
      extensions[extension] = (module, file) => {
        const code = this.isLocal(file) ? this.source.load(file) : undefined;
        if (code === undefined) before(module, file);
        else (module as LoadableModule)._compile(code, file, 'commonjs');
      };
    }
  }

  private isLocal(file: string): boolean {
    return file.startsWith(this.root + path.sep) && !file.includes(`${path.sep}node_modules${path.sep}`);
  }

  /** What a cell's import of a package, a built-in module or an absolute file gives. */
  require = (name: string): unknown => {
    if (this.failed.has(name)) {
      const error = this.failed.get(name);
      this.failed.delete(name);
      throw askedByCell(error);
    }
    return this.imported.get(name) ?? forCell(() => this.packages(name) as unknown);
  };

  /** Loads the packages among `names` that `require` could not give. */
  async prepare(names: Iterable<string>): Promise<void> {
    this.failed.clear();
    for (const name of names) {
      if (path.isAbsolute(name)) continue;
      try {
        await this.package(name);
      } catch (error) {
        this.failed.set(name, error); // the cell fails with it where it gets there
      }
    }
  }

  /** A package as `require` gives it, so that it is the same one for all, or else as `import` does. */
  private async package(name: string): Promise<unknown> {
    if (this.imported.has(name)) return this.imported.get(name);
    try {
      return this.packages(name);
    } catch (error) {
      if (!IMPORT_ONLY.has(codeOf(error))) throw error;
      const module = await this.importFromCell(name);
      this.imported.set(name, module);
      return module;
    }
  }

  /** `import(name)` in a cell; the module is the one that `import … from` gives. */
  import = async (name: string): Promise<unknown> => {
    if (/^(?:node|data):/.test(name)) return await this.importFromCell(name);
    const file = name.startsWith('file:') ? fileURLToPath(name) : name;
    try {
      return interop(await this.package(this.source.resolve(file, this.cellFile) ?? file));
    } catch (error) {
      throw askedByCell(error);
    }
  };

  /** `import.meta.resolve(name)` in a cell: the URL of what an import of that name would load. */
  resolve = (name: string): string => {
    const file = this.source.resolve(name, this.cellFile) ?? this.packages.resolve(name);
    if (path.isAbsolute(file)) return pathToFileURL(file).href;
    return file.startsWith('node:') ? file : `node:${file}`;
  };

  /** Evaluates a file (an absolute path) anew; returns what it exports. */
  run(file: string): unknown {
    Reflect.deleteProperty(this.packages.cache, file);
    return interop(this.packages(file));
  }

  /** Code was ended from outside: a module that it was loading is not left half done, the next import loads it. */
  forgetUnfinished(): void {
    const { cache } = this.packages;
    for (const [file, module] of Object.entries(cache)) {
      if (module?.loaded === false) Reflect.deleteProperty(cache, file);
    }
  }

  /** Forgets files that changed, and the project's others that required them: the next import loads them afresh. */
  forget(files: readonly string[]): void {
    if (files.length === 0) return;
    const { cache } = this.packages;
    const own = Object.entries(cache).filter(([file]) => this.isLocal(file));
    const stale = new Set(files.map((file) => path.normalize(file)));
    for (const file of stale) {
      Reflect.deleteProperty(cache, file);
      for (const [importer, module] of own) {
        if (module?.children.some(({ filename }) => filename === file)) stale.add(importer);
      }
    }
  }
}

/** One namespace for each module, however often it is imported. */
const namespaces = new WeakMap<object, object>();

/** A required module as `import * as` gives it: CommonJS modules are their own default. */
export function interop(module: unknown): unknown {
  const isModule =
    module !== null &&
    typeof module === 'object' &&
    ((module as { __esModule?: unknown }).__esModule === true ||
      module[Symbol.toStringTag as never] === 'Module');
  if (isModule) return module;
  if (module === null || (typeof module !== 'object' && typeof module !== 'function'))
    return { default: module };
  const known = namespaces.get(module);
  if (known !== undefined) return known;
  const namespace = new Proxy(module, {
    get: (target, property) =>
      property === 'default' ? target : (Reflect.get(target, property, target) as unknown),
    has: (target, property) => property === 'default' || Reflect.has(target, property),
  });
  namespaces.set(module, namespace);
  return namespace;
}
