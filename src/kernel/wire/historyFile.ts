/** The file that the histories of all kernels of a user are kept in: one entry a line, as JSON. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export interface Entry {
  /** The kernel that ran the cell. */
  readonly session: string;
  /** When, in milliseconds since 1970. */
  readonly time: number;
  readonly line: number;
  readonly code: string;
  /** The text of the cell's result. */
  readonly output?: string | undefined;
}

/** The file is cut to this many entries when it holds twice as many. */
export const KEPT = 10_000;

/** Nor is more than this kept of it, in bytes, when it holds twice as much. */
const KEPT_BYTES = 1 << 25;

/** A cell that is longer than this is data rather than something to look up. */
const LONGEST = 1 << 18;

/** A lock that is older than this was left by a kernel that was killed, in milliseconds. */
const STALE = 10_000;

/** Where the history is kept: undefined where `MSL_KERNEL_HISTORY` is "off". */
export function historyFile(
  env: NodeJS.ProcessEnv = process.env,
  platform = process.platform,
): string | undefined {
  const given = env['MSL_KERNEL_HISTORY'];
  if (given !== undefined && given !== '') return given === 'off' ? undefined : path.resolve(given);
  return path.join(dataFolder(env, platform), 'msl-kernel', 'history.jsonl');
}

function dataFolder(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  const given = env['JUPYTER_DATA_DIR'] ?? env['XDG_DATA_HOME'];
  if (given !== undefined && given !== '') return path.resolve(given);
  const home = os.homedir();
  if (platform === 'darwin') return path.join(home, 'Library', 'Application Support');
  if (platform === 'win32') return env['APPDATA'] ?? path.join(home, 'AppData', 'Roaming');
  return path.join(home, '.local', 'share');
}

/** The entries of a file's text, each cell's latest; lines that are none are left out. */
function parseEntries(text: string): Entry[] {
  const entries = linesOf(text).map((entry) => [`${entry.line} ${entry.session}`, entry] as const);
  return [...new Map(entries).values()];
}

function linesOf(text: string): Entry[] {
  return text.split('\n').flatMap((line) => {
    if (line === '') return [];
    try {
      const { s: session, t: time, n, c: code, o: output } = JSON.parse(line) as Record<string, unknown>;
      if (typeof session !== 'string' || typeof code !== 'string' || !Number.isSafeInteger(n)) return [];
      if (typeof time !== 'number') return [];
      return [{ session, time, line: n as number, code, ...(typeof output === 'string' ? { output } : {}) }];
    } catch {
      return [];
    }
  });
}

const lineOf = ({ session: s, time: t, line: n, code: c, output: o }: Entry): string =>
  `${JSON.stringify({ s, t, n, c, o })}\n`;

/** The newest entries' lines, within both limits. */
function newest(entries: readonly Entry[]): string {
  const lines: string[] = [];
  let bytes = 0;
  for (const entry of entries.slice(-KEPT).reverse()) {
    const line = lineOf(entry);
    bytes += Buffer.byteLength(line);
    if (bytes > KEPT_BYTES) break;
    lines.push(line);
  }
  return lines.reverse().join('');
}

/**
 * Reads and writes the file. It is opened anew for every entry, so that kernels that share it see each other's
 * changes, its replacement by a shorter one too. Nothing here throws: a history is never worth a cell.
 */
export class HistoryFile {
  private readonly file: string;
  /** How many entries the file held when it was last counted, and those written since. */
  private count: number | undefined;

  constructor(file: string) {
    this.file = file;
  }

  read(): Entry[] {
    try {
      if (!fs.statSync(this.file).isFile()) return [];
      const entries = parseEntries(fs.readFileSync(this.file, 'utf8'));
      this.count = entries.length;
      return entries;
    } catch {
      return [];
    }
  }

  append(entry: Entry): void {
    if (entry.code.length > LONGEST) return;
    const { output } = entry;
    const line = lineOf(
      output !== undefined && output.length > LONGEST ? { ...entry, output: undefined } : entry,
    );
    try {
      const { size, created } = this.write(line);
      if (created) this.count = 0;
      this.count = (this.count ?? this.read().length - 1) + 1;
      if (this.count >= 2 * KEPT || size >= 2 * KEPT_BYTES) this.compact();
    } catch {
      // A full disk, a read-only home: this kernel still knows its own cells.
    }
  }

  /** One write for one line: with O_APPEND those of several kernels do not mix. */
  private write(line: string): { size: number; created: boolean } {
    makeFolder(path.dirname(this.file));
    const { O_APPEND, O_CREAT, O_RDWR, O_NONBLOCK } = fs.constants;
    const file = fs.openSync(this.file, O_RDWR | O_APPEND | O_CREAT | O_NONBLOCK, 0o600);
    try {
      const { size } = fs.fstatSync(file);
      const last = Buffer.alloc(1);
      // A line that a full disk has cut short must not take the next one with it.
      const broken = size > 0 && fs.readSync(file, last, 0, 1, size - 1) === 1 && last[0] !== 10;
      const text = broken ? `\n${line}` : line;
      fs.writeSync(file, text);
      return { size: size + Buffer.byteLength(text), created: size === 0 };
    } finally {
      fs.closeSync(file);
    }
  }

  /** Replaces the file by one with its newest entries. */
  private compact(): void {
    const lock = `${this.file}.lock`;
    if (!takeLock(lock)) return;
    const next = `${this.file}.${process.pid}`;
    const old = fs.openSync(this.file, 'r');
    try {
      const text = fs.readFileSync(old, 'utf8');
      const kept = newest(parseEntries(text));
      fs.writeFileSync(next, kept, { mode: 0o600 });
      fs.renameSync(next, this.file);
      // What another kernel has written to the old file meanwhile.
      const late = fs.readFileSync(old, 'utf8');
      if (late !== '') fs.appendFileSync(this.file, late);
      this.count = kept.split('\n').length - 1;
    } finally {
      fs.closeSync(old);
      fs.rmSync(next, { force: true });
      fs.rmSync(lock, { force: true });
    }
  }
}

/** Makes a folder and those above it. Node's own way never ends where nothing can be made (under /proc). */
function makeFolder(folder: string): void {
  if (fs.existsSync(folder)) return;
  const above = path.dirname(folder);
  if (above !== folder) makeFolder(above);
  fs.mkdirSync(folder, { mode: 0o700 });
}

function takeLock(lock: string): boolean {
  try {
    if (Date.now() - fs.statSync(lock).mtimeMs > STALE) fs.rmSync(lock);
  } catch {
    // There is none.
  }
  try {
    fs.closeSync(fs.openSync(lock, 'wx', 0o600));
    return true;
  } catch {
    return false;
  }
}
