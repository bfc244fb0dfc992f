import childProcess from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import path from 'node:path';

/** The files that hold what is written to the streams. */
export type StreamFiles = Readonly<Partial<Record<'stdout' | 'stderr', string>>>;

/** Where the process's standard error led before it was redirected; undefined where that cannot be opened again. */
let terminal: number | undefined;

/** Says something to whoever started the kernel, rather than to its clients. */
export function tellTerminal(text: string): void {
  try {
    fs.writeSync(terminal ?? 2, text);
  } catch {
    // A terminal that was closed.
  }
}

/**
 * Sends the process's standard output and error into files, which the sockets' thread reads and removes: native code
 * and child processes write there past JavaScript. To be called before anything else opens a file: a closed
 * descriptor is given to whatever opens the next one, which is how its target is changed here.
 */
export function redirectStreams(): StreamFiles {
  if (process.platform === 'win32') return {}; // descriptors are the C library's own there
  try {
    terminal = fs.openSync('/dev/fd/2', 'a');
  } catch {
    // A socket, or a system without such files.
  }
  let folder: string;
  try {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'msl-kernel-'));
  } catch (error) {
    tellTerminal(
      `What native code and child processes print is not shown in the notebook: ${(error as Error).message}. ` +
        'Name a folder for temporary files in TMPDIR.\n',
    );
    return {};
  }
  const files: Record<string, string> = {};
  for (const [i, name] of ['stdout', 'stderr'].entries()) {
    const file = path.join(folder, name);
    fs.closeSync(i + 1);
    // Appending: what was read can be cut off without moving the writers.
    const descriptor = fs.openSync(file, 'a', 0o600);
    if (descriptor !== i + 1) throw new Error(`descriptor ${i + 1} became ${descriptor}`);
    files[name] = file;
  }
  return files;
}

/**
 * Keeps the output of processes that a cell waits for in its place: what JavaScript wrote goes out before they start,
 * what they write (with `stdio: 'inherit'`) before JavaScript goes on.
 */
export function orderChildren(flush: () => void, drain: () => void): void {
  const module = childProcess as unknown as Record<string, (...args: unknown[]) => unknown>;
  for (const name of ['execSync', 'execFileSync', 'spawnSync']) {
    const original = module[name]!;
    module[name] = Object.defineProperty(
      (...args: unknown[]) => {
        flush();
        try {
          return original(...args);
        } finally {
          drain();
        }
      },
      'name',
      { value: name },
    );
  }
  syncBuiltinESMExports();
}
