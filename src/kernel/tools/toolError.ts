/** Something that the user has to do otherwise. */
export class ToolError extends Error {
  override readonly name = 'ToolError';
  readonly status: 1 | 2;

  /** @param status the exit status: 2 for wrong usage */
  constructor(message: string, status: 1 | 2 = 1) {
    super(message);
    this.status = status;
  }
}
