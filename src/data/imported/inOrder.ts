/**
 * The results of `work` on each item, in the items' order, while work on up to `ahead` of them goes on at once. No
 * further item is begun before a result has been taken, so no more than `ahead` results wait in memory. After an
 * error, or when the caller stops, work that has begun is awaited and nothing more is begun.
 */
export async function* inOrder<T, R>(
  items: Iterable<T>,
  ahead: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R, void, undefined> {
  const running: Promise<R>[] = [];
  try {
    for (const item of items) {
      if (running.length >= ahead) yield await running.shift()!;
      const next = work(item);
      // Its error is thrown in its turn; until then it is not an unhandled one.
      next.catch(() => undefined);
      running.push(next);
    }
    for (let next = running.shift(); next !== undefined; next = running.shift()) yield await next;
  } finally {
    await Promise.allSettled(running);
  }
}
