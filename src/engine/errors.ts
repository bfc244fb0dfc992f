/**
 * A mistake in what the user asked for or has on disk. The message is complete sentences that name the value,
 * the place and what would be right; the command line prints it without a stack trace.
 */
export class UserError extends Error {
  override readonly name: string = 'UserError';
}

/** A {@link UserError} in the words of the command itself: a name that does not exist, a value out of range. */
export class UsageError extends UserError {}

/** Whether the system refused a file or folder: not there, not allowed, no space left. Its message says what and where. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  const { code, syscall } = error as NodeJS.ErrnoException;
  return error instanceof Error && /^E[A-Z]+$/.test(code ?? '') && typeof syscall === 'string';
}
