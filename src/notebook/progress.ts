import type { Progress } from '../engine/progress.ts';
import { notebookKernel, type BarReport } from './kernel.ts';

/** Outside a notebook a line is printed at most this often, in milliseconds. */
const LINE_INTERVAL = 5000;

/** Reports are made at most this often, in milliseconds; the kernel draws up to 10 a second. */
const REPORT_INTERVAL = 50;

/** The clock is looked at once in at most so many items: reading it takes longer than a short loop's own work. */
const LONGEST_STRIDE = 16;

/**
 * A progress bar under the running cell, updated in place by the reports that it is given; pass it as the option
 * `progress` of whatever takes its time. Outside a notebook it prints a line now and then, and one at the end.
 *
 * @example await runStudy({ runs, progress: progressBar() })
 */
export function progressBar(): Progress {
  return notebookKernel()?.progress() ?? progressLines();
}

export interface ProgressOptions {
  /** What is being done; default nothing. */
  readonly label?: string;
  /** How many items there are, where `items` does not know its `length` or `size`. */
  readonly total?: number;
}

/** Items that are counted while they are gone through. */
interface Counted {
  /** A few words on the state beside the bar, e.g. `loss 1.23`. */
  note: string | undefined;
}

/**
 * Goes through items with a progress bar under the running cell: how many are done, and how much time is left.
 * Bars of loops within the loop stand below it while they run. A loop that is left by `break` or an error is marked
 * as stopped. A notebook that is executed without a reader gets one line; outside notebooks lines are printed now
 * and then, and one at the end.
 *
 * @example
 * const epochs = progress(range(10), { label: 'train' });
 * for (const epoch of epochs) epochs.note = `loss ${await step(epoch)}`;
 * for await (const batch of progress(batches, { total: 80 })) ...
 */
export function progress<T>(items: Iterable<T>, options?: ProgressOptions): Iterable<T> & Counted;
export function progress<T>(items: AsyncIterable<T>, options?: ProgressOptions): AsyncIterable<T> & Counted;
export function progress<T>(
  items: Iterable<T> | AsyncIterable<T>,
  options: ProgressOptions = {},
): (Iterable<T> | AsyncIterable<T>) & Counted {
  const loop: Counted = { note: undefined };
  const count = (): Counter => new Counter(options, options.total ?? sizeOf(items), loop);
  if (isAsync(items)) {
    return Object.assign(loop, {
      [Symbol.asyncIterator]: () => countAsync(items[Symbol.asyncIterator](), count()),
    });
  }
  return Object.assign(loop, { [Symbol.iterator]: () => countSync(items[Symbol.iterator](), count()) });
}

const isAsync = <T>(items: Iterable<T> | AsyncIterable<T>): items is AsyncIterable<T> =>
  typeof items === 'object' && Symbol.asyncIterator in items;

/** Counts items, and reports now and then. */
class Counter {
  /** The item that looks at the clock; items are compared with it in the iterators, which is cheaper than a call. */
  due = 1;
  private stride = 1;
  private looked: number;
  private reported: number;
  private over = false;
  private readonly bar: (report: BarReport) => void;
  private readonly fixed: { readonly label: string; readonly total?: number };
  private readonly loop: Counted;

  constructor({ label = '' }: ProgressOptions, total: number | undefined, loop: Counted) {
    this.loop = loop;
    this.fixed = { label, ...(total === undefined ? {} : { total }) };
    this.bar = notebookKernel()?.progress({ nest: true }) ?? loopLines();
    this.looked = this.reported = performance.now();
    this.report(0);
  }

  look(done: number): void {
    const now = performance.now();
    // Items that take longer than a millisecond can afford it every time.
    this.stride = now - this.looked < 1 ? Math.min(LONGEST_STRIDE, this.stride * 2) : 1;
    this.looked = now;
    this.due = done + this.stride;
    if (now - this.reported < REPORT_INTERVAL) return;
    this.reported = now;
    this.report(done);
  }

  end(done: number, ended: 'done' | 'stopped'): void {
    if (this.over) return;
    this.over = true;
    this.report(done, ended);
  }

  private report(done: number, ended?: 'done' | 'stopped'): void {
    const { note } = this.loop;
    this.bar({
      ...this.fixed,
      done,
      ...(note === undefined ? {} : { note }),
      ...(ended === undefined ? {} : { ended }),
    });
  }
}

/** The next item is asked for when the one before is done. */
function countSync<T>(items: Iterator<T>, counter: Counter): IterableIterator<T> {
  let asked = 0;
  return {
    [Symbol.iterator]() {
      return this;
    },
    next() {
      if (asked >= counter.due) counter.look(asked);
      let result;
      try {
        result = items.next();
      } catch (error) {
        counter.end(asked, 'stopped');
        throw error;
      }
      if (result.done === true) counter.end(asked, 'done');
      else asked++;
      return result;
    },
    return(value?: unknown) {
      counter.end(Math.max(0, asked - 1), 'stopped');
      return items.return?.(value) ?? { done: true, value };
    },
  };
}

/** Without async functions, which take twice as long for each item. */
function countAsync<T>(items: AsyncIterator<T>, counter: Counter): AsyncIterableIterator<T> {
  let asked = 0;
  const come = (result: IteratorResult<T>): IteratorResult<T> => {
    if (result.done === true) counter.end(asked, 'done');
    else asked++;
    return result;
  };
  const failed = (error: unknown): never => {
    counter.end(asked, 'stopped');
    throw error;
  };
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next() {
      if (asked >= counter.due) counter.look(asked);
      return items.next().then(come, failed);
    },
    async return(value?: unknown) {
      counter.end(Math.max(0, asked - 1), 'stopped');
      return (await items.return?.(value)) ?? { done: true, value };
    },
  };
}

function sizeOf(items: object): number | undefined {
  const { length, size } = items as { length?: unknown; size?: unknown };
  const known = length ?? size;
  return typeof known === 'number' ? known : undefined;
}

/** How many loops that print lines have not ended. One that was left without `return` never does. */
let loops = 0;

/** A loop says its end, once; one within others only where it took so long that it has lines. */
function loopLines(): (report: BarReport) => void {
  const nested = loops++ > 0;
  const began = performance.now();
  const print = lines();
  return (report) => {
    const { ended, done, total } = report;
    if (ended === undefined) {
      if (done !== total) print(report, false); // else the end follows
      return;
    }
    loops--;
    const short = performance.now() - began < LINE_INTERVAL;
    if (ended === 'stopped' || !nested || !short) print(report, true);
  };
}

function progressLines(): Progress {
  const print = lines();
  return (report) => {
    print(report, report.total !== undefined && report.done >= report.total);
  };
}

/** Prints a report now and then, and one that is to be printed in any case. */
function lines(): (report: BarReport, inAnyCase: boolean) => void {
  let last = performance.now();
  return ({ label, done, total, unit, note, ended }, inAnyCase) => {
    if (!inAnyCase && performance.now() - last < LINE_INTERVAL) return;
    last = performance.now();
    const title = label === '' ? '' : `${label}: `;
    const known = total !== undefined;
    const share = unit === 'share' && known ? `${Math.floor((100 * done) / total)} %` : undefined;
    const amount = share ?? (known ? `${done} of ${total}` : done);
    console.log(
      `${title}${ended === 'stopped' ? 'stopped at ' : ''}${amount}${note === undefined ? '' : ` · ${note}`}`,
    );
  };
}
