/** Why a file could not be read, in words that go on after `cannot be read: `; the system's own where there are none of ours. */
export function unreadable(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EISDIR':
      return 'it is a folder, where a file should be';
    case 'ENOTDIR':
      return 'what should be its folder is a file';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    case 'ELOOP':
      return 'it is a link that leads nowhere';
    default:
      return message;
  }
}
