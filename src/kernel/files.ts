import fs from 'node:fs';

import ts from 'typescript';

interface Watched {
  stamp: string;
  readonly callbacks: Set<ts.FileWatcherCallback>;
}

function stampOf(file: string): string {
  const stats = fs.statSync(file, { throwIfNoEntry: false });
  return stats ? `${stats.mtimeMs} ${stats.size}` : '';
}

/**
 * The files that cells import, looked at before each cell rather than watched: an edit saved just before a cell
 * is run is always seen, and no watcher of the system is used up. Installed packages are taken as fixed.
 */
export class SourceFiles {
  private readonly watched = new Map<string, Watched>();

  /** TypeScript's view of the file system from the project's root, with this way of noticing changes. */
  readonly system: ts.System;

  constructor(root: string) {
    this.system = {
      ...ts.sys,
      getCurrentDirectory: () => root,
      watchFile: (file, callback) => this.watch(file, callback),
      watchDirectory: () => ({ close: () => undefined }),
    };
  }

  private watch(file: string, callback: ts.FileWatcherCallback): ts.FileWatcher {
    if (file.includes('/node_modules/')) return { close: () => undefined };
    const entry = this.watched.get(file) ?? { stamp: stampOf(file), callbacks: new Set() };
    this.watched.set(file, entry);
    entry.callbacks.add(callback);
    return { close: () => entry.callbacks.delete(callback) };
  }

  /** Tells the compiler which files changed since the last call; returns them. */
  refresh(): string[] {
    const changed: string[] = [];
    for (const [file, entry] of this.watched) {
      const stamp = stampOf(file);
      if (stamp === entry.stamp) continue;
      const kind =
        stamp === ''
          ? ts.FileWatcherEventKind.Deleted
          : entry.stamp === ''
            ? ts.FileWatcherEventKind.Created
            : ts.FileWatcherEventKind.Changed;
      entry.stamp = stamp;
      changed.push(file);
      for (const callback of [...entry.callbacks]) callback(file, kind);
    }
    return changed;
  }
}
