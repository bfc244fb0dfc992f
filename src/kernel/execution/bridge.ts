import { randomUUID } from 'node:crypto';

import type { CommAccess } from '../comms/index.ts';
import { bindToCell, owner, withOutput } from './cell.ts';
import type { Magic } from './magic.ts';
import type { MimeBundle } from '../mimeBundle.ts';
import { CellOutput, type Publish } from './output.ts';
import { describe, html, image, md, presentMetadata, svg, type PresentOptions } from '../present/index.ts';
import { createProgress, type Bar, type BarOptions } from '../progress.ts';

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
  /**
   * A new progress bar, which the reports given to it update in place. With `nest` it stands below the bars of the
   * same cell that have not ended.
   */
  progress(options?: BarOptions): Bar;
  /** Asks the reader; rejects where there is none. */
  input(prompt?: string, password?: boolean): Promise<string>;
  /** Whether a reader sits in front of the cell: false where a notebook is executed without one. */
  interactive(): boolean;
  /** Runs work whose output goes to `publish`, as type and content of messages, instead of under the cell. */
  capture<T>(publish: Publish, work: () => T): T;
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
  const interactive = (): boolean => owner()?.request.content['allow_stdin'] === true;
  return {
    show: (value, options) => {
      const data = describe(value, options);
      if (!(data instanceof Promise)) {
        display(data, { metadata: presentMetadata(data, options) });
        return;
      }
      const id = randomUUID(); // keeps its place among the outputs
      display({ 'text/plain': '…' }, { id });
      void data.then((bundle) => {
        update(id, bundle, { metadata: presentMetadata(bundle, options) });
      });
    },
    display,
    update,
    clear: (wait = false) => {
      send('clear_output', { wait });
    },
    progress: createProgress({ display, update, cell: owner, interactive }),
    interactive,
    capture: (publish, work) => withOutput(new CellOutput(publish), work),
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
