/**
 * Magics: lines of a cell that are commands to the kernel (`%time`, `!ls`, `?name`), written as TypeScript that calls
 * the runtime in execution/magic.ts. Every line keeps its number.
 *
 * A line is a magic only where a statement may begin; within templates, comments, lists and expressions that go on it
 * is left alone. What TypeScript could mean too stays TypeScript: `!ready && start()` where `ready` is a name.
 * A cell without any may be an object in braces (braces.ts).
 */
import ts from 'typescript';

import { CELL_MAGICS, LINE_MAGICS, SHOWN_AS, type CellMagic } from '../magicNames.ts';
import { fromHome } from '../home.ts';
import { nearest } from '../nearest.ts';
import { objectEdits } from './braces.ts';
import { edited, type Edit, type Edited } from './magics/edits.ts';
import { MAY_BE_MAGIC, readLine, type Line } from './magics/lines.ts';
import {
  declaredNames,
  goesOn,
  parse,
  placeAfter,
  statementAt,
  syntaxErrors,
  type Place,
} from './magics/syntax.ts';
import { call, interpolated, literal, words } from './magics/text.ts';

export interface MagicOptions {
  /** Whether earlier cells declared a name, or it is a global. */
  isName(name: string): boolean;
  /** The names that a file exports (`%run`); without it they do not become names of the notebook. */
  exportsOf?(file: string): readonly string[];
}

/** A magic that cannot be expanded; in its place stands a call that throws the same message. */
export interface MagicProblem {
  readonly start: number;
  readonly length: number;
  readonly message: string;
}

export interface Expanded extends Edited {
  readonly problems: readonly MagicProblem[];
}

/** Whether the cell has anything to expand, by its looks alone. */
const ANY = new RegExp(MAY_BE_MAGIC.source, 'm');

export function expandMagics(code: string, options: MagicOptions): Expanded {
  if (!ANY.test(code)) return { ...edited(code, objectEdits(code)), problems: [] };
  return new Expansion(code, options).run();
}

/** A `%time` or `%timeit`, whose statement is looked for when all lines are read. */
interface Pending {
  readonly name: 'time' | 'timeit';
  readonly place: Place;
  readonly at: number;
  readonly statementAt: number;
  readonly lineEnd: number;
  readonly options: string;
}

class Expansion {
  private readonly code: string;
  private readonly options: MagicOptions;
  private readonly edits: Edit[] = [];
  private readonly problems: MagicProblem[] = [];
  private readonly pending: Pending[] = [];
  /** The cell, of the same length, with empty statements where magics stand. */
  private blanked: string;
  private declared: Set<string> | undefined;

  constructor(code: string, options: MagicOptions) {
    this.code = code;
    this.options = options;
    this.blanked = code;
  }

  run(): Expanded {
    const first = /^(?:[^\S\n]*\n)*[^\S\n]*/.exec(this.code)![0].length;
    const ended = this.code.startsWith('%%', first) ? this.cellMagic(first) : false;
    if (!ended) {
      this.lines();
      for (const pending of this.pending) this.timed(pending);
      if (ended === undefined) this.cellTimed();
    }
    return { ...edited(this.code, this.edits), problems: this.problems };
  }

  private readonly isName = (name: string): boolean => {
    this.declared ??= declaredNames(this.code);
    return this.declared.has(name) || this.options.isName(name);
  };

  private replace(start: number, end: number, text: string): void {
    const lines = this.code.slice(start, end).split('\n').length - 1;
    this.edits.push({ start, end, text: text + '\n'.repeat(lines) });
  }

  /** Puts an empty statement in the place of a magic. */
  private blank(start: number, end: number, statement: string): void {
    const rest = this.code.slice(start, end).replace(/[^\n]/g, ' ').slice(statement.length);
    this.blanked = this.blanked.slice(0, start) + statement + rest + this.blanked.slice(end);
  }

  private problem(start: number, end: number, message: string): string {
    this.problems.push({ start, length: end - start, message });
    return call('fail', literal(message));
  }

  /** A cell that begins with `%%`. True: that is all; undefined: its lines follow, timed. */
  private cellMagic(at: number): true | undefined {
    const lineEnd = endOfLine(this.code, at);
    const [, name = '', rest = ''] = /^%%(\w*)(.*)$/.exec(this.code.slice(at, lineEnd).trimEnd()) ?? [];
    const body = this.code.slice(lineEnd + 1);
    if (name === 'time') {
      this.edits.push({ start: at, end: lineEnd, text: `${call('time', literal('cell'))};` });
      this.blank(at, lineEnd, ';');
      return undefined;
    }
    this.replace(at, this.code.length, `${this.cellCall(name, words(rest), body, [at, lineEnd])};`);
    return true;
  }

  private cellCall(name: string, args: string[], body: string, [at, end]: [number, number]): string {
    const shown = Object.hasOwn(SHOWN_AS, name) ? SHOWN_AS[name as CellMagic] : undefined;
    if (shown !== undefined) return call('show', literal(shown), literal(body));
    if (name === 'bash' || name === 'sh') {
      return `await ${call('script', literal(name), literal(body), ...args.map(literal))}`;
    }
    if (name === 'writefile') {
      const file = args.find((arg) => arg !== '-a');
      if (file === undefined) return this.problem(at, end, '%%writefile needs a file: %%writefile notes.txt');
      return call('writeFile', literal(file), literal(body), String(args.includes('-a')));
    }
    const onLine = Object.hasOwn(LINE_MAGICS, name) ? ` %${name} works on a line of its own.` : '';
    return this.problem(at, end, unknown('%%', name, Object.keys(CELL_MAGICS)) + onLine);
  }

  private lines(): void {
    let from = 0;
    for (let start = 0; start < this.code.length; start = endOfLine(this.code, start) + 1) {
      const lineEnd = endOfLine(this.code, start);
      if (start < from) continue;
      const line = this.blanked.slice(start, lineEnd);
      if (!MAY_BE_MAGIC.test(line)) continue;
      const at = start + (line.length - line.trimStart().length);
      const place = placeAfter(this.blanked.slice(0, at), this.blanked);
      if (typeof place === 'number') from = place;
      else from = this.line(at, lineEnd, place) ?? from;
    }
  }

  /** Expands the line, if it is a magic; returns where the next line may begin. */
  private line(at: number, lineEnd: number, place: Place): number | undefined {
    const read = readLine(this.code.slice(at, lineEnd).trimEnd(), {
      code: this.blanked,
      at,
      goesOn: () => goesOn(this.blanked.slice(0, at)),
      isName: this.isName,
    });
    if (read === undefined) return undefined;
    if (read.kind === 'magic' && (read.name === 'time' || read.name === 'timeit')) {
      return this.waitForStatement(read, at, lineEnd, place);
    }
    if (read.kind === 'assigned') {
      const end = endOfCommand(this.code, read.commandAt);
      const value = `(await ${call('lines', ...this.command(read.commandAt, end))}) as string[];`;
      this.replace(read.commandAt, end, value);
      if (read.name !== undefined && !this.isName(read.name)) this.declare(read.name, at);
      this.blank(read.commandAt, end, '0;');
      return end;
    }
    const end =
      read.kind === 'shell'
        ? endOfCommand(this.code, at)
        : at + this.code.slice(at, lineEnd).trimEnd().length;
    const text =
      read.kind === 'shell'
        ? `await ${call('shell', ...this.command(at, end))}`
        : this.statementOf(read, [at, end], place);
    this.replace(at, end, place === 'list' ? `;${text};` : `${text};`);
    this.blank(at, end, ';');
    return end;
  }

  /** `NAME = !COMMAND` with a new name declares it. */
  private declare(name: string, at: number): void {
    this.edits.push({ start: at, end: at, text: 'var ' });
    this.declared?.add(name);
  }

  /** A shell command as arguments; `at` is where its `!` stands. */
  private command(at: number, end: number): string[] {
    const text = this.code
      .slice(at, end)
      .replace(/^!\s*/, '')
      .replace(/\\\r?\n/g, ' ');
    return interpolated(text, this.isName);
  }

  private statementOf(
    read: Exclude<Line, { kind: 'shell' | 'assigned' }>,
    span: [number, number],
    place: Place,
  ): string {
    if (read.kind === 'question') {
      return `await ${call('help', literal(read.name), String(read.detail))}`;
    }
    if (read.kind === 'cellMagic') {
      return this.problem(...span, `%%${read.name} has to stand on the first line of the cell`);
    }
    const { name, rest } = read;
    switch (name) {
      case 'cd':
        return call('cd', ...(rest === '' ? [] : interpolated(unquoted(rest), this.isName)));
      case 'env':
        return this.env(rest);
      case 'lsmagic':
      case 'pwd':
      case 'who':
      case 'whos':
        return call(name);
      case 'reset':
        if (rest !== '' && rest !== '-f') {
          return this.problem(...span, `%reset takes nothing but -f, not ${rest}`);
        }
        return `await ${call('reset', String(rest === '-f'))}`;
      case 'run':
        return this.runFile(rest, span, place);
      default: {
        const onCell = `. %%${name} works on a whole cell, from its first line.`;
        const message = unknown('%', name, Object.keys(LINE_MAGICS));
        return this.problem(...span, message + (Object.hasOwn(CELL_MAGICS, name) ? onCell : ''));
      }
    }
  }

  private env(rest: string): string {
    if (rest === '') return call('env');
    const [, name = '', value] = /^([^\s=]+)(?:\s*=\s*|\s+)(.*)$/s.exec(rest) ?? [undefined, rest];
    return call(
      'env',
      literal(name),
      ...(value === undefined ? [] : interpolated(unquoted(value), this.isName)),
    );
  }

  private runFile(rest: string, span: [number, number], place: Place): string {
    const [given, ...args] = words(rest);
    if (given === undefined) return this.problem(...span, '%run needs a file: %run ./train.ts');
    const file = fromHome(given);
    const run = `await ${call('run', literal(file), `[${args.map(literal).join(', ')}]`)}`;
    const names = (this.options.exportsOf?.(file) ?? []).filter((name) => /^(?!default$)[\w$]+$/.test(name));
    if (names.length === 0 || place !== 'list') return run;
    // A file, with or without "./": to the compiler a bare name is that of a package.
    const specifier = /^\.{0,2}[/\\]|^[a-z]:/i.test(file) ? file : `./${file}`;
    return `var { ${names.join(', ')} } = (${run}) as typeof import(${literal(specifier)})`;
  }

  private waitForStatement(
    { name, rest, restAt }: { readonly name: string; readonly rest: string; readonly restAt: number },
    at: number,
    lineEnd: number,
    place: Place,
  ): number {
    const options = name === 'timeit' ? /^(?:-[nr]\s*\d+\s+)*/.exec(rest)![0] : '';
    const statementAt = restAt + options.length;
    this.pending.push({ name: name as 'time', place, at, statementAt, lineEnd, options });
    this.blank(at, statementAt, place === 'list' ? ';' : '');
    return lineEnd;
  }

  private timed({ name, place, at, statementAt: start, lineEnd, options }: Pending): void {
    const file = parse(this.blanked);
    const statement = start < lineEnd ? statementAt(file, start) : undefined;
    if (statement === undefined || /^[!%?]/.test(this.code.slice(start, lineEnd))) {
      const text = this.problem(at, lineEnd, `%${name} needs a statement of TypeScript on its line`);
      this.replace(at, lineEnd, place === 'list' ? `;${text};` : `${text};`);
      return;
    }
    const [, wrong] = name === 'timeit' ? (/^-([nr])\b/.exec(this.code.slice(start, lineEnd)) ?? []) : [];
    if (wrong !== undefined) {
      const text = this.problem(at, lineEnd, `%timeit -${wrong} needs a number: %timeit -${wrong} 10 f(x)`);
      this.replace(at, lineEnd, place === 'list' ? `;${text};` : `${text};`);
      return;
    }
    const [, zero] = /-([nr])\s*0+\s/.exec(options) ?? [];
    if (zero !== undefined) {
      const text = this.problem(at, start, `%timeit -${zero} 0 would measure nothing: it takes 1 or more`);
      this.replace(at, lineEnd, place === 'list' ? `;${text};` : `${text};`);
      return;
    }
    const separator = place === 'list' ? ';' : '';
    const before = (text: string): void => void this.edits.push({ start: at, end: start, text });
    // One that is not finished stays so: the rest is still to be typed.
    const unfinished = syntaxErrors(file).some((error) => error.start >= statement.end);
    const after = (end: number, text: string): void => {
      if (!unfinished) this.edits.push({ start: end, end, text });
    };
    if (name === 'timeit') {
      const [loops, repeats] = ['n', 'r'].map(
        (option) => new RegExp(`-${option}\\s*(\\d+)`).exec(options)?.[1],
      );
      const wait = /\bawait\b/.test(this.blanked.slice(start, statement.end)) ? 'async ' : '';
      const how = `{ loops: ${loops ?? 'undefined'}, repeats: ${repeats ?? 'undefined'} }`;
      before(`${separator}await ${call('timeit', how, `${wait}() => {`).slice(0, -1)}`);
      after(statement.end, '});');
    } else if (ts.isExpressionStatement(statement)) {
      const { end } = statement.expression;
      before(`${separator}${call('timed', call('time'), '(').slice(0, -1)}`);
      after(end, this.blanked.slice(end, statement.end).includes(';') ? '))' : '));');
    } else {
      const key = literal(`at ${at}`);
      before(`${place === 'list' ? ';' : '{'}${call('time', key)};`);
      after(statement.end, `;${call('timed', key)};${place === 'list' ? '' : '}'}`);
    }
  }

  /** The end of `%%time`: the cell's last expression keeps its value. */
  private cellTimed(): void {
    const last = parse(this.blanked).statements.findLast((statement) => !ts.isEmptyStatement(statement));
    const lastEdit = Math.max(...this.edits.map(({ end }) => end));
    const key = literal('cell');
    if (last && ts.isExpressionStatement(last) && lastEdit <= last.getStart()) {
      const start = last.getStart();
      const { end } = last.expression;
      this.edits.push({ start, end: start, text: `;${call('timed', key, '(').slice(0, -1)}` });
      this.edits.push({ start: end, end, text: '))' });
      return;
    }
    const end = Math.max(last?.end ?? 0, lastEdit);
    this.edits.push({ start: end, end, text: `;${call('timed', key)};` });
  }
}

function endOfLine(code: string, from: number): number {
  const end = code.indexOf('\n', from);
  return end < 0 ? code.length : end;
}

/** A command goes on where a line ends with a backslash. */
function endOfCommand(code: string, at: number): number {
  let end = endOfLine(code, at);
  while (end < code.length && /(?<!\\)(?:\\\\)*\\\r?$/.test(code.slice(at, end)))
    end = endOfLine(code, end + 1);
  return at + code.slice(at, end).trimEnd().length;
}

function unquoted(text: string): string {
  return /^(["'])(.*)\1$/s.exec(text)?.[2] ?? text;
}

function unknown(sign: string, name: string, names: readonly string[]): string {
  const near = nearest(name, names);
  return `There is no magic ${sign}${name}${near === undefined ? `; %lsmagic lists them` : `; did you mean ${sign}${near}?`}`;
}
