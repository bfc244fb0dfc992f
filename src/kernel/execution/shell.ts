import type { Content, Message } from '../wire/messages.ts';
import type { FromMain } from '../wire/protocol.ts';
import { startedBy, type Cell } from './cell.ts';
import type { Failure } from './errors.ts';
import type { Interpreter } from './interpreter.ts';
import { CellOutput, type MimeBundle } from './output.ts';
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

const answers = (failure: Failure, all: readonly Failure[]): Content => ({
  ename: failure.name,
  evalue: failure.message,
  traceback: all.flatMap(({ text }) => text.split('\n')),
});

/** Runs what clients send: cells one by one (each subshell has a queue of its own), comm messages at once. */
export class Shell {
  private readonly options: ShellOptions;
  private readonly queues = new Map<string | undefined, Queue>();
  /** The sources of cells, for the excerpts of stack traces. */
  private readonly sources = new Map<string, string>();
  private count = 0;

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

  private async execute(request: Message): Promise<Ran> {
    const { code, silent, storeHistory, stopOnError, expressions } = readRequest(request);
    const { post } = this.options;
    const count = silent ? this.count : ++this.count;
    const cell = this.createCell(request, code, count);
    const { output } = cell;
    this.publish(request, 'status', { execution_state: 'busy' });
    post({ kind: 'cell', running: true, parent: request.header });
    if (!silent) output.send('execute_input', { code, execution_count: count });
    if (storeHistory) post({ kind: 'executed', line: count, code });

    const { failures, result } = await this.options.interpreter.run(cell, code);
    const failed = [...failures];
    if (result && !silent && result.value !== undefined && result.value !== null) {
      try {
        const data = await this.options.present(result.value);
        output.send('execute_result', { execution_count: count, data, metadata: {} });
      } catch (error) {
        failed.push(this.options.interpreter.describe(error));
      }
    }
    const values = failed.length === 0 ? await this.evaluate(cell, expressions) : {};
    output.flush();
    post({ kind: 'drain' });
    const [first] = failed;
    const error = first && answers(first, failed);
    if (error) output.send('error', error);
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

  private createCell(request: Message, code: string, count: number): Cell {
    const output = new CellOutput((type, content) => {
      this.publish(request, type, content);
    });
    const name = `In[${count}]`;
    this.sources.set(name, code);
    return { request, name, code, output, abort: new AbortController() };
  }

  /** `user_expressions`: the value or the error of each. */
  private async evaluate(cell: Cell, expressions: Readonly<Record<string, unknown>>): Promise<Content> {
    const values: Record<string, unknown> = {};
    for (const [name, code] of Object.entries(expressions)) {
      const { failures, result } = await this.options.interpreter.run(cell, `(${String(code)}\n)`);
      const [first] = failures;
      values[name] = first
        ? { status: 'error', ...answers(first, failures) }
        : { status: 'ok', data: await this.options.present(result?.value), metadata: {} };
    }
    return values;
  }

  /** A subshell was made or deleted: cells that wait in the queue of a deleted one are still run. */
  subshell(id: string, exists: boolean): void {
    if (!exists) this.queues.delete(id);
  }

  /** An error in a timer, or in a promise that nobody waits for. */
  lateError(error: unknown): void {
    const { interpreter } = this.options;
    const from = startedBy();
    const failure = interpreter.describe(error);
    if (failure.name === 'Interrupted' || interpreter.failRunning(failure, from)) return;
    if (from) from.output.send('error', answers(failure, [failure]));
    else process.stderr.write(`${failure.text}\n`);
  }
}
