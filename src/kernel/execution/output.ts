import type { MimeBundle } from '../mimeBundle.ts';
import { DISPLAYED, sendable } from '../sendable.ts';
import { LONGEST_STREAM } from '../longestStream.ts';
import { setImmediate } from './clock.ts';
import { withoutKernel } from './errors.ts';

export type Publish = (type: string, content: Readonly<Record<string, unknown>>) => void;

/** A stream message is sent at the latest when it has grown to {@link LONGEST_STREAM}, or, in a loop that never gives way, when it has waited for so long, in milliseconds. */
const LONGEST_WAIT = 50;
/**
 * So many writes in a turn of the event loop are sent each by itself, and later ones that come after a pause: what is said
 * before a long computation is read while it runs. The thread of the sockets joins them (wire/joinedStream.ts).
 */
const SENT_ALONE = 100;

export interface CellOutputOptions {
  /** Whether whoever gets it joins pieces of a stream; default false. */
  readonly joined?: boolean;
}

/** What a cell puts out, in order. */
export class CellOutput {
  private pending: { readonly name: string; text: string } | undefined;
  private since = 0;
  private readonly publish: Publish;
  private readonly joined: boolean;
  /** Writes in this turn of the event loop, and when the last was sent. */
  private writes = 0;
  private sent = -Infinity;

  constructor(publish: Publish, { joined = false }: CellOutputOptions = {}) {
    this.publish = publish;
    this.joined = joined;
  }

  /** Adds to a stream; of many writes about one message per turn of the event loop, instead of one per console.log. */
  write(name: 'stdout' | 'stderr', text: string): void {
    if (this.joined && this.goesAlone()) {
      this.flush();
      this.publishStream({ name, text: withoutKernel(text) });
      return;
    }
    if (this.pending?.name !== name) this.flush();
    if (!this.pending) {
      this.pending = { name, text: '' };
      this.since = performance.now();
      setImmediate(() => {
        this.flush();
      });
    }
    this.pending.text += withoutKernel(text);
    if (this.pending.text.length > LONGEST_STREAM || performance.now() - this.since > LONGEST_WAIT) {
      this.flush();
    }
  }

  flush(): void {
    if (!this.pending) return;
    const { pending } = this;
    this.pending = undefined;
    this.publishStream(pending);
  }

  private goesAlone(): boolean {
    if (this.writes === 0) {
      setImmediate(() => {
        this.writes = 0;
      });
    }
    this.writes++;
    return this.writes <= SENT_ALONE || performance.now() - this.sent > LONGEST_WAIT;
  }

  private publishStream(piece: { readonly name: string; readonly text: string }): void {
    this.sent = performance.now();
    this.publish('stream', { ...piece });
  }

  /** Any other output; what the streams hold comes before it. */
  send(type: string, content: Readonly<Record<string, unknown>>): void {
    this.flush();
    if (content['data'] === undefined) {
      this.publish(type, content);
      return;
    }
    const sent = sendable(content, DISPLAYED);
    const data = sent['data'] as MimeBundle;
    const plain = data['text/plain'];
    const shown = typeof plain === 'string' ? { ...data, 'text/plain': withoutKernel(plain) } : data;
    this.publish(type, { ...sent, data: shown });
  }
}

const endGroup = console.groupEnd.bind(console);
/** More groups within each other are not opened; ending one that is not there does nothing. */
const MOST_GROUPS = 1000;

/** Ends the groups of `console` that a cell has left open, where it failed, say: they would indent all later output. */
export function endGroups(): void {
  for (let i = 0; i < MOST_GROUPS; i++) endGroup();
}
