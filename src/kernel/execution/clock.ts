/** The timers as they were at the start: the reader's code may replace the global ones, as tests with fake timers do. */
export const { setTimeout, setImmediate } = globalThis;

export const wait = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });

/** Resolves in the next turn of the event loop. */
export const nextTurn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });
