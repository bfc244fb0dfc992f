/** The zeromq package that tslab brings. */
import { createRequire } from 'node:module';

import type { Frame } from './messages.ts';

interface SocketOptions {
  readonly linger: number;
  readonly sendHighWaterMark: number;
  readonly sendTimeout: number;
  readonly ipv6: boolean;
}

export interface Socket extends AsyncIterable<Buffer[]> {
  bind(address: string): Promise<void>;
  close(): void;
  send(frames: readonly Frame[]): Promise<void>;
}

interface ZeroMQ {
  XPublisher: new (options: SocketOptions) => Socket & { verbosity: null | 'allSubs' | 'allSubsUnsubs' };
  Router: new (
    options: SocketOptions & { readonly handover: boolean; readonly mandatory: boolean },
  ) => Socket;
}

/**
 * Closed sockets have this long to send what they hold, in milliseconds: a client may be slow, and one that does not
 * read at all must not keep the kernel. Jupyter gives a kernel 5 seconds to end.
 */
const LINGER = 4000;

export interface Sockets {
  readonly shell: Socket;
  readonly control: Socket;
  readonly stdin: Socket;
  readonly iopub: Socket;
  readonly heartbeat: Socket;
}

function load(): ZeroMQ {
  const own = createRequire(import.meta.url);
  return createRequire(own.resolve('tslab/package.json'))('zeromq') as ZeroMQ;
}

export function createSockets(ipv6: boolean): Sockets {
  const { Router, XPublisher } = load();
  const options: SocketOptions = {
    linger: LINGER,
    // A high-water mark would lose lines of a burst of output, and the closing "idle" message with them.
    sendHighWaterMark: 0,
    // Nothing can block a send then; with this, each is done when the call returns, in the order of the calls.
    sendTimeout: 0,
    ipv6,
  };
  // A client that connects again under its name replaces its earlier connection.
  const router = (mandatory = false) => new Router({ ...options, handover: true, mandatory });
  const iopub = new XPublisher(options);
  iopub.verbosity = 'allSubs'; // each client is welcomed, not only the first
  // The heartbeat is a router too: a Reply waits for the end of an exchange, and stays stuck where it gets garbage.
  // A question must not vanish because its client is not there yet: on stdin, such a send fails, and is repeated.
  return { shell: router(), control: router(), stdin: router(true), iopub, heartbeat: router() };
}
