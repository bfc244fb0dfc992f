import util from 'node:util';

import type { Content, Message } from '../wire/messages.ts';
import type { MimeBundle } from '../mimeBundle.ts';
import { restoreAll } from '../restore.ts';
import { DISPLAYED, sendable } from '../sendable.ts';
import type { FromMain } from '../wire/protocol.ts';
import { beginCell, cellOf, inCell, Interrupted, type Cell } from './cell.ts';
import { setImmediate, setTimeout } from './clock.ts';
import type { Failure } from './errors.ts';
import type { Interpreter } from './interpreter.ts';
import { closeScopes, dropTape, openScopes } from './tensorScopes.ts';
import { CellOutput, endGroups } from './output.ts';
import { Queue, type Ran } from './queue.ts';

/** What an execute_request says, with the protocol's defaults. */
interface ExecuteRequest {
  readonly code: string;
  readonly silent: boolean;
  readonly storeHistory: boolean;
  readonly stopOnError: boolean;
  readonly expressions: Readonly<Record<string, unknown>>;
}

function readRequest({ content }: Message): ExecuteRequest {
  const silent = content['silent'] === true;
  const expressions = content['user_expressions'];
  return {
    code: String(content['code']),
    silent,
    storeHistory: !silent && content['store_history'] !== false,
    stopOnError: content['stop_on_error'] !== false,
    expressions: typeof expressions === 'object' && expressions !== null ? { ...expressions } : {},
  };
}

/** Comms, as far as messages reach them from here; see comms/comms.ts. */
export interface CommMessages {
  handle(request: Message): void;
  info(target?: string): Content;
}

export interface ShellOptions {
  readonly post: (message: FromMain) => void;
  readonly interpreter: Interpreter;
  readonly comms: CommMessages;
  readonly present: (value: unknown) => MimeBundle | Promise<MimeBundle>;
}

/** How a cell ended: what failed, and the values of its `user_expressions`. */
interface Performed {
  readonly failures: readonly Failure[];
  readonly values: Content;
}

/** So many cells are remembered for the excerpts of stack traces. */
const REMEMBERED = 1000;

/** An interrupted cell that has not ended by then, in milliseconds, was cut off. */
const CUT = 100;

const answers = (failure: Failure, all: readonly Failure[]): Content => ({
  ename: failure.name,
  evalue: failure.message,
  traceback: all.flatMap(({ text }) => text.split('\n')),
});

/** Runs what clients send: cells one by one (each subshell has a queue of its own), comm messages at once. */
export class Shell {
  private readonly options: ShellOptions;
  private readonly queues = new Map<string | undefined, Queue>();
  /** The cells that run, with what ends them where they cannot end themselves. */
  private readonly active = new Map<Cell, () => void>();
  /** Whether the process ends because a client has asked for it. */
  isShutdown = false;
  /** The sources of cells, for the excerpts of stack traces. */
  private readonly sources = new Map<string, string>();
  private count = 0;
  private uncounted = 0;
  private late: { readonly error: unknown } | undefined;
  /** How many of TensorFlow.js's scopes were open when the last cell began. */
  private scopes = 0;

  constructor(options: ShellOptions) {
    this.options = options;
  }

  /** The source of a cell, by the name that stack traces give it. */
  sourceOf = (name: string): string | undefined => this.sources.get(name);

  receive(request: Message): void {
    const { header } = request;
    if (header.msg_type === 'execute_request') {
      this.queueOf(header).add(
        () => this.execute(request),
        () => {
          this.during(request, () => {
            this.reply(request, { status: 'aborted' });
          });
        },
        (error) => {
          this.answerFault(request, error);
        },
      );
      return;
    }
    this.during(request, () => {
      if (header.msg_type !== 'comm_info_request') this.options.comms.handle(request);
      else {
        const { target_name: target } = request.content;
        this.reply(request, this.options.comms.info(typeof target === 'string' ? target : undefined));
      }
    });
  }

  private queueOf(header: Message['header']): Queue {
    const id = header.subshell_id ?? undefined;
    const known = this.queues.get(id);
    if (known) return known;
    const queue = new Queue();
    this.queues.set(id, queue);
    return queue;
  }

  private publish(request: Message, type: string, content: Content): void {
    this.options.post({ kind: 'publish', parent: request.header, type, content });
  }

  private reply(request: Message, content: Content): void {
    const { channel, identities, header } = request;
    this.options.post({ kind: 'reply', request: { channel, identities, header }, content });
  }

  private during(request: Message, answer: () => void): void {
    this.publish(request, 'status', { execution_state: 'busy' });
    try {
      answer();
    } finally {
      this.publish(request, 'status', { execution_state: 'idle' });
    }
  }

  /** Ends a cell whose own reply could not be made: its client waits for one. */
  private answerFault(request: Message, error: unknown): void {
    const failure = this.options.interpreter.describe(error);
    const told = answers(failure, [failure]);
    this.reply(request, { status: 'error', execution_count: this.count, ...told });
    this.options.post({ kind: 'cell', running: false, parent: request.header });
    this.publish(request, 'status', { execution_state: 'idle' });
  }

  /** Code was ended from outside, and what it would have put back was not. */
  terminated(cells: readonly string[]): void {
    restoreAll();
    closeScopes(this.scopes);
    this.interrupt(cells);
  }

  private async execute(request: Message): Promise<Ran> {
    this.scopes = openScopes();
    if (this.active.size === 0) endGroups();
    const asked = readRequest(request);
    const { code, silent, storeHistory, stopOnError } = asked;
    const { post } = this.options;
    if (storeHistory) this.count++;
    const { count } = this;
    const cell = this.createCell(request, code, storeHistory);
    this.publish(request, 'status', { execution_state: 'busy' });
    post({ kind: 'cell', running: true, parent: request.header });
    if (!silent) cell.output.send('execute_input', { code, execution_count: count });
    if (storeHistory) post({ kind: 'executed', line: count, code });

    const { failures, values } = await this.untilCut(cell, this.perform(cell, asked, count));
    this.drain(cell);
    const [first] = failures;
    const error = first && answers(first, failures);
    if (error) dropTape();
    if (error) cell.output.send('error', error);
    const reply = (): void => {
      this.reply(
        request,
        error
          ? { status: 'error', execution_count: count, ...error, payload: [], user_expressions: {} }
          : { status: 'ok', execution_count: count, payload: [], user_expressions: values },
      );
      post({ kind: 'cell', running: false, parent: request.header });
      this.publish(request, 'status', { execution_state: 'idle' });
    };
    return { abortOthers: error !== undefined && stopOnError, reply };
  }

  /** Runs a cell and shows its result. */
  private async perform(
    cell: Cell,
    { code, silent, storeHistory, expressions }: ExecuteRequest,
    count: number,
  ): Promise<Performed> {
    const { interpreter, present } = this.options;
    const { failures, result } = await interpreter.run(cell, code);
    try {
      this.drain(cell);
      if (result && !silent && result.value !== undefined && result.value !== null) {
        const data = await inCell(cell, () => present(result.value));
        cell.abort.signal.throwIfAborted();
        // What describes itself by nothing is not to be seen.
        if (Object.keys(data).length > 0) {
          cell.output.send('execute_result', { execution_count: count, data, metadata: {} });
          const text = data['text/plain'];
          if (storeHistory && typeof text === 'string') {
            this.options.post({
              kind: 'executed',
              line: count,
              code,
              output: util.stripVTControlCharacters(text),
            });
          }
        }
      }
      if (failures.length > 0) return { failures, values: {} };
      return { failures, values: await this.evaluate(cell, expressions) };
    } catch (error) {
      return { failures: [...failures, interpreter.describe(error)], values: {} };
    }
  }

  /** What was written up to now comes before what follows. */
  private drain({ output }: Cell): void {
    output.flush();
    this.options.post({ kind: 'drain' });
  }

  /**
   * Waits for a cell. Code that is ended from outside takes with it whatever stands on the stack, the kernel's own
   * part included, which then never ends by itself.
   */
  private untilCut(cell: Cell, performed: Promise<Performed>): Promise<Performed> {
    return new Promise((resolve) => {
      const ended = beginCell(cell);
      const end = (outcome: Performed): void => {
        ended();
        this.active.delete(cell);
        resolve(outcome);
      };
      this.active.set(cell, () => {
        end({ failures: [this.options.interpreter.describe(cell.abort.signal.reason)], values: {} });
      });
      performed.then(end, (error: unknown) => {
        end({ failures: [this.options.interpreter.describe(error)], values: {} });
      });
    });
  }

  /**
   * Ends running cells; what they left waiting does not go on.
   *
   * @param cells the ids of their requests; what began after the interrupt is none of them
   */
  interrupt(cells: readonly string[]): void {
    for (const [cell, cut] of this.active) {
      if (!cells.includes(cell.request.header.msg_id)) continue;
      const error = new Interrupted(cell.name);
      Reflect.deleteProperty(error, 'stack'); // where the kernel noticed it says nothing
      cell.abort.abort(error);
      setTimeout(cut, CUT);
    }
  }

  private createCell(request: Message, code: string, counted: boolean): Cell {
    const output = new CellOutput(
      (type, content) => {
        this.publish(request, type, content);
      },
      { joined: true },
    );
    const name = this.nameOf(code, counted);
    return { request, name, code, output, abort: new AbortController() };
  }

  /** What stack traces call a cell. Cells that are not counted have names beside those that are. */
  private nameOf(code: string, counted: boolean): string {
    const name = counted ? `In[${this.count}]` : `In[${this.count}.${++this.uncounted}]`;
    this.sources.set(name, code);
    if (this.sources.size > REMEMBERED) {
      const [oldest] = this.sources.keys();
      if (oldest !== undefined) this.sources.delete(oldest);
    }
    return name;
  }

  /** `user_expressions`: the value or the error of each. */
  private async evaluate(cell: Cell, expressions: Readonly<Record<string, unknown>>): Promise<Content> {
    const values: Record<string, unknown> = {};
    for (const [name, code] of Object.entries(expressions)) {
      const { failures, result } = await this.options.interpreter.run(
        { ...cell, name: `${cell.name}.${name}` },
        `(${String(code)}\n)`,
      );
      values[name] = await this.valueOf(cell, failures, result?.value);
    }
    return values;
  }

  private async valueOf(cell: Cell, failures: readonly Failure[], value: unknown): Promise<Content> {
    let all = failures;
    try {
      if (all.length === 0) {
        const shown = { data: await inCell(cell, () => this.options.present(value)), metadata: {} };
        return { status: 'ok', ...sendable(shown, DISPLAYED) };
      }
    } catch (error) {
      all = [this.options.interpreter.describe(error)];
    }
    return { status: 'error', ...answers(all[0]!, all) };
  }

  /** The process ends, by a cell's own wish where one runs. */
  ending(code: number): void {
    for (const { output, request } of this.active.keys()) {
      output.flush();
      const error: Content = {
        ename: 'ProcessExit',
        evalue: `the cell ended the kernel: process.exit(${code})`,
        traceback: [`The cell ended the kernel: process.exit(${code}). The names of the notebook are gone.`],
      };
      if (this.isShutdown) continue;
      output.send('error', error);
      this.reply(request, { status: 'error', execution_count: this.count, ...error });
      this.publish(request, 'status', { execution_state: 'idle' });
    }
  }

  /** A subshell was made or deleted: cells that wait in the queue of a deleted one are still run. */
  subshell(id: string, exists: boolean): void {
    if (!exists) this.queues.delete(id);
  }

  /** An error in a timer, or in a promise that nobody waits for. */
  lateError(error: unknown, promise?: Promise<unknown>): void {
    const { interpreter } = this.options;
    const from = cellOf(error, promise);
    // A listener of another's may throw once more what it was told; a text or number may be another one.
    if (error === Object(error) && this.late?.error === error) return;
    this.late = { error };
    setImmediate(() => (this.late = undefined));
    const failure = interpreter.describe(error);
    if (error instanceof Interrupted || interpreter.failRunning(failure, from)) return;
    if (from) from.output.send('error', answers(failure, [failure]));
    else process.stderr.write(`Uncaught exception outside a cell: ${failure.text}\n`);
  }
}
