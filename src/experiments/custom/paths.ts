import path from 'node:path';

/** How a file is recorded: from the working directory where it lies below it, else by its absolute path. */
export function recordedPath(file: string): string {
  const relative = path.relative(process.cwd(), path.resolve(file));
  const inside = !relative.startsWith('..') && !path.isAbsolute(relative);
  return (inside ? relative : path.resolve(file)).replaceAll(path.sep, '/');
}
