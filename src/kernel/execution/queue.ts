import { wait } from './clock.ts';

/** After a failure, cells that were sent with it but have not arrived yet get this long, in milliseconds. */
const STRAGGLERS = 50;

/** How a cell of the queue went. */
export interface Ran {
  /** Abort the cells that were sent together with this one. */
  readonly abortOthers: boolean;
  /** Answers the client; called after the others were marked. */
  readonly reply: () => void;
}

/**
 * Runs cells one by one, though "Run All" sends them at once. What was already waiting when a cell failed is
 * aborted; what a client sends after seeing that is run.
 */
export class Queue {
  private last: Promise<void> = Promise.resolve();
  private batch = { failed: false };

  /** @param failed answers the client where that could not be done by the others; the next cell runs all the same */
  add(run: () => Promise<Ran>, abort: () => void, failed: (error: unknown) => void): void {
    const { batch } = this;
    const turn = async (): Promise<void> => {
      if (batch.failed) {
        abort();
        return;
      }
      const { abortOthers, reply } = await run();
      if (abortOthers) {
        await wait(STRAGGLERS);
        this.batch.failed = true;
        this.batch = { failed: false };
      }
      reply();
    };
    this.last = this.last.then(turn).catch(failed);
  }
}
