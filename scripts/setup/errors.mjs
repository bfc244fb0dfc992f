// @ts-check

/** Something that TensorFlow needs is not there, or did not work: the slower engine takes over. */
export class NotAvailable extends Error {
  /** @override @type {string} */
  name = 'NotAvailable';
}

/** The user asked for something that does not exist or cannot be done: nothing takes its place. */
export class WrongUse extends Error {
  /** @override @type {string} */
  name = 'WrongUse';

  /**
   * @param {string} message
   * @param {1 | 2} [status] exit status: 2, or 1 where the wish was right and could not be fulfilled
   */
  constructor(message, status = 2) {
    super(message);
    this.status = status;
  }
}

/**
 * What a failed step means to the user, as one of the two errors above. Errors of the file system are put into
 * words; anything else is a mistake of the program and stays as it is.
 *
 * @param {unknown} error
 * @param {string} folder where the set-up was writing
 * @returns {unknown}
 */
export function inWords(error, folder) {
  if (error instanceof NotAvailable || error instanceof WrongUse) return error;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new NotAvailable(
      `the disk of ${folder} is full; free some space there, or name a folder on another disk in MSL_CACHE`,
    );
  }
  if (typeof code === 'string' && error instanceof Error && 'syscall' in error) {
    return new NotAvailable(`the set-up could not go on in ${folder}: ${error.message}`);
  }
  return error;
}

/** What the file system would have thrown: a program that was run said so in its own words. */
export function diskFull() {
  return Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
}
