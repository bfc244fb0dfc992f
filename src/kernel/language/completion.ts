/** Names that could stand at a position. tslab asks the compiler; the order is ours. */
import type ts from 'typescript';

import type { Completions } from './converter.ts';

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

/** How many of the first names get their signature, which takes about a millisecond each. */
const SIGNATURES = 20;

const WORD = /[\p{ID_Continue}$#]/u;

/** The word at a position. */
function wordAt(code: string, position: number): { start: number; end: number } {
  let start = position;
  let end = position;
  while (start > 0 && WORD.test(code[start - 1]!)) start--;
  while (end < code.length && WORD.test(code[end]!)) end++;
  return { start, end };
}

/** How well a name fits what was typed: 0 best, undefined not at all. */
function fit(name: string, typed: string): number | undefined {
  if (name.startsWith(typed)) return 0;
  const [lower, wanted] = [name.toLowerCase(), typed.toLowerCase()];
  if (lower.startsWith(wanted)) return 1;
  return lower.includes(wanted) ? 2 : undefined;
}

export function rank(
  code: string,
  position: number,
  found: Completions,
  signatureOf: (entry: ts.CompletionEntry) => string | undefined,
): Completion {
  const entries = found.original?.entries ?? [];
  const span =
    entries.find((entry) => entry.replacementSpan)?.replacementSpan ??
    found.original?.optionalReplacementSpan;
  const word = wordAt(code, position);
  const inSpan = span !== undefined && span.start <= position && position <= span.start + span.length;
  const { start, end } = inSpan ? { start: span.start, end: span.start + span.length } : word;
  const typed = code.slice(start, position);
  const fitting = entries
    .flatMap((entry, index) => {
      const rating = fit(entry.name, typed);
      return rating === undefined ? [] : [{ entry, index, rating }];
    })
    .sort(
      (a, b) =>
        a.rating - b.rating ||
        compare(a.entry.sortText, b.entry.sortText) ||
        compare(a.entry.name, b.entry.name) ||
        a.index - b.index,
    );
  const types = fitting.map(({ entry }, index): CompletionType => {
    const signature = index < SIGNATURES ? signatureOf(entry) : undefined;
    return { text: entry.name, type: entry.kind, ...(signature === undefined ? {} : { signature }) };
  });
  return { start, end, matches: types.map(({ text }) => text), types };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
