/** The thread of the kernel's sockets: it answers what it can, and passes the rest between clients and main. */
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { MessagePort } from 'node:worker_threads';

import { client } from '../rpc.ts';
import { addressOf, checkAddress, isIPv6 } from './address.ts';
import { Editing } from './editing.ts';
import { History } from './history.ts';
import { historyFile } from './historyFile.ts';
import { kernelInfo, type Versions } from './info.ts';
import { cellsMeant, Interrupts } from './interrupts.ts';
import { JoinedStream } from './joinedStream.ts';
import {
  decode,
  encode,
  Signatures,
  type Channel,
  type Connection,
  type Content,
  type Header,
  type Message,
  type Outgoing,
} from './messages.ts';
import { NativeOutput, type StreamName } from './nativeOutput.ts';
import type { FromMain, LanguageMethods, Reply, ToMain } from './protocol.ts';
import { FOR_MAIN, optional, RequestError, required } from './requests.ts';
import { markClosed } from './shared.ts';
import { Questions } from './stdin.ts';
import { Statuses } from './statuses.ts';
import { Subshells } from './subshells.ts';
import { usage } from './usage.ts';
import { createSockets, type Sockets } from './zeromq.ts';

/** What the thread is given. */
export interface SocketsData {
  readonly connection: Connection;
  /** To the main thread: see protocol.ts. */
  readonly main: MessagePort;
  /** To the language thread's methods. */
  readonly language: MessagePort;
  /** From the thread that waits for signals: it posts 'sigint'. */
  readonly signals?: MessagePort | undefined;
  /** Of `createShared`. */
  readonly shared: Int32Array;
  readonly versions: Versions;
  /** The files that stdout and stderr of the process point to. */
  readonly output?: Readonly<Partial<Record<StreamName, string>>> | undefined;
  /** Whether main runs requests of subshells beside each other. */
  readonly subshells?: boolean | undefined;
}

/** A main thread that has not ended by then is hung, in milliseconds. */
const GRACE = 700;

/** Closed sockets of a process that is going to be killed have this long to send what they hold, in milliseconds. */
const CLOSING = 150;

/** How often the kernel looks whether the process that started it is still there, in milliseconds. */
const PARENT_CHECK = 2000;

const UNSTOPPABLE =
  'The kernel is running native code, which cannot be interrupted: the cell stops when it returns. ' +
  'Kernel > Restart ends it now.\n';

const errorContent = (error: unknown): Content => {
  const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
  return { status: 'error', ename: name, evalue: message, traceback: [] };
};

/** Says where only a person who looks for a fault of the kernel reads it. */
function log(error: unknown): void {
  (process as { _rawDebug?: (...what: unknown[]) => void })._rawDebug?.('kernel, sockets:', error);
}

const replyType = (type: string): string => type.replace(/_request$/, '_reply');

class SocketsThread {
  private readonly data: SocketsData;
  private readonly sockets: Sockets;
  private readonly editing: Editing;
  private readonly session = randomUUID();
  private readonly signatures = new Signatures();
  private readonly history = new History(historyFile());
  private readonly interrupts: Interrupts;
  private readonly questions: Questions;
  private readonly subshells: Subshells;
  private readonly native: NativeOutput;
  private readonly stream: JoinedStream;
  private readonly statuses = new Statuses();
  /** The cells that main runs, and all that it was handed and has not answered. */
  private readonly running = new Map<string, Header>();
  private readonly open = new Map<string, Header>();
  /** The processes that run beside the cells. */
  private readonly children = new Set<number>();
  /** The latest cell. */
  private cell: Header | undefined;
  private lastLine = 0;
  private ending = false;
  private closed = false;
  private readonly timers = new Set<NodeJS.Timeout>();

  constructor(data: SocketsData) {
    this.data = data;
    this.sockets = createSockets(isIPv6(data.connection.ip));
    this.editing = new Editing(client<LanguageMethods>(data.language));
    this.subshells = new Subshells((id, exists) => {
      this.post({ kind: 'subshell', id, exists });
    });
    this.interrupts = new Interrupts({
      shared: data.shared,
      children: this.children,
      post: (message) => {
        this.post(message);
      },
      onUnstoppable: () => {
        this.publish(this.cell, 'stream', { name: 'stderr', text: UNSTOPPABLE });
      },
    });
    this.questions = new Questions({
      send: ({ request }, id, content) => {
        const { identities, header } = request;
        return this.trySend('stdin', { type: 'input_request', content, parent: header, identities, id });
      },
      answer: (id, value) => {
        this.post({ kind: 'reply', id, value });
      },
      after: (milliseconds, run) => {
        this.after(milliseconds, run);
      },
    });
    this.stream = new JoinedStream(
      ({ parent, name, text }) => {
        this.publish(parent, 'stream', { name, text });
      },
      (milliseconds, run) => {
        this.after(milliseconds, run);
      },
    );
    this.native = new NativeOutput(data.output ?? {}, (name, text) => {
      this.publish(this.cell, 'stream', { name, text });
    });
  }

  async start(): Promise<void> {
    const { connection, main, signals } = this.data;
    const { sockets } = this;
    const bound = await Promise.allSettled([
      sockets.iopub.bind(addressOf(connection, connection.iopub_port)),
      sockets.shell.bind(addressOf(connection, connection.shell_port)),
      sockets.stdin.bind(addressOf(connection, connection.stdin_port)),
      sockets.control.bind(addressOf(connection, connection.control_port)),
      sockets.heartbeat.bind(addressOf(connection, connection.hb_port)),
    ]);
    const failed = bound.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
    this.publishStatus(undefined, 'starting');
    main.on('message', (message: FromMain) => {
      this.guard(() => {
        this.fromMain(message);
      });
    });
    signals?.on('message', () => {
      this.interrupt();
    });
    this.receive('shell');
    this.receive('control');
    this.receive('stdin');
    void this.echoHeartbeats().catch(log);
    void this.welcomeSubscribers().catch(log);
    this.endWithParent(Number(process.env['JPY_PARENT_PID']));
    this.endWithLanguage();
  }

  // What clients send

  private receive(channel: Channel): void {
    const serve = async (): Promise<void> => {
      for await (const frames of this.sockets[channel]) {
        this.guard(() => {
          const message = decode(this.data.connection.key, frames, channel, this.signatures);
          if (message) this.handle(message);
        });
      }
    };
    void serve().catch(log);
  }

  private handle(message: Message): void {
    if (message.channel === 'stdin') {
      this.questions.receive(message);
      return;
    }
    const prepare = FOR_MAIN[message.header.msg_type];
    if (!prepare) {
      void this.answer(message);
      return;
    }
    let request: Message;
    try {
      this.subshells.check(message.header);
      request = { ...message, content: prepare(message.content) };
      this.post({ kind: 'request', request }, request.buffers);
      if (request.header.msg_type === 'execute_request') this.open.set(request.header.msg_id, request.header);
    } catch (error) {
      void this.answer(message, () => {
        throw error;
      });
    }
  }

  /** Answers a request here, between "busy" and "idle". */
  private async answer(request: Message, respond = this.responses[request.header.msg_type]): Promise<void> {
    const { header } = request;
    this.publishStatus(header, 'busy');
    try {
      // What has no reply, and a request that has one but is not known: the sender of the latter waits for it.
      const unknown = () => {
        if (!header.msg_type.endsWith('_request')) return undefined;
        throw new RequestError(`this kernel does not know ${header.msg_type.slice(0, 100)}`);
      };
      const content = await (respond ?? unknown)(request);
      if (content) this.reply({ request, content });
    } catch (error) {
      if (header.msg_type.endsWith('_request'))
        this.reply({ request, content: this.failure(request, error) });
    }
    this.publishStatus(header, 'idle');
    const { running } = this.statuses;
    if (running) this.publishStatus(running, 'busy');
  }

  private failure({ header }: Message, error: unknown): Content {
    const content = errorContent(error);
    return header.msg_type === 'execute_request' ? { ...content, execution_count: this.lastLine } : content;
  }

  private readonly responses: Readonly<
    Record<string, (request: Message) => Content | undefined | Promise<Content>>
  > = Object.assign(Object.create(null) as Record<string, never>, {
    kernel_info_request: () =>
      kernelInfo(this.data.versions, this.data.subshells === true ? ['kernel subshells'] : []),
    complete_request: ({ content }: Message) => this.editing.complete(content),
    inspect_request: ({ content }: Message) => this.editing.inspect(content),
    is_complete_request: ({ content }: Message) => this.editing.isComplete(content),
    history_request: ({ content }: Message) => ({ status: 'ok', history: this.history.answer(content) }),
    interrupt_request: (request: Message) => {
      this.reply({ request, content: { status: 'ok' } }); // before main is asked, which may take a while
      this.interrupt(request.header);
      return undefined;
    },
    shutdown_request: (request: Message) => {
      const restart = optional(request.content, 'restart', 'boolean', false);
      const content = { status: 'ok', restart };
      this.reply({ request, content });
      this.publish(request.header, 'shutdown_reply', content);
      this.shutdown(restart);
      return undefined;
    },
    debug_request: ({ content }: Message) => ({
      ...errorContent(new RequestError('this kernel has no debugger')),
      // The form of the debug adapter protocol, which the debugger of a client reads.
      type: 'response',
      success: false,
      command: content['command'] ?? '',
      request_seq: content['seq'] ?? 0,
      message: 'this kernel has no debugger',
    }),
    create_subshell_request: () => {
      if (this.data.subshells !== true) throw new RequestError('this kernel has no subshells');
      return { status: 'ok', subshell_id: this.subshells.create() };
    },
    delete_subshell_request: ({ content }: Message) => {
      this.subshells.delete(required(content, 'subshell_id', 'string'));
      return { status: 'ok' };
    },
    list_subshell_request: () => ({ status: 'ok', subshell_id: this.subshells.list() }),
    usage_request: usage,
  });

  private async echoHeartbeats(): Promise<void> {
    const { heartbeat } = this.sockets;
    for await (const frames of heartbeat) heartbeat.send(frames).catch(log);
  }

  /** A client that waits for the welcome knows that it misses no output. */
  private async welcomeSubscribers(): Promise<void> {
    let isStarting = true;
    for await (const [frame] of this.sockets.iopub) {
      this.guard(() => {
        if (frame?.[0] !== 1) return; // an end of a subscription, or nothing of the kind
        const topic = frame.subarray(1);
        this.send('iopub', {
          type: 'iopub_welcome',
          content: { subscription: topic.toString() },
          identities: topic.length > 0 ? [topic] : [],
        });
        // Nobody could see it before: a client whose socket outlives a restart is told that the kernel is new.
        if (isStarting) this.publishStatus(undefined, 'starting');
        isStarting = false;
        // A socket for publishing speaks to all: others see these twice. That is no news to them, as they no longer wait
        // for what has ended; to the one who has just come it may be the end of its first request.
        for (const { parent, state } of this.statuses.missed()) this.publishStatus(parent, state);
      });
    }
  }

  // What main says

  private fromMain(message: FromMain): void {
    switch (message.kind) {
      case 'publish':
        if (message.type === 'stream') {
          this.stream.add({ parent: message.parent, ...(message.content as { name: string; text: string }) });
          break;
        }
        if (message.type === 'status') this.statuses.note(message.parent, message.content['execution_state']);
        this.publish(message.parent, message.type, message.content, message.metadata, message.buffers);
        break;
      case 'reply':
        this.open.delete(message.request.header.msg_id);
        this.reply(message);
        break;
      case 'ask':
        this.questions.add(message);
        break;
      case 'interrupted':
        this.interrupts.acknowledged();
        break;
      case 'cell':
        if (message.running) this.running.set(message.parent.msg_id, (this.cell = message.parent));
        else this.running.delete(message.parent.msg_id);
        break;
      case 'child':
        if (message.running) this.children.add(message.id);
        else this.children.delete(message.id);
        break;
      case 'executed':
        this.lastLine = Math.max(this.lastLine, message.line);
        this.history.add(message.line, message.code, message.output);
        break;
      case 'drain':
        this.native.drain();
        break;
      case 'closed':
        this.close();
    }
  }

  /** @param by the header of the request; missing for a signal */
  private interrupt(by?: Header): void {
    const running = [...this.running.values()];
    const cells = cellsMeant({ running, open: [...this.open.values()] }, by);
    if (cells === undefined) return;
    // A main thread that waits for an answer is not asked to stop: it wakes up without one.
    if (this.questions.interrupt()) return;
    this.interrupts.request(
      cells.map(({ msg_id }) => msg_id),
      running.length > 0,
    );
  }

  // What is sent

  private publish(
    parent: Partial<Header> | undefined,
    type: string,
    content: Content,
    metadata?: Content,
    buffers?: readonly Uint8Array[],
  ): void {
    const identities = [`kernel.${this.session}.${type}`];
    this.send('iopub', { type, content, parent, metadata, buffers, identities });
  }

  private publishStatus(parent: Partial<Header> | undefined, state: string): void {
    this.statuses.note(parent, state);
    this.publish(parent, 'status', { execution_state: state });
  }

  private reply({ request, ...rest }: Omit<Reply, 'kind'>): void {
    const { channel, identities, header } = request;
    this.send(channel, { ...rest, type: replyType(header.msg_type), parent: header, identities });
  }

  private send(socket: Channel | 'iopub', outgoing: Omit<Outgoing, 'session'>): void {
    this.trySend(socket, outgoing).catch(log);
  }

  /** Rejects where the client that is meant is not there. */
  private trySend(socket: Channel | 'iopub', outgoing: Omit<Outgoing, 'session'>): Promise<void> {
    this.stream.flush();
    if (this.closed) return Promise.resolve();
    const { session } = this;
    return this.sockets[socket].send(encode(this.data.connection.key, { ...outgoing, session }));
  }

  private post(message: ToMain, transferred: readonly Uint8Array[] = []): void {
    this.data.main.postMessage(
      message,
      transferred.map(({ buffer }) => buffer as ArrayBuffer),
    );
  }

  /** What goes wrong with one message must not end the kernel. */
  private guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      log(error);
    }
  }

  // The end

  private shutdown(restart: boolean): void {
    if (this.ending) return;
    this.ending = true;
    this.questions.interrupt();
    this.post({ kind: 'shutdown', restart });
    this.after(GRACE, () => {
      this.close();
      setTimeout(() => process.kill(process.pid, 'SIGKILL'), CLOSING);
    });
  }

  /** Runs something later, unless the sockets are closed by then. */
  private after(milliseconds: number, run: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      run();
    }, milliseconds);
    this.timers.add(timer);
  }

  /**
   * Sends are done when they return: what is posted before this goes out. Nothing keeps this thread then, and main
   * waits for its end: ZeroMQ aborts the process when the thread is stopped in the middle of its work.
   */
  close(): void {
    if (this.closed) return;
    this.native.drain();
    this.native.close();
    this.stream.flush();
    this.closed = true;
    for (const socket of Object.values(this.sockets) as Sockets['iopub'][]) socket.close();
    for (const timer of this.timers) clearTimeout(timer);
    const { main, language, signals } = this.data;
    for (const port of [main, language, signals]) port?.close();
  }

  /**
   * Ends a kernel whose compiler has ended, be it out of memory. Main does so itself, unless it is blocked: in a loop, or
   * waiting for the compiler's answer.
   */
  private endWithLanguage(): void {
    this.data.language.once('close', () => {
      if (this.closed) return;
      log('the thread of the compiler has ended');
      this.after(GRACE, () => process.kill(process.pid, 'SIGKILL'));
    });
  }

  /** Ends a kernel that its notebook server left behind. */
  private endWithParent(parent: number): void {
    if (!(parent > 1) || process.platform === 'win32') return;
    const timer = setInterval(() => {
      try {
        process.kill(parent, 0);
      } catch (error) {
        // Another user's process is one that is there.
        if ((error as NodeJS.ErrnoException).code === 'ESRCH') this.shutdown(false);
      }
    }, PARENT_CHECK);
    this.timers.add(timer);
  }
}

/**
 * Binds the sockets and serves them until main says 'closed' or hangs at a shutdown. Rejects where an address is
 * taken, or is not this machine's own.
 */
export async function serveSockets(data: SocketsData): Promise<void> {
  // Main waits for the end of this thread, however it comes.
  process.once('exit', () => {
    markClosed(data.shared);
  });
  checkAddress(data.connection);
  const thread = new SocketsThread(data);
  try {
    await thread.start();
  } catch (error) {
    thread.close();
    await wait(CLOSING); // for the same reason
    throw error;
  }
}
