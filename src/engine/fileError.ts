/**
 * Does something with a file. For a write that failed, on a full disk for instance, the system's error does not say which file
 * it was: here it does.
 */
export function namingFile<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof Error && 'syscall' in error && !('path' in error)) {
      Object.assign(error, { path: file });
      error.message += ` '${file}'`;
    }
    throw error;
  }
}
