/**
 * A mistake in what the user asked for or has on disk. The message is complete sentences that name the value,
 * the place and what would be right; the command line prints it without a stack trace.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
}
