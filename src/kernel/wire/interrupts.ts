/** Stopping what the main thread runs, seen from the sockets thread. */
import { Session } from 'node:inspector';

import { interruptChildren } from './children.ts';
import type { Header } from './messages.ts';
import { INTERRUPT, Interrupted, passOn } from './shared.ts';
import { BEFORE_TERMINATION } from './termination.ts';

/**
 * A main thread that runs a cell and has not acknowledged an interrupt by then is blocked by it, in milliseconds: time
 * for a training step to end, after which its loop stops by itself (language/interruptible.ts).
 */
const BLOCKED = 250;

/** The same where no cell runs: it is rather the machine that is slow, or a timer that an earlier cell left. */
const BLOCKED_IDLE = 500;

/** Code that has not been ended by then is native, in milliseconds: it may wait for another process, which is told, */
const WAITING = 350;
/** and by then it is said that it cannot be stopped. */
const NATIVE = 1000;

/** The cells that are meant, by the ids of their requests; one that is sent later is none of them. */
export interface InterruptMessage {
  readonly kind: 'interrupt' | 'terminated';
  readonly cells: readonly string[];
}

export interface Cells {
  /** Those that main has said it runs. */
  readonly running: readonly Header[];
  /** Those that main was handed and has not answered; the one that it runs next may not be told of yet. */
  readonly open: readonly Header[];
}

/**
 * The cells that an interrupt is meant for: those that run, or are about to. Not one that its sender sent only
 * afterwards: two sockets carry the two messages, and either may be faster. So an interrupt of an idle kernel leaves
 * alone what is run next, as in ipykernel, which looks at its control socket before each cell.
 *
 * @param by the interrupt's header; missing for a signal, which means what it finds
 * @returns undefined where it comes too late: what it was sent for has ended
 */
export function cellsMeant({ running, open }: Cells, by: Header | undefined): readonly Header[] | undefined {
  const candidates = running.length > 0 ? running : open;
  const meant = candidates.filter((cell) => by === undefined || !isLater(cell, by));
  return meant.length === 0 && candidates.length > 0 ? undefined : meant;
}

/** Whether a client says that it made one message after another; of two clients, the clocks may differ. */
function isLater(message: Header, than: Header): boolean {
  if (message.session !== than.session) return false;
  const between = Date.parse(message.date) - Date.parse(than.date);
  return between > 0 || (between === 0 && message.date > than.date); // Python writes microseconds
}

export interface InterruptOptions {
  readonly shared: Int32Array;
  /** The processes that main has started and does not wait for. */
  readonly children: ReadonlySet<number>;
  /** Posts to main. */
  readonly post: (message: InterruptMessage) => void;
  /** Called when what runs cannot be stopped. */
  readonly onUnstoppable: () => void;
}

/**
 * One interrupt at a time. Main is asked to stop; where it does not answer, it is blocked in synchronous code, which
 * the inspector ends from outside: loops in libraries too, which have no place of their own to look for a wish.
 */
export class Interrupts {
  private readonly options: InterruptOptions;
  private state: 'none' | 'asked' | 'terminating' = 'none';
  private cells: readonly string[] = [];

  constructor(options: InterruptOptions) {
    this.options = options;
  }

  /**
   * Stops cells, and what else may block main.
   *
   * @param isRunning whether main has said that it runs one
   */
  request(cells: readonly string[], isRunning: boolean): void {
    if (this.state !== 'none') return;
    const { shared, post } = this.options;
    this.state = 'asked';
    this.cells = cells;
    Atomics.store(shared, INTERRUPT, Interrupted.requested);
    post({ kind: 'interrupt', cells: this.cells });
    setTimeout(
      () => {
        if (this.state === 'asked') this.terminate();
      },
      isRunning ? BLOCKED : BLOCKED_IDLE,
    ).unref();
  }

  /** Main has said by message that it is not blocked. */
  acknowledged(): void {
    if (this.state !== 'asked') return;
    this.state = 'none';
    Atomics.store(this.options.shared, INTERRUPT, Interrupted.no);
  }

  private terminate(): void {
    const { shared, post, children, onUnstoppable } = this.options;
    if (!passOn(shared, Interrupted.terminating)) {
      this.acknowledged();
      return;
    }
    this.state = 'terminating';
    const timers = [
      setTimeout(() => {
        interruptChildren(children);
      }, WAITING - BLOCKED).unref(),
      setTimeout(onUnstoppable, NATIVE - BLOCKED).unref(),
    ];
    const session = new Session();
    session.connectToMainThread();
    session.post('Runtime.evaluate', { expression: BEFORE_TERMINATION, silent: true });
    session.post('Runtime.terminateExecution', () => {
      timers.forEach(clearTimeout);
      session.disconnect();
      this.state = 'none';
      Atomics.store(shared, INTERRUPT, Interrupted.no);
      post({ kind: 'terminated', cells: this.cells });
    });
  }
}
