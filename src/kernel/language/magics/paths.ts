/** Completion of files and folders, where a magic or a shell command names them. */
import fs from 'node:fs';
import path from 'node:path';

import { fromHome } from '../../home.ts';
import type { Completion } from '../completion.ts';
import { readLine } from './lines.ts';

export interface PathOptions {
  readonly isName: (name: string) => boolean;
  /** Where `%run` looks: the notebook's folder, wherever `%cd` went. */
  readonly notebooks: string;
}

/** What ends a word of a command before the cursor. */
const WORD = /[^\s'"`=<>|;&(){}$]*$/;
const SOURCE = /\.[cm]?[jt]sx?$/;

/** What is asked for at a position: the text before the cursor, and which entries fit. */
interface Asked {
  readonly text: string;
  readonly folder: string;
  readonly fits: (entry: string, isFolder: boolean) => boolean;
}

/**
 * Files and folders that could stand at a position, none where nothing is known of what could; undefined where it
 * stands in TypeScript.
 */
export function completePath(code: string, position: number, options: PathOptions): Completion | undefined {
  const asked = askedAt(code, position, options);
  if (asked === undefined) return undefined;
  if (asked === 'nothing') return { start: position, end: position, matches: [], types: [] };
  const [word] = WORD.exec(asked.text)!;
  const slash = word.lastIndexOf('/') + 1;
  const typed = word.slice(slash);
  const found = entriesOf(path.resolve(asked.folder, fromHome(word.slice(0, slash))))
    .filter(([name, isFolder]) => name.startsWith(typed) && asked.fits(name, isFolder))
    .filter(([name]) => typed.startsWith('.') || !name.startsWith('.'))
    .map(([name, isFolder]) => (isFolder ? `${name}/` : name));
  const types = found.map((text) => ({ text, type: 'path' }));
  return { start: position - typed.length, end: position, matches: found, types };
}

function askedAt(code: string, position: number, options: PathOptions): Asked | 'nothing' | undefined {
  const all = { folder: process.cwd(), fits: () => true };
  /** The first word of a command is a program, unless it is a path. */
  const ofCommand = (text: string) => (/^\s*[^\s/]*$/.test(text) ? 'nothing' : { ...all, text });
  const at = code.lastIndexOf('\n', position - 1) + 1;
  const line = code.slice(at, position).trimStart();
  const [, cellMagic, body] = /^\s*%%(\w+)[^\n]*(\n)?/.exec(code.slice(0, position)) ?? [];
  if (cellMagic !== undefined && cellMagic !== 'time') {
    if (body !== undefined) return cellMagic === 'bash' || cellMagic === 'sh' ? ofCommand(line) : 'nothing';
    const [, file] = /^%%writefile\s+(?:-a\s+)?(.*)$/.exec(line) ?? [];
    return file === undefined ? 'nothing' : { ...all, text: file };
  }
  const [, magic, argument = ''] = /^%(run|cd)\s+(.*)$/.exec(line) ?? [];
  if (magic === 'cd') return { ...all, text: argument, fits: (_, isFolder) => isFolder };
  if (magic === 'run') {
    const fits = (entry: string, isFolder: boolean): boolean => isFolder || SOURCE.test(entry);
    return { text: argument, folder: options.notebooks, fits };
  }
  const read =
    line.includes('!') && readLine(line, { code, at, goesOn: () => false, isName: options.isName });
  if (!read || (read.kind !== 'shell' && read.kind !== 'assigned')) return undefined;
  return ofCommand(line.slice(line.indexOf('!') + 1));
}

/** The entries of a folder whose names need no quotes; none where it cannot be read. */
function entriesOf(folder: string): (readonly [name: string, isFolder: boolean])[] {
  try {
    return fs
      .readdirSync(folder, { withFileTypes: true })
      .filter(({ name }) => !/[\s'"`$&|;<>(){}*?!#\\]/.test(name))
      .map((entry) => [entry.name, entry.isDirectory() || isLinkedFolder(entry, folder)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1));
  } catch {
    return [];
  }
}

const isLinkedFolder = (entry: fs.Dirent, folder: string): boolean =>
  entry.isSymbolicLink() &&
  fs.statSync(path.join(folder, entry.name), { throwIfNoEntry: false })?.isDirectory() === true;
