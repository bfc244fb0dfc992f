import { notebookKernel } from '../kernel.ts';

const DISPLAY = Symbol.for('Jupyter.display');

/** Who listens to something. What a listener prints appears under the cell that added it. */
export class Listeners<Args extends unknown[]> {
  private readonly all = new Set<(...args: Args) => unknown>();

  /** Returns what removes the listener again. */
  add(listener: (...args: Args) => unknown): () => void {
    const own = (...args: Args) => listener(...args); // added twice, it is called twice
    const bound = notebookKernel()?.bind?.(own) ?? own;
    this.all.add(bound);
    const remove = (): void => {
      this.all.delete(bound);
    };
    // A cell often ends with adding a listener: nothing is to be seen of that.
    return Object.assign(remove, { [DISPLAY]: () => ({}) });
  }

  /** Calls all of them at once, though some may fail; rejects, when all have ended, if any did. */
  async call(...args: Args): Promise<void> {
    // A promise's constructor turns what is thrown into a rejection.
    const called = [...this.all].map(
      (listener) =>
        new Promise((resolve) => {
          resolve(listener(...args));
        }),
    );
    const ends = await Promise.allSettled(called);
    const errors = ends.filter((end) => end.status === 'rejected').map((end): unknown => end.reason);
    if (errors.length > 1) throw new AggregateError(errors, `${errors.length} listeners failed`);
    if (errors.length === 1) throw errors[0];
  }
}
