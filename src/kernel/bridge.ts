import { randomUUID } from 'node:crypto';

import type { CellOutput, MimeBundle } from './output.ts';
import { present, type PresentOptions } from './present/index.ts';
import { progressBundle, progressClock, type ProgressReport } from './progress.ts';

/**
 * Where the kernel and libraries meet: `globalThis[Symbol.for('msl.kernel')]`. A library looks there for it and
 * does without where it is missing; neither imports the other.
 */
export interface KernelBridge {
  /** Shows a value under the running cell: tensors, frames, figures, PNG files, or any other. */
  show(value: unknown, options?: PresentOptions): void;
  /** Shows representations as they are. With an id, `update` can replace them later. */
  display(data: MimeBundle, options?: { readonly id?: string; readonly metadata?: object }): void;
  /** Replaces what was displayed under an id. */
  update(id: string, data: MimeBundle, options?: { readonly metadata?: object }): void;
  /** Removes the running cell's outputs: now, or (`wait`) when the next one comes. */
  clear(wait?: boolean): void;
  /** A new progress bar, which the reports given to it update in place. */
  progress(): (report: ProgressReport) => void;
  /** Asks the reader; rejects where there is none. */
  input(prompt?: string, password?: boolean): Promise<string>;
}

/** A bar is redrawn at most this often, in milliseconds; its end always. */
const REDRAW = 100;

/** The bridge that writes to the output of the current cell. */
export function createBridge(
  current: () => CellOutput | undefined,
  input: KernelBridge['input'],
): KernelBridge {
  const display: KernelBridge['display'] = (data, { id, metadata = {} } = {}) => {
    const transient = id === undefined ? {} : { display_id: id };
    current()?.send('display_data', { data, metadata, transient });
  };
  const update: KernelBridge['update'] = (id, data, { metadata = {} } = {}) => {
    current()?.send('update_display_data', { data, metadata, transient: { display_id: id } });
  };
  return {
    show: (value, options) => {
      display(present(value, options));
    },
    display,
    update,
    clear: (wait = false) => {
      current()?.send('clear_output', { wait });
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
  };
}

export function installBridge(bridge: KernelBridge): void {
  Object.defineProperty(globalThis, Symbol.for('msl.kernel'), {
    value: Object.freeze(bridge),
    configurable: true,
  });
}
