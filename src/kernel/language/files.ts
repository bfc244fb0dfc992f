import fs from 'node:fs';

import ts from 'typescript';

function stampOf(file: string): string {
  const stats = fs.statSync(file, { throwIfNoEntry: false });
  return stats ? `${stats.mtimeMs} ${stats.size} ${stats.ino}` : '';
}

/**
 * The files that cells import, looked at before each cell rather than watched: an edit saved just before a cell
 * is run is always seen, and no watcher of the system is used up. Installed packages are taken as fixed.
 */
export class SourceFiles {
  private readonly stamps = new Map<string, string>();
  /** Those that changed and that nobody asked for yet. */
  private changed = new Set<string>();

  /** Looks at a file from now on. */
  follow(file: string): void {
    if (!file.includes('/node_modules/') && !this.stamps.has(file)) this.stamps.set(file, stampOf(file));
  }

  /** Looks at all files; returns those that changed since the last look. */
  look(): readonly string[] {
    const found: string[] = [];
    for (const [file, known] of this.stamps) {
      const stamp = stampOf(file);
      if (stamp === known) continue;
      this.stamps.set(file, stamp);
      found.push(file);
      this.changed.add(file);
    }
    return found;
  }

  /** The files that changed since this was last asked. */
  takeChanged(): string[] {
    const taken = [...this.changed];
    this.changed = new Set();
    return taken;
  }
}

/** TypeScript's view of the file system from a folder, with files of its own beside those on the disk. */
export const systemIn = (folder: string, own: ReadonlyMap<string, string>): ts.System => ({
  ...ts.sys,
  getCurrentDirectory: () => folder,
  readFile: (file, encoding) => own.get(file) ?? ts.sys.readFile(file, encoding),
  fileExists: (file) => own.has(file) || ts.sys.fileExists(file),
});
