import { setTimeout as wait } from 'node:timers/promises';

import type { Failure } from './errors.ts';
import { decode, encode, PROTOCOL, type Connection, type Content, type Message } from './messages.ts';
import { CellOutput } from './output.ts';
import { present } from './present/index.ts';
import type { Session } from './session.ts';
import { zeromq } from './tslab.ts';

/** After a failure, cells that were sent with it but have not arrived yet get this long, in milliseconds. */
const STRAGGLERS = 50;

interface ExecuteRequest {
  readonly code: string;
  readonly silent: boolean;
  readonly store_history?: boolean;
  readonly allow_stdin?: boolean;
  readonly stop_on_error?: boolean;
}

const INFO: Content = {
  status: 'ok',
  protocol_version: PROTOCOL,
  implementation: 'msl-workbook',
  implementation_version: '0.1.0',
  banner: `TypeScript on Node.js ${process.versions.node}`,
  language_info: {
    name: 'typescript',
    version: '5.9',
    mimetype: 'text/typescript',
    file_extension: '.ts',
    pygments_lexer: 'typescript',
    // JupyterLab reads `mode`, the classic notebook the other two.
    codemirror_mode: { mode: 'typescript', name: 'javascript', typescript: true },
  },
};

/** Positions are counted in characters by the protocol, in UTF-16 units by the compiler. */
const toUnits = (code: string, characters: number): number =>
  Array.from(code).slice(0, characters).join('').length;
const toCharacters = (code: string, units: number): number => Array.from(code.slice(0, units)).length;

/** Answers the messages of the Jupyter protocol, except those of the control channel (see control.ts). */
export class Server {
  private readonly connection: Connection;
  private readonly session: () => Session;
  // A high-water mark would lose lines of a burst of output, and the closing "idle" message with them.
  private readonly iopub = new zeromq.Publisher({ sendHighWaterMark: 0 });
  private readonly shell = new zeromq.Router();
  private readonly stdin = new zeromq.Router();
  private readonly heartbeat = new zeromq.Reply();
  /** Cells are run one by one, though "Run All" sends them at once. */
  private queue: Promise<void> = Promise.resolve();
  /** The cells sent together with the running one: they are aborted when it fails. */
  private batch = { failed: false };
  private executionCount = 0;
  private readonly history: [session: number, line: number, code: string][] = [];
  private current: { readonly request: Message; readonly output: CellOutput } | undefined;
  private closed = false;
  /** When the latest request came, on the clock of `performance.now()`. */
  lastRequest = 0;
  /** Resolves when the first client has been answered. */
  readonly greeted: Promise<void>;
  private greet: () => void = () => undefined;

  constructor(connection: Connection, session: () => Session) {
    this.connection = connection;
    this.session = session;
    this.greeted = new Promise((resolve) => (this.greet = resolve));
  }

  /** The output of the latest cell. */
  readonly output = (): CellOutput | undefined => this.current?.output;

  async start(): Promise<void> {
    const { transport, ip, ...ports } = this.connection;
    const address = (port: number) => `${transport}://${ip}:${port}`;
    await Promise.all([
      this.iopub.bind(address(ports.iopub_port)),
      this.shell.bind(address(ports.shell_port)),
      this.stdin.bind(address(ports.stdin_port)),
      this.heartbeat.bind(address(ports.hb_port)),
    ]);
    void this.serveShell();
    void this.echoHeartbeats();
  }

  close(): void {
    this.closed = true;
    for (const socket of [this.iopub, this.shell, this.stdin, this.heartbeat]) socket.close();
  }

  /** Asks the reader of the notebook. */
  async ask(prompt = '', password = false): Promise<string> {
    const request = this.current?.request;
    if (request?.content['allow_stdin'] !== true) throw new Error('this notebook runs without a user to ask');
    await this.stdin.send(encode(this.connection.key, request, 'input_request', { prompt, password }));
    for (;;) {
      const reply = decode(this.connection.key, await this.stdin.receive());
      if (reply) return String(reply.content['value']);
    }
  }

  private async serveShell(): Promise<void> {
    for await (const frames of this.shell) {
      const request = decode(this.connection.key, frames);
      if (request) {
        this.lastRequest = performance.now();
        this.handle(request).catch((error: unknown) => {
          if (!this.closed)
            (process as { _rawDebug?: (...what: unknown[]) => void })._rawDebug?.('kernel:', error);
        });
      }
    }
  }

  private async echoHeartbeats(): Promise<void> {
    for await (const frames of this.heartbeat) await this.heartbeat.send(frames);
  }

  private publish(parent: Message, type: string, content: Content): void {
    if (!this.closed) void this.iopub.send(encode(this.connection.key, parent, type, content, [type]));
  }

  private reply(request: Message, content: Content): void {
    if (this.closed) return;
    const type = request.header.msg_type.replace('_request', '_reply');
    void this.shell.send(encode(this.connection.key, request, type, content));
  }

  private async handle(request: Message): Promise<void> {
    this.publish(request, 'status', { execution_state: 'busy' });
    try {
      if (request.header.msg_type === 'execute_request') await this.enqueue(request);
      else this.answer(request);
    } finally {
      this.publish(request, 'status', { execution_state: 'idle' });
    }
  }

  private answer(request: Message): void {
    const { content } = request;
    const code = typeof content['code'] === 'string' ? content['code'] : '';
    const position =
      typeof content['cursor_pos'] === 'number' ? toUnits(code, content['cursor_pos']) : code.length;
    switch (request.header.msg_type) {
      case 'kernel_info_request':
        this.reply(request, INFO);
        this.greet();
        break;
      case 'is_complete_request': {
        const { completed, indent = '' } = this.session().isComplete(code);
        this.reply(request, completed ? { status: 'complete' } : { status: 'incomplete', indent });
        break;
      }
      case 'complete_request': {
        const { start, end, candidates } = this.session().complete(code, position);
        this.reply(request, {
          status: 'ok',
          matches: candidates,
          cursor_start: toCharacters(code, start),
          cursor_end: toCharacters(code, end),
          metadata: {},
        });
        break;
      }
      case 'inspect_request': {
        const text = this.session().inspect(code, position);
        const data = text === undefined ? {} : { 'text/plain': text };
        this.reply(request, { status: 'ok', found: text !== undefined, data, metadata: {} });
        break;
      }
      case 'history_request': {
        const count = typeof content['n'] === 'number' ? content['n'] : 1000;
        this.reply(request, { status: 'ok', history: this.history.slice(-count) });
        break;
      }
      case 'comm_info_request':
        this.reply(request, { status: 'ok', comms: {} });
        break;
      default: // comm_open and its like: there are no widgets
    }
  }

  /** What was already waiting when a cell failed is aborted; what a client sends after seeing that is run. */
  private enqueue(request: Message): Promise<void> {
    const { batch } = this;
    const done = this.queue.then(() => {
      if (!batch.failed) return this.execute(request);
      this.reply(request, { status: 'aborted' });
      return undefined;
    });
    this.queue = done.catch(() => undefined);
    return done;
  }

  private async execute(request: Message): Promise<void> {
    const { code, silent, store_history, stop_on_error } = request.content as unknown as ExecuteRequest;
    const publish = (type: string, content: Content): void => {
      this.publish(request, type, content);
    };
    const output = new CellOutput(publish);
    this.current = { request, output };
    const count = silent ? this.executionCount : ++this.executionCount;
    if (!silent) publish('execute_input', { code, execution_count: count });
    if (!silent && store_history !== false) this.history.push([0, count, code]);
    const failures = await this.session().run(code, (value) => {
      if (!silent)
        output.send('execute_result', { execution_count: count, data: present(value), metadata: {} });
    });
    output.flush();
    if (failures.length === 0) {
      this.reply(request, { status: 'ok', execution_count: count, payload: [], user_expressions: {} });
      return;
    }
    const error = errorContent(failures);
    publish('error', error);
    if (stop_on_error !== false) {
      await wait(STRAGGLERS);
      this.batch.failed = true;
      this.batch = { failed: false };
    }
    this.reply(request, { status: 'error', execution_count: count, ...error });
  }
}

function errorContent(failures: readonly Failure[]): Content {
  const [first] = failures;
  return { ename: first?.name, evalue: first?.message, traceback: failures.map((failure) => failure.text) };
}
