/**
 * State that the kernel changes for a while. `finally` blocks are passed over where code is ended from outside
 * (wire/termination.ts); what is registered here is put back all the same.
 */

const pending = new Set<() => void>();

/** Registers what puts a state back; the function that is returned does so, once. */
export function restorable(restore: () => void): () => void {
  pending.add(restore);
  return () => {
    if (pending.delete(restore)) restore();
  };
}

/** Runs synchronous work and puts a state back, however the work ends. */
export function restoring<T>(restore: () => void, work: () => T): T {
  const done = restorable(restore);
  try {
    return work();
  } finally {
    done();
  }
}

/** Code was ended from outside: puts everything back, what was changed last first. */
export function restoreAll(): void {
  for (const restore of [...pending].reverse()) {
    pending.delete(restore);
    restore();
  }
}
