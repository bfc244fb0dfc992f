import { createRequire, Module } from 'node:module';
import path from 'node:path';

import { compile } from './compile.cjs';
import type { Resolver } from './resolve.ts';

type Load = (module: Module, file: string) => void;
interface LoadableModule extends Module {
  _compile(code: string, file: string, format: string): void;
}

/**
 * Loads the project's own TypeScript files through Node's `require`, so that circular imports, `import.meta.url`
 * and line numbers in stack traces work, and each file is one module however its name was spelled.
 */
export class LocalModules {
  /** File -> the project's files that it imports. */
  private readonly imports = new Map<string, Set<string>>();
  private readonly cache = createRequire(import.meta.url).cache;
  private readonly resolver: Resolver;

  constructor(resolver: Resolver) {
    this.resolver = resolver;
    const { _extensions: extensions } = Module as unknown as { _extensions: Record<string, Load> };
    for (const extension of ['.ts', '.tsx', '.mts', '.cts']) {
      const before = extensions[extension] ?? extensions['.js']!;
      extensions[extension] = (module, file) => {
        if (!resolver.isLocal(file)) {
          before(module, file);
          return;
        }
        (module as LoadableModule)._compile(this.link(compile(file), file), file, 'commonjs');
      };
    }
  }

  /** Puts the absolute path of each of the project's files in place of the name it is required by. */
  link(code: string, from: string): string {
    const own = new Set<string>();
    this.imports.set(from, own);
    return code.replace(/\brequire\((["'])([^"'\\\n]+)\1\)/g, (all, _quote, name: string) => {
      const file = this.resolver.localFile(name, from);
      if (file === undefined) return all;
      own.add(file);
      return `require(${JSON.stringify(file)})`;
    });
  }

  /** Forgets files that changed, and whatever imports them: they are loaded afresh by the next import. */
  forget(changed: readonly string[]): void {
    const stale = changed.map((file) => path.normalize(file));
    const seen = new Set(stale);
    for (const file of stale) {
      Reflect.deleteProperty(this.cache, file);
      for (const [importer, files] of this.imports) {
        if (!files.has(file) || seen.has(importer)) continue;
        seen.add(importer);
        stale.push(importer);
      }
    }
  }
}
