/**
 * The part of tslab that the kernel is built on, and all that it assumes about it. tslab is pinned: these are its
 * internals. Its converter keeps one TypeScript program of two files, the cell and the declarations that earlier
 * cells left. The second is made the scope around the first, which is how a cell sees the names of earlier cells;
 * what a cell declares is read from the declaration file that the compiler writes for it. On that program rest the
 * types of cells, completion and what is shown for a name.
 */
import { createRequire } from 'node:module';

import type ts from 'typescript';

/** What stands before every cell, so that it is a module; tslab puts it there. */
export const PREFIX = 'export {};\n';

export interface Completions {
  readonly start: number;
  readonly end: number;
  readonly candidates: readonly string[];
  /** What the compiler answered. */
  readonly original?: ts.CompletionInfo;
}

export interface Converter {
  convert(declarations: string, cell: string): unknown;
  inspect(declarations: string, cell: string, position: number): ts.QuickInfo | undefined;
  complete(declarations: string, cell: string, position: number): Completions;
  close(): void;
}

interface ConverterModule {
  createConverter(options: { isJS: boolean; isBrowser: boolean }): Converter;
}

export interface Tslab extends ConverterModule {
  printQuickInfo(info: ts.QuickInfo): string;
}

/** Loads tslab's converter on another compiler than its own. */
export function loadTslab(compiler: object): Tslab {
  const require = createRequire(import.meta.url);
  const tslabRequire = createRequire(require.resolve('tslab/package.json'));
  const file = tslabRequire.resolve('@tslab/typescript-for-tslab');
  // In place of the module before it is loaded: tslab's fork of TypeScript 5.0 never runs.
  const module = {
    id: file,
    filename: file,
    path: file,
    exports: compiler,
    loaded: true,
    children: [],
    paths: [],
  };
  require.cache[file] = module as unknown as NodeJS.Module;
  const names = ['converter', 'inspect'].map((name) => require.resolve(`tslab/dist/${name}.js`));
  for (const name of names) Reflect.deleteProperty(require.cache, name); // of another compiler
  const [converter, inspect] = names.map((name) => require(name) as unknown) as [
    ConverterModule,
    Pick<Tslab, 'printQuickInfo'>,
  ];
  return {
    createConverter: (options) => converter.createConverter(options),
    printQuickInfo: (info) => inspect.printQuickInfo(info),
  };
}
