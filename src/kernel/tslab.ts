/**
 * The parts of tslab that the kernel is built on, and all that it assumes about them. tslab is pinned: these are
 * its internals. What it does: it keeps one TypeScript program of two files, the cell and the declarations that
 * all earlier cells left; a cell's names become properties of `exports`, its last expression an export of its own.
 */
import { createRequire } from 'node:module';

import type ts from 'typescript';

export interface TslabDiagnostic {
  readonly start: { readonly line: number; readonly character: number };
  readonly messageText: string;
  readonly fileName?: string;
}

export interface Converted {
  /** CommonJS of the cell. */
  output?: string;
  /** The declarations that the next cell sees. */
  declOutput?: string;
  readonly diagnostics: readonly TslabDiagnostic[];
  /** The export that holds the last expression's value. */
  readonly lastExpressionVar?: string;
  hasToplevelAwait?: boolean;
  sideOutputs?: unknown;
}

export interface Completions {
  readonly start: number;
  readonly end: number;
  readonly candidates: readonly string[];
}

export interface Converter {
  convert(declarations: string, cell: string): Converted;
  inspect(declarations: string, cell: string, position: number): ts.QuickInfo | undefined;
  complete(declarations: string, cell: string, position: number): Completions;
  close(): void;
}

export interface TslabExecutor {
  /** Runs a cell; false where it failed, which was then given to the console's `error`. */
  execute(cell: string): Promise<boolean>;
  inspect(cell: string, position: number): ts.QuickInfo | undefined;
  complete(cell: string, position: number): Completions;
  interrupt(): void;
  close(): void;
}

/** Where tslab writes the value of a last expression (`log`) and what went wrong (`error`). */
export interface TslabConsole {
  log(value: unknown): void;
  error(...what: unknown[]): void;
}

export interface Completeness {
  readonly completed: boolean;
  readonly indent?: string;
}

export interface Tslab {
  createConverter(): Converter;
  createExecutor(root: string, converter: Converter, console: TslabConsole): TslabExecutor;
  isCompleteCode: (code: string) => Completeness;
  printQuickInfo: (info: ts.QuickInfo) => string;
}

interface Socket {
  bind(address: string): Promise<void>;
  close(): void;
  send(frames: readonly (Buffer | string)[]): Promise<void>;
}
export interface ReadableSocket extends Socket, AsyncIterable<Buffer[]> {
  receive(): Promise<Buffer[]>;
}

/** The part of the zeromq package that the kernel uses. */
export interface ZeroMQ {
  Publisher: new (options?: { sendHighWaterMark: number }) => Socket;
  Router: new () => ReadableSocket;
  Reply: new () => ReadableSocket;
}

const require = createRequire(import.meta.url);
const tslabRequire = createRequire(require.resolve('tslab/package.json'));

/** The file of the zeromq package that tslab brings. */
export const zeromqFile = tslabRequire.resolve('zeromq');

export const zeromq = tslabRequire('zeromq') as ZeroMQ;

/** Loads tslab on another compiler than its own. */
export function loadTslab(compiler: object): Tslab {
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
  const converter = require('tslab/dist/converter.js') as {
    createConverter(options: { isJS: boolean; isBrowser: boolean }): Converter;
    isCompleteCode: (code: string) => Completeness;
  };
  const executor = require('tslab/dist/executor.js') as {
    createExecutor(
      root: string,
      converters: { node: Converter; browser: null; close(): void },
      console: TslabConsole,
    ): TslabExecutor;
  };
  const inspect = require('tslab/dist/inspect.js') as {
    printQuickInfo: (info: ts.QuickInfo) => string;
  };
  return {
    createConverter: () => converter.createConverter({ isJS: false, isBrowser: false }),
    createExecutor: (root, node, console) =>
      executor.createExecutor(
        root,
        {
          node,
          browser: null,
          close: () => {
            node.close();
          },
        },
        console,
      ),
    isCompleteCode: converter.isCompleteCode,
    printQuickInfo: inspect.printQuickInfo,
  };
}
