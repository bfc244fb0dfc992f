/** Ctrl-C, SIGTERM or a limit of time stopped the command; what was recorded stays. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';

  /** @param reason the beginning of the sentence that says so */
  constructor(reason = 'Stopped') {
    super(reason);
  }
}

/** Exit status after Ctrl-C, as shells have it: 128 + SIGINT. */
export const INTERRUPTED_STATUS = 130;

/** The longest time that a timer of Node waits, milliseconds; one of more ends at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** What a command does between its pieces of work: says how long the next one takes, and is stopped where it does not fit. */
export type BeforeNext = (seconds: number) => void;

/**
 * Runs `body` with a signal that Ctrl-C and SIGTERM abort, and a limit of time. A second Ctrl-C ends the process at once;
 * records are written so that this loses no more than the current epoch.
 *
 * @param maxTime seconds; default: no limit
 */
export async function interruptible<T>(
  body: (signal: AbortSignal, beforeNext: BeforeNext) => Promise<T>,
  { maxTime }: { readonly maxTime?: number | undefined } = {},
): Promise<T> {
  const controller = new AbortController();
  const stop = () => {
    if (controller.signal.aborted) process.exit(INTERRUPTED_STATUS);
    controller.abort(new Interrupted());
  };
  const timeIsUp = () => {
    controller.abort(new Interrupted('Stopped, as the time of --max-time is up'));
  };
  // Of the process, which does not go back as the time of day may.
  const left = () => (maxTime ?? Infinity) - performance.now() / 1000;
  let timer: NodeJS.Timeout | undefined;
  const wait = (): void => {
    timer = setTimeout(
      () => {
        if (left() > 0) wait();
        else timeIsUp();
      },
      Math.min(LONGEST_TIMER, 1000 * left()),
    );
  };
  if (maxTime !== undefined) wait();
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    return await body(controller.signal, (seconds) => {
      if (seconds > left()) timeIsUp();
    });
  } finally {
    clearTimeout(timer);
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}
