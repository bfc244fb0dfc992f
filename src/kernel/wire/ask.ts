/** Questions to the reader that block the main thread until they are answered, as `prompt()` does in a browser. */
import { MessageChannel, receiveMessageOnPort, type MessagePort } from 'node:worker_threads';

import type { Message } from './messages.ts';
import type { Ask, SyncAnswer } from './protocol.ts';

/** What a question throws that an interrupt ended. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';

  constructor() {
    super('interrupted');
  }
}

/** What a question throws whose client has not connected to the socket on which questions are asked. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';

  constructor() {
    super('nobody can be asked here: what runs this notebook says that it answers questions, and takes none');
  }
}

/**
 * Asks the client that sent `request`, and waits. `port` is main's to the sockets thread. Throws an
 * `InterruptedError` when the reader interrupts the kernel instead, an `UnreachableError` where there is no reader.
 */
export function askSync(
  port: MessagePort,
  request: Pick<Message, 'identities' | 'header'>,
  prompt = '',
  password = false,
): string {
  const { port1, port2 } = new MessageChannel();
  const signal = new Int32Array(new SharedArrayBuffer(4));
  const ask: Ask = { kind: 'ask', id: 0, request, prompt, password, wait: { port: port2, signal } };
  port.postMessage(ask, [port2]);
  try {
    for (;;) {
      Atomics.wait(signal, 0, 0);
      const answer = (receiveMessageOnPort(port1) as { message: SyncAnswer } | undefined)?.message;
      if (!answer) continue;
      if ('interrupted' in answer) throw new InterruptedError();
      if ('unreachable' in answer) throw new UnreachableError();
      return answer.value;
    }
  } finally {
    port1.close();
  }
}
