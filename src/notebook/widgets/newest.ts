/**
 * The values that `subscribe` hands over, as they come. A slow reader gets the newest only. Ends when `closed`
 * is told.
 */
export async function* newest<T>(
  subscribe: (next: (value: T) => void, end: () => void) => () => void,
): AsyncGenerator<T, void, undefined> {
  let waiting: { readonly value: T } | undefined;
  let ended = false;
  let wake: () => void = () => undefined;
  const unsubscribe = subscribe(
    (value) => {
      waiting = { value };
      wake();
    },
    () => {
      ended = true;
      wake();
    },
  );
  // Both change while the loop below waits, which the compiler cannot know.
  const next = () => waiting;
  const over = () => ended;
  try {
    for (;;) {
      const arrived = next();
      waiting = undefined;
      if (arrived) yield arrived.value;
      else if (over()) return;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    unsubscribe();
  }
}
