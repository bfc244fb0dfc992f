/** What a source of values says. */
export interface Receiver<T> {
  readonly next: (value: T) => void;
  readonly end: () => void;
  readonly fail: (error: unknown) => void;
}

/** The values of a source, as they come; a slow reader gets the newest only. `subscribe` returns what ends it. */
export async function* newest<T>(
  subscribe: (receiver: Receiver<T>) => () => void,
): AsyncGenerator<T, void, undefined> {
  let waiting: { readonly value: T } | undefined;
  let over: { readonly error?: unknown } | undefined;
  let wake: () => void = () => undefined;
  const unsubscribe = subscribe({
    next: (value) => {
      waiting = { value };
      wake();
    },
    end: () => {
      over ??= {};
      wake();
    },
    fail: (error) => {
      over ??= { error };
      wake();
    },
  });
  // Both change while the loop below waits, which the compiler cannot know.
  const take = () => [waiting, over] as const;
  try {
    for (;;) {
      const [arrived, ended] = take();
      waiting = undefined;
      if (ended && 'error' in ended) throw ended.error;
      if (arrived) yield arrived.value;
      else if (ended) return;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    unsubscribe();
  }
}
