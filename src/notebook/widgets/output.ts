import { hasReader, notebookKernel } from '../kernel.ts';
import type { State } from './model.ts';
import { Widget, type WidgetOptions } from './widget.ts';

/** Front ends get the outputs at most this often, in milliseconds: each time they draw all of them anew. */
const REDRAW = 100;

/** A stream keeps this many characters: its last ones. */
const LONGEST_STREAM = 50_000;

/** An output as notebook files hold it. */
type NotebookOutput =
  | { readonly output_type: 'stream'; readonly name: string; readonly text: string }
  | { readonly output_type: 'display_data'; readonly data: State; readonly metadata: State }
  | {
      readonly output_type: 'error';
      readonly ename: string;
      readonly evalue: string;
      readonly traceback: readonly string[];
    };

/**
 * A place for what code prints and shows.
 *
 * @example
 * const log = output();
 * show(vbox(stop, log));
 * await log.run(() => train({ onEpoch: (epoch) => console.log(epoch) }));
 */
export class Output extends Widget {
  private outputs: readonly NotebookOutput[] = [];
  /** Which outputs can be replaced: by their index. */
  private ids = new Map<string, number>();
  /** Whether the next output replaces all that are there. */
  private clearNext = false;
  private sent = -Infinity;
  private timer: NodeJS.Timeout | undefined;

  constructor(options: WidgetOptions = {}) {
    super({ module: '@jupyter-widgets/output', name: 'Output' }, { msg_id: '', outputs: [] }, options);
  }

  /**
   * Runs work and returns what it returns. What it, and anything that it starts, prints or shows appears here, and
   * not under the cell; except where there is no reader: then it stays there, where files and scripts have it.
   */
  run<T>(work: () => T): T {
    const kernel = notebookKernel();
    if (!kernel?.capture || !kernel.comms || !hasReader()) return work();
    return kernel.capture((type, content) => {
      this.receive(type, content);
    }, work);
  }

  /** Removes all outputs: now, or (`wait`) when the next one comes. */
  clear(wait = false): void {
    this.clearNext = wait;
    if (wait) return;
    this.forget();
    this.replace([]);
  }

  /** What was to be cleared when the next output comes is cleared now. */
  settle(): void {
    if (this.clearNext) this.clear();
  }

  /** Shows an error as a failed cell does. */
  fail(error: unknown): void {
    const {
      name: ename,
      message: evalue,
      stack,
    } = error instanceof Error ? error : { name: 'Error', message: String(error), stack: String(error) };
    this.receive('error', { ename, evalue, traceback: (stack ?? `${ename}: ${evalue}`).split('\n') });
  }

  override close(): void {
    clearTimeout(this.timer);
    super.close();
  }

  override toString(): string {
    return this.outputs.map(plainText).join('\n');
  }

  private receive(type: string, content: State): void {
    if (type === 'clear_output') this.clear(content['wait'] === true);
    else if (type === 'update_display_data') this.update(content);
    else {
      const output = notebookOutput(type, content);
      if (!output) return;
      if (this.clearNext) this.forget(); // and nothing is sent of that: the place would flicker
      this.append(output, displayId(content));
    }
  }

  private forget(): void {
    this.clearNext = false;
    this.outputs = [];
    this.ids = new Map();
  }

  private append(output: NotebookOutput, id: string | undefined): void {
    const last = this.outputs.at(-1);
    if (output.output_type === 'stream' && last?.output_type === 'stream' && last.name === output.name) {
      const text = last.text + output.text;
      this.replace([...this.outputs.slice(0, -1), shortened({ ...output, text })]);
      return;
    }
    if (id !== undefined) this.ids.set(id, this.outputs.length);
    this.replace([...this.outputs, shortened(output)]);
  }

  private update(content: State): void {
    const at = this.ids.get(displayId(content) ?? '');
    const output = notebookOutput('display_data', content);
    if (at !== undefined && output) this.replace(this.outputs.with(at, output));
  }

  private replace(outputs: readonly NotebookOutput[]): void {
    this.outputs = outputs;
    if (this.timer !== undefined) return;
    const wait = this.sent + REDRAW - performance.now();
    if (wait <= 0) this.send();
    else {
      this.timer = setTimeout(() => {
        this.send();
      }, wait);
    }
  }

  private send(): void {
    this.timer = undefined;
    this.sent = performance.now();
    this.model.set({ outputs: this.outputs });
  }
}

export function output(options?: WidgetOptions): Output {
  return new Output(options);
}

function displayId({ transient }: State): string | undefined {
  const id = (transient as State | undefined)?.['display_id'];
  return typeof id === 'string' ? id : undefined;
}

const shortened = (output: NotebookOutput): NotebookOutput =>
  output.output_type === 'stream' ? { ...output, text: output.text.slice(-LONGEST_STREAM) } : output;

/** An output of a message that the kernel would publish; undefined for other messages. */
function notebookOutput(type: string, content: State): NotebookOutput | undefined {
  switch (type) {
    case 'stream':
      return { output_type: 'stream', name: String(content['name']), text: String(content['text']) };
    case 'display_data':
    case 'execute_result': {
      const { data, metadata } = content as { data: State; metadata?: State };
      return { output_type: 'display_data', data, metadata: metadata ?? {} };
    }
    case 'error': {
      const { ename, evalue, traceback } = content as { ename: string; evalue: string; traceback: string[] };
      return { output_type: 'error', ename, evalue, traceback };
    }
    default:
      return undefined;
  }
}

function plainText(output: NotebookOutput): string {
  if (output.output_type === 'stream') return output.text.trimEnd();
  if (output.output_type === 'error') return output.traceback.join('\n');
  const text = output.data['text/plain'];
  return typeof text === 'string' ? text : '';
}
