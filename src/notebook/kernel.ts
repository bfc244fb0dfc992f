import type { Progress } from '../engine/progress.ts';

/** Representations of one thing by media type, e.g. `{ 'text/html': '<b>1</b>', 'text/plain': '1' }`. */
export type MimeBundle = Readonly<Record<string, unknown>>;

/** How a value is shown. */
export interface ShowOptions {
  /** Tables with more rows are abbreviated in their middle; default 20. */
  readonly maxRows?: number;
  /** A line above a table. */
  readonly caption?: string;
  /** Width of a figure or picture in pixels. */
  readonly width?: number;
  /** Height of a figure in pixels. */
  readonly height?: number;
}

/** What the notebook kernel offers; see src/kernel/bridge.ts. */
export interface NotebookKernel {
  show(value: unknown, options?: ShowOptions): void;
  display(data: MimeBundle, options?: { readonly id?: string; readonly metadata?: object }): void;
  update(id: string, data: MimeBundle, options?: { readonly metadata?: object }): void;
  clear(wait?: boolean): void;
  progress(): Progress;
  input(prompt?: string, password?: boolean): Promise<string>;
}

/** The kernel that this code runs in; undefined in scripts and tests. */
export function notebookKernel(): NotebookKernel | undefined {
  return (globalThis as Record<symbol, unknown>)[Symbol.for('msl.kernel')] as NotebookKernel | undefined;
}
