/** Names that could stand at a position. tslab asks the compiler; the order is ours. */
import ts from 'typescript';

import type { Completions } from './converter.ts';
import { internals } from './internals.ts';

export interface CompletionType {
  readonly text: string;
  /** What JupyterLab shows beside the name: function, class, module, keyword, … */
  readonly type: string;
  readonly signature?: string;
}

export interface Completion {
  readonly start: number;
  readonly end: number;
  readonly matches: readonly string[];
  readonly types: readonly CompletionType[];
}

/** How many of the first names get their signature. */
const SIGNATURES = 50;

const WORD = /[\p{ID_Continue}$#]/u;

interface Span {
  readonly start: number;
  readonly end: number;
}

/** The word at a position, by whole characters: some letters are two units of the text. */
function wordAt(code: string, position: number): Span {
  let start = position;
  let end = position;
  for (const letter of Array.from(code.slice(0, position)).reverse()) {
    if (!WORD.test(letter)) break;
    start -= letter.length;
  }
  for (const letter of code.slice(position)) {
    if (!WORD.test(letter)) break;
    end += letter.length;
  }
  return { start, end };
}

/** What stands between the quotes around a position; `before` is the length of what stands before the cell. */
function stringAt(file: ts.SourceFile, position: number, before: number): Span | undefined {
  const token = internals.findPrecedingToken(position + before, file);
  if (!token || !ts.isStringLiteralLike(token)) return undefined;
  const start = token.getStart(file) + 1 - before;
  const text = token.getText(file);
  const isClosed = text.length > 1 && text.endsWith(text[0]!);
  const end = isClosed ? token.end - 1 - before : position;
  return start <= position && position <= end ? { start, end } : undefined;
}

/** Of a path that is being written, what stands after the last slash: of that files and folders are proposed. */
function pathPart(string: Span, code: string, entries: readonly ts.CompletionEntry[]): Span {
  const isPath = entries.some(({ kind }) => PATH_KINDS.has(kind));
  const slash = code.slice(string.start, string.end).lastIndexOf('/');
  return isPath ? { start: string.start + slash + 1, end: string.end } : string;
}
const PATH_KINDS = new Set<string>([ts.ScriptElementKind.scriptElement, ts.ScriptElementKind.directory]);

/** How well a name fits what was typed: 0 best, undefined not at all. */
function fit(name: string, typed: string): number | undefined {
  if (name.startsWith('.') && !typed.startsWith('.')) return undefined;
  if (name.startsWith(typed)) return 0;
  const [lower, wanted] = [name.toLowerCase(), typed.toLowerCase()];
  if (lower.startsWith(wanted)) return 1;
  return lower.includes(wanted) ? 2 : undefined;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The signature of a function or method. */
function signatureOf(
  entry: ts.CompletionEntry,
  file: ts.SourceFile,
  checker: ts.TypeChecker,
): string | undefined {
  const { symbol } = entry as { symbol?: ts.Symbol };
  if (!symbol || !/function|method|constructor|local function/.test(entry.kind)) return undefined;
  const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  const [signature] = checker.getTypeOfSymbolAtLocation(target, file).getCallSignatures();
  return signature && checker.signatureToString(signature, file);
}

/** The names that fit, those that begin with what was typed first; others only where there are none. */
export function rank(
  code: string,
  position: number,
  found: Completions,
  {
    file,
    checker,
    before,
    isNotebook,
  }: {
    readonly file: ts.SourceFile;
    readonly checker: ts.TypeChecker;
    readonly before: number;
    /** Whether a file is the cell or what earlier cells declared. */
    readonly isNotebook: (file: ts.SourceFile) => boolean;
  },
): Completion {
  const entries = found.original?.entries ?? [];
  const given = entries.find((entry) => entry.replacementSpan)?.replacementSpan;
  // The compiler counts from the start of its own source.
  const span = given && { start: given.start - before, end: given.start - before + given.length };
  const inSpan = span && span.start <= position && position <= span.end ? span : undefined;
  const string = inSpan ? undefined : stringAt(file, position, before);
  const { start, end } = inSpan ?? (string && pathPart(string, code, entries)) ?? wordAt(code, position);
  const typed = code.slice(start, position);
  const rated = entries.flatMap((entry, index) => {
    const rating = fit(entry.name, typed);
    return rating === undefined ? [] : [{ entry, index, rating }];
  });
  const best = rated.some(({ rating }) => rating < 2) ? rated.filter(({ rating }) => rating < 2) : rated;
  // The notebook's own names come before globals.
  const isOwn = (entry: ts.CompletionEntry): boolean =>
    (entry as { symbol?: ts.Symbol }).symbol?.declarations?.some((node) =>
      isNotebook(node.getSourceFile()),
    ) ?? false;
  const sorted = best.sort(
    (a, b) =>
      a.rating - b.rating ||
      Number(isOwn(b.entry)) - Number(isOwn(a.entry)) ||
      compare(a.entry.sortText, b.entry.sortText) ||
      compare(a.entry.name, b.entry.name) ||
      a.index - b.index,
  );
  const types = sorted.map(({ entry }, index): CompletionType => {
    const signature = index < SIGNATURES ? signatureOf(entry, file, checker) : undefined;
    return { text: entry.name, type: entry.kind, ...(signature === undefined ? {} : { signature }) };
  });
  return { start, end, matches: types.map(({ text }) => text), types };
}
