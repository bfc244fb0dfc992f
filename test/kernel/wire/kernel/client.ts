/** Starts the kernel of the tests and talks to it over real sockets. */
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import {
  decode,
  encode,
  type Channel,
  type Connection,
  type Content,
  type Frame,
  type Header,
  type Message,
} from '../../../../src/kernel/wire/messages.ts';

interface Socket extends AsyncIterable<Buffer[]> {
  connect(address: string): void;
  subscribe(topic?: string): void;
  send(frames: readonly Frame[]): Promise<void>;
  close(): void;
}
interface ZeroMQ {
  Dealer: new (options: { routingId: string; linger: number }) => Socket;
  Subscriber: new () => Socket;
}
const own = createRequire(import.meta.url);
const { Dealer, Subscriber } = createRequire(own.resolve('tslab/package.json'))('zeromq') as ZeroMQ;

const START = fileURLToPath(new URL('./start.cjs', import.meta.url));

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => net.createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as net.AddressInfo).port);
  for (const server of servers) server.close();
  return ports;
}

type Where = Channel | 'iopub' | 'heartbeat';

/** What came from the kernel, and over which socket. */
export interface Received {
  readonly where: Where;
  readonly message: Message;
}

/** One client of a kernel. */
export class Client {
  readonly received: Received[] = [];
  readonly heartbeats: string[] = [];
  readonly session = `session ${Math.random()}`;
  readonly subscribe: () => void;
  private readonly connection: Connection;
  private readonly sockets: Record<Where, Socket>;
  private last = 0;

  /** With `subscribes` false nothing comes over iopub until {@link subscribe} is called. */
  constructor(connection: Connection, name = 'client', subscribes = true) {
    this.connection = connection;
    const { transport, ip, key, ...ports } = connection;
    const open = (socket: Socket, port: number, where: Where) => {
      socket.connect(transport === 'ipc' ? `ipc://${ip}-${port}` : `tcp://${ip}:${port}`);
      void (async () => {
        for await (const frames of socket) {
          const message = decode(key, frames);
          if (message) this.received.push({ where, message });
          else this.heartbeats.push(String(frames));
        }
      })();
      return socket;
    };
    const dealer = () => new Dealer({ routingId: name, linger: 0 });
    const iopub = new Subscriber();
    if (subscribes) iopub.subscribe();
    this.subscribe = () => {
      iopub.subscribe();
    };
    this.sockets = {
      shell: open(dealer(), ports.shell_port, 'shell'),
      control: open(dealer(), ports.control_port, 'control'),
      stdin: open(dealer(), ports.stdin_port, 'stdin'),
      heartbeat: open(dealer(), ports.hb_port, 'heartbeat'),
      iopub: open(iopub, ports.iopub_port, 'iopub'),
    };
  }

  /** Sends a message; returns its id. */
  send(type: string, content: Content, where: Channel = 'shell', more: Partial<Header> = {}): string {
    const id = `${this.session} ${++this.last}`;
    const [, , header] = encode('', { type, content, session: this.session, id });
    const head = JSON.stringify({ ...(JSON.parse(String(header)) as Header), ...more });
    this.sendParts([head, '{}', '{}', JSON.stringify(content)], where);
    return id;
  }

  /** Sends JSON, signed. */
  sendParts(parts: readonly string[], where: Channel): void {
    const hash = createHmac('sha256', this.connection.key);
    for (const part of parts) hash.update(part);
    void this.sockets[where].send(['<IDS|MSG>', hash.digest('hex'), ...parts]);
  }

  beat(text: string): void {
    void this.sockets.heartbeat.send([text]);
  }

  /** Answers the latest question. */
  answer(value: unknown, parent: Partial<Header> = {}): void {
    const content = { value };
    const [, , header, , metadata] = encode('', { type: 'input_reply', content, session: this.session });
    const parts = [String(header), JSON.stringify(parent), String(metadata), JSON.stringify(content)];
    this.sendParts(parts, 'stdin');
  }

  /** What came for a request. */
  of(id: string): Received[] {
    return this.received.filter(({ message }) => message.parent.msg_id === id);
  }

  async until<T>(find: () => T | undefined | false, timeout = 60_000): Promise<T> {
    const end = performance.now() + timeout;
    for (;;) {
      const found = find();
      if (found !== undefined && found !== false) return found;
      if (performance.now() > end) throw new Error(`nothing in ${timeout} ms: ${this.summary()}`);
      await wait(5);
    }
  }

  /** The reply to a request, once its "idle" has come too. */
  async reply(id: string, timeout?: number): Promise<Message> {
    return this.until(() => {
      const all = this.of(id);
      const idle = all.some(({ message }) => message.content['execution_state'] === 'idle');
      return idle && all.find(({ message }) => message.header.msg_type.endsWith('_reply'))?.message;
    }, timeout);
  }

  async ask(type: string, content: Content, where?: Channel, more?: Partial<Header>): Promise<Message> {
    return this.reply(this.send(type, content, where, more));
  }

  async run(code: string, timeout?: number): Promise<Message> {
    return this.reply(this.send('execute_request', { code }), timeout);
  }

  /** What a request put out, in short. */
  outputs(id: string): string[] {
    return this.of(id)
      .filter(({ where }) => where === 'iopub')
      .map(({ message: { header, content } }) => {
        const what = content['execution_state'] ?? content['text'] ?? content['evalue'];
        return typeof what === 'string' ? `${header.msg_type} ${what}` : header.msg_type;
      });
  }

  close(): void {
    for (const socket of Object.values(this.sockets)) socket.close();
  }

  private summary(): string {
    return this.received
      .slice(-10)
      .map(({ where, message }) => `${where} ${message.header.msg_type} ${JSON.stringify(message.content)}`)
      .join('\n');
  }
}

export interface Running {
  readonly connection: Connection;
  readonly client: Client;
  /** Resolves with how the process ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  readonly errors: () => string;
  readonly folder: string;
  stop(): void;
}

/** Starts a kernel, and waits until its output reaches the client. */
export async function startKernel(
  change: Partial<Connection> = {},
  env: NodeJS.ProcessEnv = {},
): Promise<Running> {
  for (let tries = 0; ; tries++) {
    const running = await tryToStart(change, env);
    // Between the look for free ports and the kernel somebody else may have taken one.
    const isTaken = change.hb_port === undefined && /EADDRINUSE|in use/.test(running.errors());
    if (!isTaken || tries === 5) return running;
    running.stop();
  }
}

async function tryToStart(change: Partial<Connection>, env: NodeJS.ProcessEnv): Promise<Running> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'wire-'));
  const [shell_port, iopub_port, stdin_port, control_port, hb_port] = (await freePorts(5)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const ports = { shell_port, iopub_port, stdin_port, control_port, hb_port };
  const connection = { transport: 'tcp', ip: '127.0.0.1', key: 'secret', ...ports, ...change };
  if (connection.transport === 'ipc') connection.ip = path.join(folder, 'k');
  const file = path.join(folder, 'connection.json');
  fs.writeFileSync(file, JSON.stringify(connection));
  const kernel = spawn(process.execPath, [START, file], {
    env: { ...process.env, MSL_KERNEL_HISTORY: path.join(folder, 'history.jsonl'), ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  kernel.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const ended = once(kernel, 'close').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as string | null,
  }));
  const client = new Client(connection);
  const stop = () => {
    client.close();
    kernel.kill('SIGKILL');
    fs.rmSync(folder, { recursive: true });
  };
  const running = { connection, client, ended, errors: () => errors, folder, stop };
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });
  const welcomed = client.until(
    () => isOver || client.received.find(({ message }) => message.header.msg_type === 'iopub_welcome'),
  );
  await Promise.race([welcomed, ended.then(() => wait(50))]);
  return running;
}
