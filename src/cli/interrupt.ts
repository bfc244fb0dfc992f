/** Ctrl-C or SIGTERM stopped the command; what was recorded stays. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';

  constructor() {
    super('interrupted');
  }
}

/** Exit status after Ctrl-C, as shells have it: 128 + SIGINT. */
export const INTERRUPTED_STATUS = 130;

/**
 * Runs `body` with a signal that Ctrl-C and SIGTERM abort. A second one ends the process at once; records are
 * written so that this loses no more than the current epoch.
 */
export async function interruptible<T>(body: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const stop = () => {
    if (controller.signal.aborted) process.exit(INTERRUPTED_STATUS);
    controller.abort(new Interrupted());
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    return await body(controller.signal);
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}
