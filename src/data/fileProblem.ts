import { UserError } from '../engine/errors.ts';

/** The system's error code of a failed file operation, e.g. `ENOENT`; `undefined` for any other value. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

const DENIED =
  'may not be accessed: permission denied. Change its permissions, or name another folder; MSL_DATA names that of the data sets.';

const IS_FOLDER = 'is a folder, where a file should be. Move it away.';

const EXPLANATIONS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist. Fetch the data set again, or name the folder that holds all of its files.',
  EACCES: DENIED,
  EPERM: DENIED,
  EROFS: 'lies on a read-only file system. Name another folder with --dir or MSL_DATA.',
  ENOSPC:
    'could not be written: the disk is full. Free some space, or name another folder with --dir or MSL_DATA.',
  EDQUOT:
    'could not be written: the quota is used up. Free some space, or name another folder with --dir or MSL_DATA.',
  ENOTDIR: 'is a file, or lies below one, where a folder should be. Name another folder.',
  EISDIR: IS_FOLDER,
};

/**
 * What to throw for a failed file operation: a sentence with path and remedy where the user can do something about
 * it, else the error itself.
 */
export function fileProblem(error: unknown, path: string): unknown {
  const explanation = EXPLANATIONS[systemCode(error) ?? ''];
  return explanation === undefined ? error : new UserError(`${path} ${explanation}`, { cause: error });
}

/** What to throw for a folder that was opened as a file, before it is read: until then the system has no error for it. */
export function folderProblem(path: string): UserError {
  return new UserError(`${path} ${IS_FOLDER}`);
}
