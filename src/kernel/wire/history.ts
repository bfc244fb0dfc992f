/** Answers to history_request: earlier cells of this kernel and of the others that share its file. */
import { randomUUID } from 'node:crypto';

import { glob } from './glob.ts';
import { HistoryFile, KEPT, type Entry } from './historyFile.ts';
import type { Content } from './messages.ts';
import { optional, required, RequestError } from './requests.ts';

/** The number of a session, a cell's line in it, and its code, or code and output. */
type Item = [session: number, line: number, input: string | [string, string | null]];

/** An entry with the number of its session. */
interface Numbered {
  readonly number: number;
  readonly entry: Entry;
}

/** How many entries are given where the request does not say. */
const DEFAULT_COUNT = 1000;

export class History {
  private readonly session = randomUUID();
  private readonly file: HistoryFile | undefined;
  /** What this kernel has run, also where the file cannot be written. */
  private own: Entry[] = [];

  /** Without a file, the history ends with the kernel. */
  constructor(file?: string) {
    this.file = file === undefined ? undefined : new HistoryFile(file);
  }

  /** Adds a cell when it begins; once more, with its output, where it has a result. */
  add(line: number, code: string, output?: string): void {
    const begun = this.own.findLastIndex((entry) => entry.line === line);
    const time = this.own[begun]?.time ?? Date.now();
    const entry: Entry = { session: this.session, time, line, code, output };
    if (begun < 0) this.own.push(entry);
    else this.own[begun] = entry;
    if (this.own.length >= 2 * KEPT) this.own = this.own.slice(-KEPT);
    this.file?.append(entry);
  }

  /** The `history` of a reply to a request's content; a `RequestError` where that asks for nothing known. */
  answer(content: Content): Item[] {
    const type = required(content, 'hist_access_type', 'string');
    const withOutput = optional(content, 'output', 'boolean', false);
    // Cells are kept as they were written; what they are converted to is not ("raw": false has no other form).
    optional(content, 'raw', 'boolean', true);
    const items = this.select(type, content);
    return items.map(({ number, entry }) => [
      number,
      entry.line,
      withOutput ? [entry.code, entry.output ?? null] : entry.code,
    ]);
  }

  private select(type: string, content: Content): Numbered[] {
    if (type === 'range') return this.range(content);
    const count = Math.max(0, optional(content, 'n', 'integer', DEFAULT_COUNT));
    const newest = (items: Numbered[]) => (count === 0 ? [] : items.slice(-count));
    if (type === 'tail') return newest(this.all());
    if (type === 'search') {
      const matches = glob(optional(content, 'pattern', 'string', '*'));
      const found = this.all().filter(({ entry }) => matches(entry.code));
      if (!optional(content, 'unique', 'boolean', false)) return newest(found);
      const latest = new Map(found.map((item) => [item.entry.code, item]));
      return newest(found.filter((item) => latest.get(item.entry.code) === item));
    }
    throw new RequestError(`hist_access_type has to be range, tail or search: ${type.slice(0, 60)}`);
  }

  /** Session 0 is this kernel's, -1 the one before it; others have numbers as they come in a reply. */
  private range(content: Content): Numbered[] {
    const session = optional(content, 'session', 'integer', 0);
    const start = optional(content, 'start', 'integer', 1);
    const stop = optional(content, 'stop', 'integer', undefined);
    const all = this.all();
    const current = this.numberIn(all);
    const wanted = session > 0 ? session : current + session;
    const items = all.filter(({ number }) => number === wanted);
    const end = (items.at(-1)?.entry.line ?? 0) + 1;
    const from = start < 0 ? end + start : start;
    const to = stop === undefined || stop === 0 ? end : stop < 0 ? end + stop : stop;
    const inRange = items.filter(({ entry }) => from <= entry.line && entry.line < to);
    return session === 0 ? inRange.map(({ entry }) => ({ number: 0, entry })) : inRange;
  }

  /**
   * All entries, oldest first; those of one millisecond as they stand in the file, so that all kernels that share it
   * see one order. Sessions are numbered in the order in which their first entries came.
   */
  private all(): Numbered[] {
    const shared = this.file?.read() ?? [];
    const written = new Set(shared.filter(({ session }) => session === this.session).map(({ line }) => line));
    const unwritten = this.own.filter(({ line }) => !written.has(line));
    const entries = [...shared, ...unwritten].sort((a, b) => a.time - b.time);
    const numbers = new Map<string, number>();
    return entries.map((entry) => {
      const number = numbers.get(entry.session) ?? numbers.size + 1;
      numbers.set(entry.session, number);
      return { number, entry };
    });
  }

  private numberIn(all: readonly Numbered[]): number {
    const own = all.find(({ entry }) => entry.session === this.session);
    return own?.number ?? all.reduce((highest, { number }) => Math.max(highest, number), 0) + 1;
  }
}
