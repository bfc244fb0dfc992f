import { StringDecoder } from 'node:string_decoder';

import type { Content } from './messages.ts';

/** Representations of one thing by media type; a client shows the richest that it can. */
export type MimeBundle = Readonly<Record<string, unknown>>;

export type Publish = (type: string, content: Content) => void;

/** A stream message is sent at the latest when it has grown to this many characters. */
const LONGEST_MESSAGE = 1 << 20;

/** What a cell puts out, in order. */
export class CellOutput {
  private pending: { readonly name: string; text: string } | undefined;
  private readonly publish: Publish;

  constructor(publish: Publish) {
    this.publish = publish;
  }

  /** Adds to a stream; one message per turn of the event loop, instead of one per console.log. */
  write(name: 'stdout' | 'stderr', text: string): void {
    if (this.pending?.name !== name) this.flush();
    if (!this.pending) {
      this.pending = { name, text: '' };
      setImmediate(() => {
        this.flush();
      });
    }
    this.pending.text += text;
    if (this.pending.text.length > LONGEST_MESSAGE) this.flush();
  }

  flush(): void {
    if (!this.pending) return;
    const { pending } = this;
    this.pending = undefined;
    this.publish('stream', { ...pending });
  }

  /** Any other output; what the streams hold comes before it. */
  send(type: string, content: Content): void {
    this.flush();
    this.publish(type, content);
  }
}

/** Sends what the process writes to the output of the current cell. */
export function captureStreams(current: () => CellOutput | undefined): void {
  for (const name of ['stdout', 'stderr'] as const) {
    const decoder = new StringDecoder('utf8');
    const write = (
      chunk: string | Uint8Array,
      encoding?: BufferEncoding | ((error?: Error) => void),
      done?: (error?: Error) => void,
    ): boolean => {
      const text = typeof chunk === 'string' ? chunk : decoder.write(Buffer.from(chunk));
      if (text !== '') current()?.write(name, text);
      const callback = typeof encoding === 'function' ? encoding : done;
      if (callback) process.nextTick(callback);
      return true;
    };
    process[name].write = write;
  }
}
