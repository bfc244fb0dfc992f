/**
 * Comms: named two-way channels between this kernel and its clients, on which widgets are built
 * (https://jupyter-client.readthedocs.io/en/stable/messaging.html#custom-messages).
 */
import { randomUUID } from 'node:crypto';

import { restoring } from '../restore.ts';
import { sendable } from '../sendable.ts';

type Content = Readonly<Record<string, unknown>>;

/** What travels over a comm. */
export interface CommMessage {
  readonly data: Content;
  readonly metadata: Content;
  readonly buffers: readonly Uint8Array[];
}

/** What may accompany data that is sent. */
export interface CommExtras {
  readonly metadata?: Content;
  readonly buffers?: readonly Uint8Array[];
}

/** May return a promise: its rejection is reported like a thrown error. */
export type CommListener = (message: CommMessage) => unknown;

/** One end of an open comm; the other is in the clients. */
export interface Comm {
  readonly id: string;
  readonly target: string;
  readonly closed: boolean;
  /** Does nothing on a closed comm. */
  send(data: Content, extras?: CommExtras): void;
  /** Closes both ends. Listeners of `onClose` hear only of closings by a client. */
  close(data?: Content, extras?: CommExtras): void;
  /** Listens to what clients send; returns what ends that. */
  onMessage(listener: CommListener): () => void;
  /** Listens to a client closing the comm; returns what ends that. */
  onClose(listener: CommListener): () => void;
}

/** Called when a client opens a comm to a target; where it throws, the comm is closed again. */
export type TargetHandler = (comm: Comm, message: CommMessage) => unknown;

/** What user code gets: the part `comms` of the bridge. */
export interface CommAccess {
  /** Opens a comm to a target of the clients. */
  open(target: string, data?: Content, options?: CommExtras & { readonly id?: string }): Comm;
  /** Lets clients open comms to a target of this kernel; returns what ends that. */
  register(target: string, handler: TargetHandler): () => void;
}

/** A `comm_open`, `comm_msg` or `comm_close` of a client. */
export interface CommRequest<Header> {
  readonly header: Header;
  readonly metadata: Content;
  readonly content: Content;
  readonly buffers: readonly Uint8Array[];
}

export interface Comms<Header> extends CommAccess {
  /** Takes a client's message. Never throws. */
  handle(request: CommRequest<Header>): void;
  /** The content of a `comm_info_reply`: all open comms, or those of one target. */
  info(target?: string): Content;
}

export interface CommsOptions<Header> {
  /** Publishes a message. `parent` is the request being answered; without one, the running cell's applies. */
  readonly send: (
    type: 'comm_open' | 'comm_msg' | 'comm_close',
    content: Content,
    extras: Required<CommExtras> & { readonly parent?: Header },
  ) => void;
  /** Shows an error of a listener on the stderr of the cell with this header. */
  readonly report: (error: unknown, parent: Header | undefined) => void;
  /** The header of the cell that runs or, in its callbacks, of the one that started them. */
  readonly parent: () => Header | undefined;
  /** Makes a function that belongs to the cell in which this is called, whoever calls it later. */
  readonly bind?: <Args extends unknown[], Result>(
    work: (...args: Args) => Result,
  ) => (...args: Args) => Result;
}

const isContent = (value: unknown): value is Content =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** All comms of a kernel. */
export function createComms<Header extends { readonly msg_type: string }>({
  send,
  report,
  parent,
  bind = (work) => work,
}: CommsOptions<Header>): Comms<Header> {
  const comms = new Map<string, OpenComm>();
  const targets = new Map<string, TargetHandler>();
  /** The client's message that is being handled: what is sent meanwhile answers it. */
  let request: Header | undefined;

  const publish = (
    type: 'comm_open' | 'comm_msg' | 'comm_close',
    content: Content,
    { metadata = {}, buffers = [] }: CommExtras = {},
  ): void => {
    // Checked here, where the caller's line throws: the sockets thread could only lose it.
    const { metadata: about, ...sent } = sendable({ ...content, metadata }, 'what is sent over a comm');
    send(type, sent, { metadata: about, buffers, ...(request === undefined ? {} : { parent: request }) });
  };

  class OpenComm implements Comm {
    readonly id: string;
    readonly target: string;
    closed = false;
    /** Listeners run as if the cell that opened the comm had started them, so that their output goes there. */
    private readonly within = bind((work: () => unknown) => work());
    private readonly parent = parent() ?? request;
    private readonly messages = new Set<CommListener>();
    private readonly closings = new Set<CommListener>();

    constructor(id: string, target: string) {
      this.id = id;
      this.target = target;
      comms.set(id, this);
    }

    send(data: Content, extras?: CommExtras): void {
      if (!this.closed) publish('comm_msg', { comm_id: this.id, data }, extras);
    }

    close(data: Content = {}, extras?: CommExtras): void {
      if (this.forget()) publish('comm_close', { comm_id: this.id, data }, extras);
    }

    onMessage(listener: CommListener): () => void {
      return subscribe(this.messages, listener);
    }

    onClose(listener: CommListener): () => void {
      return subscribe(this.closings, listener);
    }

    receive(message: CommMessage): void {
      for (const listener of [...this.messages]) this.call(() => listener(message));
    }

    closedByClient(message: CommMessage): void {
      this.forget();
      for (const listener of [...this.closings]) this.call(() => listener(message));
    }

    /** Runs a listener; its errors are reported, and handed to `failed`. */
    call(work: () => unknown, failed: () => void = () => undefined): void {
      const fail = (error: unknown): void => {
        this.within(() => {
          report(error, this.parent);
        });
        failed();
      };
      try {
        const result = this.within(work);
        if (result instanceof Promise) result.catch(fail);
      } catch (error) {
        fail(error);
      }
    }

    private forget(): boolean {
      if (this.closed) return false;
      this.closed = true;
      return comms.delete(this.id);
    }
  }

  function openedByClient(id: string, target: string, message: CommMessage): void {
    const handler = targets.get(target);
    if (!handler) {
      publish('comm_close', { comm_id: id, data: {} });
      return;
    }
    const comm = new OpenComm(id, target);
    comm.call(
      () => handler(comm, message),
      () => {
        comm.close();
      },
    );
  }

  return {
    open(target, data = {}, { id = randomUUID(), ...extras } = {}) {
      if (comms.has(id)) throw new Error(`a comm with the id ${id} is open already`);
      const comm = new OpenComm(id, target);
      try {
        publish('comm_open', { comm_id: id, target_name: target, target_module: null, data }, extras);
      } catch (error) {
        comms.delete(id); // nobody else has heard of it
        throw error;
      }
      return comm;
    },
    register(target, handler) {
      targets.set(target, handler);
      return () => {
        if (targets.get(target) === handler) targets.delete(target);
      };
    },
    info: (target) => ({
      status: 'ok',
      comms: Object.fromEntries(
        [...comms.values()]
          .filter((comm) => target === undefined || comm.target === target)
          .map((comm) => [comm.id, { target_name: comm.target }]),
      ),
    }),
    handle({ header, metadata, content, buffers }) {
      const { comm_id: id, target_name: target, data } = content;
      if (typeof id !== 'string') return;
      const message = { data: isContent(data) ? data : {}, metadata, buffers };
      const comm = comms.get(id);
      const outer = request;
      request = header;
      restoring(
        () => (request = outer),
        () => {
          if (header.msg_type === 'comm_msg') comm?.receive(message);
          else if (header.msg_type === 'comm_close') comm?.closedByClient(message);
          else if (header.msg_type === 'comm_open' && !comm) openedByClient(id, String(target), message);
        },
      );
    },
  };
}

function subscribe<T>(listeners: Set<T>, listener: T): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}
