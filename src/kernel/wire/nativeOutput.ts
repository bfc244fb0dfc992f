/** What native code and child processes write: the process's own stdout and stderr, which point to files. */
import fs from 'node:fs';
import path from 'node:path';
import { StringDecoder } from 'node:string_decoder';

export type StreamName = 'stdout' | 'stderr';

/** How often a file is looked at, in milliseconds: while it grows, and while nothing happens. */
const EAGER = 50;
const CALM = 250;

/** A file that has been read is emptied from this size on, once it rests for a moment; or at this size in any case. */
const EMPTIED = 1 << 20;
const EMPTIED_GROWING = 1 << 28;

/** A message holds this many bytes at most. */
const CHUNK = 1 << 20;

/** Reads one file as it grows. */
class Tail {
  readonly name: StreamName;
  private readonly file: number;
  private readonly decoder = new StringDecoder('utf8');
  private position = 0;

  constructor(name: StreamName, file: string) {
    this.name = name;
    this.file = fs.openSync(file, fs.constants.O_RDWR | fs.constants.O_APPEND);
  }

  /** Hands over all that is new; whether there was any. */
  read(publish: (name: StreamName, text: string) => void): boolean {
    let grown = false;
    for (;;) {
      const { size } = fs.fstatSync(this.file);
      if (size < this.position) this.position = 0; // emptied by somebody else
      if (size === this.position) break;
      const chunk = Buffer.allocUnsafe(Math.min(CHUNK, size - this.position));
      const count = fs.readSync(this.file, chunk, 0, chunk.length, this.position);
      if (count === 0) break;
      grown = true;
      this.position += count;
      const text = this.decoder.write(chunk.subarray(0, count));
      if (text !== '') publish(this.name, text);
    }
    if (this.position > (grown ? EMPTIED_GROWING : EMPTIED)) this.empty();
    return grown;
  }

  close(): void {
    fs.closeSync(this.file);
  }

  /** Those who write have opened the file for appending: they go on at its new end. */
  private empty(): void {
    fs.ftruncateSync(this.file, 0);
    this.position = 0;
  }
}

/** Publishes what is written to the files, which are removed at once, and their folder with the last of them. */
export class NativeOutput {
  private readonly publish: (name: StreamName, text: string) => void;
  private tails: Tail[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(
    files: Readonly<Partial<Record<StreamName, string>>>,
    publish: (name: StreamName, text: string) => void,
  ) {
    this.publish = publish;
    for (const name of ['stdout', 'stderr'] as const) {
      const file = files[name];
      if (file !== undefined) this.open(name, file);
    }
    if (this.tails.length > 0) this.look();
  }

  /** Publishes everything up to now. */
  drain(): boolean {
    let grown = false;
    for (const tail of this.tails) {
      try {
        grown = tail.read(this.publish) || grown;
      } catch {
        // A file that cannot be read now: the kernel goes on, and it is tried again.
      }
    }
    return grown;
  }

  close(): void {
    clearTimeout(this.timer);
    for (const tail of this.tails) tail.close();
    this.tails = [];
  }

  private open(name: StreamName, file: string): void {
    try {
      this.tails.push(new Tail(name, file));
    } catch (error) {
      this.publish('stderr', `output of native code is not shown: ${String(error)}\n`);
      return;
    }
    try {
      // Those who have it open keep it: nothing is left of it, however the process ends.
      fs.rmSync(file);
      fs.rmdirSync(path.dirname(file));
    } catch {
      // The folder holds the other one still; or neither can be removed, which harms nobody.
    }
  }

  private look(): void {
    this.timer = setTimeout(
      () => {
        this.look();
      },
      this.drain() ? EAGER : CALM,
    );
  }
}
