/**
 * The control channel, on a thread of its own: it answers while a cell blocks the main thread, stops a loop that
 * runs after an await (where a signal has no effect), and ends a kernel that hangs in code that cannot be stopped.
 */
import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';

import { decode, encode, type Connection } from './messages.ts';
import type { ZeroMQ } from './tslab.ts';

/** What the main thread gives to this one. */
export interface ControlData {
  readonly connection: Connection;
  /** One number: 1 asks the running cell to stop. */
  readonly stopFlag: Int32Array;
  /** The file of the zeromq package. */
  readonly zeromq: string;
}

/** What this thread tells the main one. */
export type ControlEvent = 'interrupt' | 'shutdown';

/** A main thread that has not ended by then, in milliseconds, is hung. */
const GRACE = 700;

async function serve({ connection, stopFlag, zeromq }: ControlData): Promise<void> {
  const { Router } = createRequire(import.meta.url)(zeromq) as ZeroMQ;
  const tell = (event: ControlEvent): void => {
    parentPort?.postMessage(event);
  };
  const socket = new Router();
  await socket.bind(`${connection.transport}://${connection.ip}:${connection.control_port}`);
  for await (const frames of socket) {
    const request = decode(connection.key, frames);
    if (!request) continue;
    const { msg_type: type } = request.header;
    const reply = (content: Record<string, unknown>) =>
      socket.send(encode(connection.key, request, type.replace('_request', '_reply'), content));
    if (type === 'shutdown_request') {
      setTimeout(() => process.kill(process.pid, 'SIGKILL'), GRACE);
      await reply({ status: 'ok', restart: request.content['restart'] === true });
      socket.close();
      tell('shutdown');
      return;
    }
    if (type === 'interrupt_request') {
      Atomics.store(stopFlag, 0, 1);
      // The signal reaches code before a cell's first await; Windows cannot send it to itself.
      if (process.platform === 'win32') tell('interrupt');
      else process.kill(process.pid, 'SIGINT');
      await reply({ status: 'ok' });
    } else {
      await reply({
        status: 'error',
        ename: 'NotImplemented',
        evalue: `${type} is not supported`,
        traceback: [],
      });
    }
  }
}

void serve(workerData as ControlData);
