/** Questions to the readers of the notebook, by the stdin socket. */
import { randomUUID } from 'node:crypto';

import type { Content, Message } from './messages.ts';
import type { Ask, SyncAnswer } from './protocol.ts';

export interface StdinOptions {
  /** Sends an input_request with an id of its own to the client that sent the ask's request. */
  readonly send: (ask: Ask, id: string, content: Content) => void;
  /** Gives main the answer to a question that it does not wait for. */
  readonly answer: (id: number, value: string) => void;
}

interface Open {
  readonly ask: Ask;
  /** The id of the input_request, once it is sent. */
  sent?: string;
}

const clientOf = (message: Pick<Message, 'identities'>): string =>
  message.identities.map((part) => Buffer.from(part).toString('hex')).join();

/** A client shows one question at a time, so its next one is sent when the one before is answered. */
export class Questions {
  private readonly options: StdinOptions;
  private readonly open: Open[] = [];

  constructor(options: StdinOptions) {
    this.options = options;
  }

  add(ask: Ask): void {
    this.open.push({ ask });
    this.sendNext(clientOf(ask.request));
  }

  /** Takes an input_reply; what nobody waits for, or somebody else was asked, is ignored. */
  receive(reply: Message): void {
    const { value } = reply.content;
    const client = clientOf(reply);
    const at = this.open.findIndex(({ ask, sent }) => sent !== undefined && clientOf(ask.request) === client);
    const question = this.open[at];
    if (reply.header.msg_type !== 'input_reply' || typeof value !== 'string' || !question) return;
    // Jupyter's Python client does not say which request it answers.
    if (reply.parent.msg_id !== undefined && reply.parent.msg_id !== question.sent) return;
    this.open.splice(at, 1);
    const { id, wait } = question.ask;
    if (wait) settle(wait, { value });
    else this.options.answer(id, value);
    this.sendNext(client);
  }

  /** Forgets all questions; true where main was blocked by one, and is no more. */
  interrupt(): boolean {
    const waiting = this.open.splice(0).flatMap(({ ask }) => ask.wait ?? []);
    for (const wait of waiting) settle(wait, { interrupted: true });
    return waiting.length > 0;
  }

  private sendNext(client: string): void {
    const next = this.open.find(({ ask }) => clientOf(ask.request) === client);
    if (!next || next.sent !== undefined) return;
    next.sent = randomUUID();
    const { prompt, password } = next.ask;
    this.options.send(next.ask, next.sent, { prompt, password });
  }
}

/** Posts the answer before it wakes main, which finds it there then. */
function settle({ port, signal }: NonNullable<Ask['wait']>, answer: SyncAnswer): void {
  port.postMessage(answer);
  port.close();
  Atomics.store(signal, 0, 1);
  Atomics.notify(signal, 0);
}
