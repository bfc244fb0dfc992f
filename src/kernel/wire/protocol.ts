/** What the sockets thread and the main thread tell each other, and the memory that they share. */
import type { MessagePort } from 'node:worker_threads';

import type { MimeBundle } from '../mimeBundle.ts';
import type { Content, Header, Message } from './messages.ts';

export type ToMain =
  | { readonly kind: 'request'; readonly request: Message }
  /** Stop these cells; main answers with `acknowledge` (shared.ts) and 'interrupted'. */
  | { readonly kind: 'interrupt'; readonly cells: readonly string[] }
  /** What ran on the main thread was ended in the middle. */
  | { readonly kind: 'terminated'; readonly cells: readonly string[] }
  | { readonly kind: 'shutdown'; readonly restart: boolean }
  /** The answer to an 'ask' with this id; undefined where its client cannot be reached. */
  | { readonly kind: 'reply'; readonly id: number; readonly value: string | undefined }
  | { readonly kind: 'subshell'; readonly id: string; readonly exists: boolean };

/** Output or a status on iopub. Without a parent it belongs to no request. */
export interface Publication {
  readonly kind: 'publish';
  readonly parent: Partial<Header> | undefined;
  readonly type: string;
  readonly content: Content;
  readonly metadata?: Content | undefined;
  readonly buffers?: readonly Uint8Array[] | undefined;
}

export interface Reply {
  readonly kind: 'reply';
  readonly request: Pick<Message, 'channel' | 'identities' | 'header'>;
  readonly content: Content;
  readonly metadata?: Content | undefined;
  readonly buffers?: readonly Uint8Array[] | undefined;
}

/** A question to the reader of the notebook who sent a request. */
export interface Ask {
  readonly kind: 'ask';
  readonly id: number;
  readonly request: Pick<Message, 'identities' | 'header'>;
  readonly prompt: string;
  readonly password: boolean;
  /** Where a blocked main thread waits: the answer goes to `port`, and `signal` wakes it (see ask.ts). */
  readonly wait?: { readonly port: MessagePort; readonly signal: Int32Array } | undefined;
}

export type FromMain =
  | Publication
  | Reply
  | Ask
  /** Acknowledges 'interrupt'. */
  | { readonly kind: 'interrupted' }
  /** A cell starts or has ended; native output is shown under the latest one. */
  | { readonly kind: 'cell'; readonly running: boolean; readonly parent: Header }
  /** A process that runs beside the cells has been started, or has ended. */
  | { readonly kind: 'child'; readonly id: number; readonly running: boolean }
  /** A cell for the history: when it begins, and once more with its result's text. */
  | {
      readonly kind: 'executed';
      readonly line: number;
      readonly code: string;
      readonly output?: string | undefined;
    }
  /** Publish what native code has written up to now, before anything that is posted later. */
  | { readonly kind: 'drain' }
  /** Main has nothing more to say: the sockets are closed. */
  | { readonly kind: 'closed' };

/** What a waiting main thread gets: the answer, or the word that it is interrupted, or that nobody is there. */
export type SyncAnswer =
  { readonly value: string } | { readonly interrupted: true } | { readonly unreachable: true };

/** What the language thread does for the protocol. Positions are UTF-16 indices. */
export interface LanguageMethods {
  complete(code: string, position: number): Completions;
  inspect(code: string, position: number, detail: 0 | 1): MimeBundle | undefined;
  isComplete(code: string): { status: 'complete' | 'incomplete' | 'invalid' | 'unknown'; indent?: string };
}

export interface Completions {
  readonly start: number;
  readonly end: number;
  readonly matches: readonly string[];
  readonly types?: readonly { readonly text: string; readonly type: string; readonly signature?: string }[];
}
