/** Questions to the readers of the notebook, by the stdin socket. */
import { randomUUID } from 'node:crypto';

import type { Content, Message } from './messages.ts';
import type { Ask, SyncAnswer } from './protocol.ts';

/** A question is sent again this often, after so many milliseconds each, to a client that is not there yet. */
const TRIES = 200;
const BETWEEN = 50;

export interface StdinOptions {
  /**
   * Sends an input_request with an id of its own to the client that sent the ask's request. Rejects where that has not
   * connected to stdin.
   */
  readonly send: (ask: Ask, id: string, content: Content) => Promise<void>;
  /** Gives main the answer to a question that it does not wait for; undefined where its client cannot be reached. */
  readonly answer: (id: number, value: string | undefined) => void;
  /** Runs something later. */
  readonly after: (milliseconds: number, run: () => void) => void;
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
    this.end(question, value);
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
    this.deliver(next, (next.sent = randomUUID()), TRIES);
  }

  private deliver(question: Open, id: string, left: number): void {
    const { ask } = question;
    const { prompt, password } = ask;
    this.options.send(ask, id, { prompt, password }).catch(() => {
      if (!this.open.includes(question)) return; // interrupted meanwhile
      if (left === 0) this.end(question, undefined);
      else
        this.options.after(BETWEEN, () => {
          if (this.open.includes(question)) this.deliver(question, id, left - 1);
        });
    });
  }

  /** Gives main the answer (undefined: there is nobody), and the client its next question. */
  private end(question: Open, value: string | undefined): void {
    this.open.splice(this.open.indexOf(question), 1);
    const { id, wait, request } = question.ask;
    if (wait) settle(wait, value === undefined ? { unreachable: true } : { value });
    else this.options.answer(id, value);
    this.sendNext(clientOf(request));
  }
}

/** Posts the answer before it wakes main, which finds it there then. */
function settle({ port, signal }: NonNullable<Ask['wait']>, answer: SyncAnswer): void {
  port.postMessage(answer);
  port.close();
  Atomics.store(signal, 0, 1);
  Atomics.notify(signal, 0);
}
