import { randomUUID } from 'node:crypto';

import type { CommAccess } from '../comms/index.ts';
import { bindToCell, owner } from './cell.ts';
import type { Magic } from './magic.ts';
import type { MimeBundle } from './output.ts';
import { html, image, md, present, presentMetadata, svg, type PresentOptions } from '../present/index.ts';
import { progressBundle, progressClock, type ProgressReport } from '../progress.ts';

/**
 * Where the kernel and libraries meet: `globalThis[Symbol.for('msl.kernel')]`. A library looks there for it and
 * does without where it is missing; neither imports the other. What is shown appears under the cell that the code
 * belongs to, also from its timers and promises.
 */
export interface KernelBridge {
  /** Shows a value: tensors, frames, figures, PNG files, or any other. */
  show(value: unknown, options?: PresentOptions): void;
  /** Shows representations as they are. With an id, `update` can replace them later. */
  display(data: MimeBundle, options?: { readonly id?: string; readonly metadata?: object }): void;
  /** Replaces what was displayed under an id. */
  update(id: string, data: MimeBundle, options?: { readonly metadata?: object }): void;
  /** Removes the cell's outputs: now, or (`wait`) when the next one comes. */
  clear(wait?: boolean): void;
  /** A new progress bar, which the reports given to it update in place. */
  progress(): (report: ProgressReport) => void;
  /** Asks the reader; rejects where there is none. */
  input(prompt?: string, password?: boolean): Promise<string>;
  /** Channels to the clients, on which widgets are built. */
  readonly comms: CommAccess;
  /** Aborted when the cell that asks for it is interrupted. */
  readonly signal: AbortSignal | undefined;
  /** A function that belongs to the cell in which this is called: its output goes there, whoever calls it. */
  readonly bind: typeof bindToCell;
  /** Values that are shown as HTML, Markdown, SVG and pictures, as in Deno's kernel. */
  readonly rich: Readonly<{ html: typeof html; md: typeof md; svg: typeof svg; image: typeof image }>;
  /** What `%time` and its like are turned into. */
  readonly magic: Magic;
}

/** A bar is redrawn at most this often, in milliseconds; its end always. */
const REDRAW = 100;

/** The bridge to the cell that the caller belongs to. */
export function createBridge({
  input,
  comms,
  magic,
}: Pick<KernelBridge, 'input' | 'comms' | 'magic'>): KernelBridge {
  const send = (type: string, content: Readonly<Record<string, unknown>>): void => {
    owner()?.output.send(type, content);
  };
  const display: KernelBridge['display'] = (data, { id, metadata = {} } = {}) => {
    const transient = id === undefined ? {} : { display_id: id };
    send('display_data', { data, metadata, transient });
  };
  const update: KernelBridge['update'] = (id, data, { metadata = {} } = {}) => {
    send('update_display_data', { data, metadata, transient: { display_id: id } });
  };
  return {
    show: (value, options) => {
      const data = present(value, options);
      display(data, { metadata: presentMetadata(data, options) });
    },
    display,
    update,
    clear: (wait = false) => {
      send('clear_output', { wait });
    },
    progress: () => {
      const id = randomUUID();
      const clock = progressClock();
      let drawn: number | undefined;
      return (report) => {
        const now = performance.now();
        const state = clock(report);
        const ended = report.total !== undefined && report.done >= report.total;
        if (drawn !== undefined && now - drawn < REDRAW && !ended) return;
        const data = progressBundle(report, state);
        if (drawn === undefined) display(data, { id });
        else update(id, data);
        drawn = now;
      };
    },
    input,
    comms,
    get signal() {
      return owner()?.abort.signal;
    },
    bind: bindToCell,
    rich: { html, md, svg, image },
    magic,
  };
}

export function installBridge(bridge: KernelBridge): void {
  Object.defineProperty(globalThis, Symbol.for('msl.kernel'), {
    value: Object.freeze(bridge),
    configurable: true,
  });
}
