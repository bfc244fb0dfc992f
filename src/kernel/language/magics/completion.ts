import { CELL_MAGICS, LINE_MAGICS } from '../../magicNames.ts';
import type { Completion } from '../completion.ts';

/** The magics that could stand at a position: after `%` at the start of a line, after `%%` at that of the cell. */
export function completeMagic(code: string, position: number): Completion | undefined {
  const line = code.slice(code.lastIndexOf('\n', position - 1) + 1, position);
  const [, sign, typed = ''] = /^\s*(%%?)(\w*)$/.exec(line) ?? [];
  if (sign === undefined) return undefined;
  const atStart = code.slice(0, position - line.length).trim() === '';
  const of = (names: object, prefix: string): string[] =>
    Object.keys(names)
      .filter((name) => name.startsWith(typed))
      .map((name) => prefix + name);
  const matches = [
    ...(sign === '%' ? of(LINE_MAGICS, '%') : []),
    ...(atStart ? of(CELL_MAGICS, '%%') : []),
  ].sort();
  const start = position - sign.length - typed.length;
  return { start, end: position, matches, types: matches.map((text) => ({ text, type: 'magic' })) };
}
