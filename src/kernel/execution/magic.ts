/**
 * The runtime half of the magics: what the calls that language/magics.ts writes into a cell do. It hangs as `magic` on
 * `globalThis[Symbol.for('msl.kernel')]`.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import util from 'node:util';

import { fromHome } from '../home.ts';
import type { MimeBundle } from '../mimeBundle.ts';
import { preview } from '../present/preview.ts';
import { className } from '../present/safe.ts';
import { restorable } from '../restore.ts';
import { CommandRunner, type Ended } from './commands.ts';
import { CELL_MAGICS, LINE_MAGICS } from '../magicNames.ts';
import { measure, timed, type Start } from './timing.ts';

/** What the magics need of the kernel. */
export interface MagicHost {
  /** Writes to a stream of the running cell. */
  print(stream: 'stdout' | 'stderr', text: string): void;
  /** Shows representations under the running cell. */
  display(data: MimeBundle): void;
  /** The names of the notebook and their values. */
  names(): Iterable<readonly [name: string, value: unknown]>;
  /** Forgets every name. */
  reset(): void | Promise<void>;
  /** The notebook's folder. */
  readonly folder: string;
  /** Evaluates a file (an absolute path) anew, and what it imports where that changed; returns its exports. */
  run(file: string): unknown;
  /** Type and documentation of a name. */
  inspect(name: string, detail: 0 | 1): Promise<MimeBundle | undefined>;
  /** Asks the reader; rejects where there is none. */
  input(prompt: string): Promise<string>;
  /** Aborted when the running cell is interrupted; ends the cell's commands. */
  signal?(): AbortSignal | undefined;
  /** What a command that was interrupted rejects with. */
  interruption?(): Error;
}

export type Part = string | readonly [value: unknown];

export interface Magic {
  time(key?: string): Start;
  timed(start: Start | string, value?: unknown): unknown;
  timeit(
    options: { readonly loops?: number | undefined; readonly repeats?: number | undefined },
    statement: () => unknown,
  ): Promise<void>;
  /** Runs a shell command; its output appears as it comes, its exit status where it is not 0. */
  shell(...parts: readonly Part[]): Promise<void>;
  /** The lines that a shell command prints; its errors and exit status appear as those of {@link shell} do. */
  lines(...parts: readonly Part[]): Promise<string[]>;
  /** Runs a script; rejects where its exit status is not 0. */
  script(program: string, text: string, ...args: readonly string[]): Promise<void>;
  run(file: string, args: readonly string[]): Promise<unknown>;
  env(name?: string, ...value: readonly Part[]): void;
  cd(...folder: readonly Part[]): void;
  pwd(): string;
  who(): void;
  whos(): void;
  lsmagic(): void;
  reset(sure: boolean): Promise<void>;
  help(name: string, detail: 0 | 1): Promise<void>;
  show(type: string, text: string): void;
  writeFile(file: string, text: string, append: boolean): void;
  fail(message: string): never;
}

export function createMagic(host: MagicHost): Magic {
  const starts = new Map<string, Start>();
  const commands = new CommandRunner(host);
  const out = (text: string): void => {
    host.print('stdout', `${text}\n`);
  };
  const tellEnd = ({ status, signal }: Ended): void => {
    if (signal !== null) host.print('stderr', `(ended by ${signal})\n`);
    else if (status !== 0) host.print('stderr', `(exit status ${String(status)})\n`);
  };
  let before = process.cwd();

  const magic: Magic = {
    time: (key) => {
      const start: Start = { at: performance.now(), cpu: process.cpuUsage() };
      if (key !== undefined) starts.set(key, start);
      return start;
    },
    timed: (key, value) => {
      const start = typeof key === 'string' ? starts.get(key) : key;
      if (start !== undefined) out(timed(start, util.types.isPromise(value)));
      return value;
    },
    timeit: async (options, statement) => {
      out(await measure(statement, options));
    },
    shell: async (...parts) => {
      tellEnd(await commands.run(joined(parts)));
    },
    lines: async (...parts) => {
      let printed = '';
      tellEnd(await commands.run(joined(parts), (text) => (printed += text)));
      const whole = printed.replace(/\r?\n$/, '');
      return whole === '' ? [] : whole.split(/\r?\n/);
    },
    script: async (program, text, ...args) => {
      const { status, signal } = await commands.script(program, text, args);
      if (status !== 0)
        throw new Error(`${program} ended ${signal ? `by ${signal}` : `with status ${String(status)}`}`);
    },
    run: async (file, args) => {
      const given = process.argv;
      const absolute = path.resolve(host.folder, file); // wherever %cd went
      process.argv = [process.execPath, absolute, ...args];
      const done = restorable(() => (process.argv = given));
      try {
        return await host.run(absolute);
      } catch (error) {
        throw isMissing(error, absolute) ? new Error(`There is no file ${absolute}`) : error;
      } finally {
        done();
      }
    },
    env: (name, ...value) => {
      if (name === undefined) out(environment());
      else if (value.length === 0) out(process.env[name] ?? `${name} is not set`);
      else {
        process.env[name] = joined(value);
        out(listed(name, joined(value)));
      }
    },
    cd: (...parts) => {
      const folder = joined(parts);
      const now = process.cwd();
      const wanted = folder === '' ? os.homedir() : folder === '-' ? before : fromHome(folder);
      if (!fs.existsSync(wanted)) throw new Error(`There is no folder ${path.resolve(wanted)}`);
      process.chdir(wanted);
      before = now;
      out(process.cwd());
    },
    pwd: () => process.cwd(),
    who: () => {
      const names = [...host.names()].map(([name]) => name).sort();
      out(names.length === 0 ? 'The notebook has no names yet.' : names.join('  '));
    },
    whos: () => {
      out(table([...host.names()].sort(([a], [b]) => (a < b ? -1 : 1))));
    },
    lsmagic: () => {
      out(
        [
          ...Object.values(LINE_MAGICS),
          '',
          ...Object.values(CELL_MAGICS),
          '',
          '!COMMAND: a shell command; {name} puts in a value',
          'NAME = !COMMAND: the lines that it prints',
          '?NAME, NAME?, NAME??: type and documentation',
        ].join('\n'),
      );
    },
    reset: async (sure) => {
      if (!sure) {
        let answer: string;
        try {
          answer = await host.input('Forget every name of the notebook (y/[n])? ');
        } catch {
          throw new Error('Nobody can be asked here; %reset -f forgets every name without asking');
        }
        if (!/^\s*y/i.test(answer)) {
          out('Nothing was forgotten.');
          return;
        }
      }
      starts.clear();
      await host.reset();
    },
    help: async (name, detail) => {
      if (name === '') {
        magic.lsmagic();
        return;
      }
      const asked = /^(%{1,2})(\w+)/.exec(name);
      if (asked) {
        const [, sign, word = ''] = asked;
        const known: Readonly<Record<string, string>> = sign === '%%' ? CELL_MAGICS : LINE_MAGICS;
        out(Object.hasOwn(known, word) ? known[word]! : `There is no magic ${name}.`);
        return;
      }
      const found = await host.inspect(name, detail);
      if (found) host.display(found);
      else out(`Nothing is known of ${name}.`);
    },
    show: (type, text) => {
      host.display({ [type]: text, 'text/plain': text });
    },
    writeFile: (name, text, append) => {
      const file = fromHome(name);
      const there = fs.existsSync(file);
      const whole = text.endsWith('\n') || text === '' ? text : `${text}\n`;
      if (append) fs.appendFileSync(file, whole);
      else fs.writeFileSync(file, whole);
      out(`${there ? (append ? 'Appended to' : 'Overwrote') : 'Wrote'} ${file}`);
    },
    fail: (message) => {
      throw new SyntaxError(message);
    },
  };
  return Object.freeze(magic);
}

/** Whether an error says that a file itself was not found, not one that it imports. */
const isMissing = (error: unknown, file: string): boolean =>
  (error as NodeJS.ErrnoException | undefined)?.code === 'MODULE_NOT_FOUND' &&
  (error as Error).message.startsWith(`Cannot find module '${file}'`);

/** A command as text: values as they print, lists as words. */
function joined(parts: readonly Part[]): string {
  return parts
    .map((part) => {
      if (typeof part === 'string') return part;
      const [value] = part;
      return Array.isArray(value) ? value.map(String).join(' ') : String(value);
    })
    .join('');
}

/** Values of such names are not shown: a notebook is saved with its outputs. */
const SECRET = /key|token|secret|pass|_pwd$|credential|cookie|auth/i;

/** Name and password in an address, such as that of a proxy or a queue: `redis://:password@host`. */
const LOGIN = /(?<=\w:\/\/)[^\s/]+(?=@)/g;

function listed(name: string, value: string): string {
  return `${name}=${SECRET.test(name) ? '<hidden>' : value.replaceAll(LOGIN, '<hidden>')}`;
}

function environment(): string {
  return Object.keys(process.env)
    .sort()
    .map((name) => listed(name, process.env[name] ?? ''))
    .join('\n');
}

function table(rows: readonly (readonly [string, unknown])[]): string {
  if (rows.length === 0) return 'The notebook has no names yet.';
  const lines = [
    ['Name', 'Type', 'Value'],
    ...rows.map(([name, value]) => [
      name,
      value === null ? 'null' : typeof value === 'object' ? (className(value) ?? 'object') : typeof value,
      preview(value).text.slice(0, 60),
    ]),
  ];
  const width = [0, 1].map((column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines
    .map(
      ([name = '', type = '', value = '']) =>
        `${name.padEnd(width[0]!)}  ${type.padEnd(width[1]!)}  ${value}`,
    )
    .join('\n');
}
