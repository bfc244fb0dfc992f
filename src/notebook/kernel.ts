import type { ProgressReport } from '../engine/progress.ts';

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

/** What travels over a comm. */
export interface CommMessage {
  readonly data: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly buffers: readonly Uint8Array[];
}

/** What may accompany data that is sent over a comm. */
export type CommExtras = Partial<Omit<CommMessage, 'data'>>;

/** One end of an open comm, a two-way channel between kernel and clients; the other end is in the clients. */
export interface Comm {
  readonly id: string;
  readonly target: string;
  readonly closed: boolean;
  send(data: CommMessage['data'], extras?: CommExtras): void;
  close(data?: CommMessage['data'], extras?: CommExtras): void;
  /** Listens to what clients send; returns what ends that. Errors are shown under the cell that opened the comm. */
  onMessage(listener: (message: CommMessage) => unknown): () => void;
  /** Listens to a client closing the comm; returns what ends that. */
  onClose(listener: (message: CommMessage) => unknown): () => void;
}

/** How comms are opened: by code to a target of the clients, or by clients to a target registered here. */
export interface NotebookComms {
  open(target: string, data?: CommMessage['data'], options?: CommExtras & { readonly id?: string }): Comm;
  register(target: string, handler: (comm: Comm, message: CommMessage) => unknown): () => void;
}

/** A report to a bar; `ended` where it says so itself, e.g. because its total is not known or was not reached. */
export interface BarReport extends ProgressReport {
  readonly ended?: 'done' | 'stopped';
}

/** A value with representations of its own, shown as a last expression or by `show`. */
export type Displayable = object;

type Template = (strings: TemplateStringsArray, ...values: readonly unknown[]) => Displayable;

/** Makers of rich output, as in Deno's kernel. */
export interface Rich {
  readonly html: Template;
  readonly md: Template;
  readonly svg: Template;
  readonly image: (source: string | URL | Uint8Array) => Displayable;
}

/** What the notebook kernel offers; see src/kernel/execution/bridge.ts. The optional parts are missing in older kernels. */
export interface NotebookKernel {
  show(value: unknown, options?: ShowOptions): void;
  display(data: MimeBundle, options?: { readonly id?: string; readonly metadata?: object }): void;
  update(id: string, data: MimeBundle, options?: { readonly metadata?: object }): void;
  clear(wait?: boolean): void;
  /** A new bar. With `nest` it stands below the bars of the same cell that have not ended, until it ends itself. */
  progress(options?: { readonly nest?: boolean }): (report: BarReport) => void;
  input(prompt?: string, password?: boolean): Promise<string>;
  /** Whether a reader sits in front of the running cell: false where a notebook is executed without one. */
  interactive?(): boolean;
  /** Runs work whose output goes to `publish`, as type and content of messages, instead of under the cell. */
  capture?<T>(publish: (type: string, content: Readonly<Record<string, unknown>>) => void, work: () => T): T;
  /** Makes a function that belongs to the cell in which this is called, whoever calls it later. */
  bind?<Args extends unknown[], Result>(work: (...args: Args) => Result): (...args: Args) => Result;
  /** Aborted when the cell that asks for it is interrupted. */
  readonly signal?: AbortSignal | undefined;
  readonly comms?: NotebookComms;
  readonly rich?: Rich;
}

/** The kernel that this code runs in; undefined in scripts and tests. */
export function notebookKernel(): NotebookKernel | undefined {
  return (globalThis as Record<symbol, unknown>)[Symbol.for('msl.kernel')] as NotebookKernel | undefined;
}

/** Whether somebody is there who can answer, click and move sliders. */
export function hasReader(): boolean {
  const kernel = notebookKernel();
  return kernel !== undefined && (kernel.interactive?.() ?? true);
}
