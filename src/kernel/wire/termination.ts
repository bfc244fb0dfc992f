/**
 * What Node has to be told before its code is ended from outside. `finally` blocks are passed over then, those of
 * Node's own event loop too; three of its states would be left half done (seen on Node 20, 22 and 24, whose code this
 * follows: `processImmediate` in lib/internal/timers.js, `onGlobalUncaughtException` in
 * lib/internal/process/execution.js).
 *
 * - The stack of asynchronous contexts: what the running turn has put there is not taken off, and Node aborts the
 *   process when it finds it. Only what Node does after an uncaught exception that was handled empties it.
 * - The immediates that wait behind a first one that is ended: Node has taken them out of its queue and forgets them,
 *   but still counts them, so that the event loop spins. They are put back into the queue.
 * - An immediate that is ended and is not the first: Node meets it again and fails for ever, since it is marked as
 *   done. It is made one that does nothing. Node will count it as done a second time, which an immediate makes up for
 *   that was counted and never runs.
 *
 * Where the code ends by itself before, nothing of this does harm.
 */
function prepare(): void {
  interface Immediate {
    _idlePrev: Immediate | null;
    _idleNext: Immediate | null;
    _destroyed: boolean;
    _onImmediate: unknown;
    _argv: unknown;
    unref(): void;
  }
  const { process } = globalThis as unknown as {
    process: {
      getBuiltinModule(name: string): {
        executionAsyncResource(): unknown;
        setImmediate(run: () => void): unknown;
      };
      hasUncaughtExceptionCaptureCallback(): boolean;
      setUncaughtExceptionCaptureCallback(run: (() => void) | null): void;
      _fatalException(error: Error): void;
    };
  };
  const nothing = (): void => undefined;
  const queued = (): Immediate => process.getBuiltinModule('timers').setImmediate(nothing) as Immediate;
  const link = (before: Immediate, after: Immediate): void => {
    before._idleNext = after;
    after._idlePrev = before;
  };

  const current = process.getBuiltinModule('async_hooks').executionAsyncResource() as
    Partial<Immediate> | undefined;
  if (current?._destroyed === true && typeof current._onImmediate === 'function') {
    const immediate = current as Immediate;
    const next = immediate._idleNext;
    if (immediate._idlePrev) {
      const [before, counted, after] = [queued(), queued(), queued()] as const;
      link(before, after);
      counted.unref();
      Object.assign(immediate, { _destroyed: false, _onImmediate: nothing, _argv: undefined });
    } else if (next) {
      let last = next;
      while (last._idleNext) last = last._idleNext;
      const [before, after] = [queued(), queued()] as const;
      link(before, next);
      link(last, after);
      immediate._idleNext = null;
    }
  }

  const free = !process.hasUncaughtExceptionCaptureCallback();
  if (free) process.setUncaughtExceptionCaptureCallback(nothing);
  try {
    process._fatalException(Object.assign(new Error('interrupted'), { isTermination: true }));
  } finally {
    if (free) process.setUncaughtExceptionCaptureCallback(null);
  }
}

/** An expression for the main thread's inspector. */
export const BEFORE_TERMINATION = `(${prepare.toString()})()`;
