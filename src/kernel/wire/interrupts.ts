/** Stopping what the main thread runs, seen from the sockets thread. */
import { Session } from 'node:inspector';

import { interruptChildren } from './children.ts';
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

/** The cells that are meant: those that ran when the interrupt came, none where it is not known. */
export interface InterruptMessage {
  readonly kind: 'interrupt' | 'terminated';
  readonly cells: readonly string[];
}

export interface InterruptOptions {
  readonly shared: Int32Array;
  /** The cells that main runs, by the ids of their requests. */
  readonly running: () => readonly string[];
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

  request(): void {
    if (this.state !== 'none') return;
    const { shared, post, running } = this.options;
    this.state = 'asked';
    this.cells = running();
    Atomics.store(shared, INTERRUPT, Interrupted.requested);
    post({ kind: 'interrupt', cells: this.cells });
    setTimeout(
      () => {
        if (this.state === 'asked') this.terminate();
      },
      this.cells.length > 0 ? BLOCKED : BLOCKED_IDLE,
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
