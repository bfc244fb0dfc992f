import { createRequire } from 'node:module';

import type { DataFrame } from 'danfojs-node';

import { loadEngine } from '../../engine/index.ts';
import { readableCells } from './cells.ts';
import { inUnit, isText, type Table } from './table.ts';

type Danfo = typeof import('danfojs-node');

/**
 * danfojs, loaded on first use: it takes a second and brings the engine's package along. The engine comes first, so
 * that danfojs finds the one copy that is already set up (or its stand-in, without the compiled addon).
 */
export async function loadDanfo(): Promise<Danfo> {
  await loadEngine();
  return createRequire(import.meta.url)('danfojs-node') as Danfo;
}

/**
 * The table as a frame of numbers to go on computing with, in the units of the columns' names; what is no number is NaN. The
 * index holds the rows' names.
 */
export async function toFrame(table: Table): Promise<DataFrame> {
  const danfo = await loadDanfo();
  const cells = table.rows.map((_, row) =>
    table.columns.map((column) => {
      const value = inUnit(column, row, column.values[row] ?? null);
      return typeof value === 'number' ? value : NaN;
    }),
  );
  return new danfo.DataFrame(cells, {
    index: numbered(table.rows),
    columns: table.columns.map((column) => column.name),
  });
}

/** The table as a frame of readable cells, which prints as {@link tableText} does. */
async function toReadableFrame(table: Table, cells: string[][]): Promise<DataFrame> {
  const danfo = await loadDanfo();
  const columns = table.columns.map((column) => column.name);
  return new danfo.DataFrame(cells, {
    index: numbered(table.rows),
    columns,
    config: {
      tableMaxRow: Math.max(1, cells.length),
      tableMaxColInConsole: Math.max(1, columns.length),
      tableDisplayConfig: displayConfig(table, cells),
    },
  });
}

/** Rows of one name are told apart: danfojs takes no index twice. A name that is there only once stays as it is. */
function numbered(rows: readonly string[]): string[] {
  const taken = new Set(rows);
  const seen = new Map<string, number>();
  return rows.map((row) => {
    let count = (seen.get(row) ?? 0) + 1;
    while (count > 1 && taken.has(`${row} (${count})`)) count += 1;
    seen.set(row, count);
    if (count === 1) return row;
    taken.add(`${row} (${count})`);
    return `${row} (${count})`;
  });
}

/** The table for a terminal: danfojs's own print, with columns as wide as their content. */
export async function tableText(table: Table): Promise<string> {
  const cells = readableCells(table).map((row, r) =>
    // A star where others set in bold: a terminal has one weight.
    row.map((cell, c) => (table.columns[c]!.bold?.[r] === true ? `${cell} *` : cell)),
  );
  const frame = await toReadableFrame(table, cells);
  return frame.toString().trimEnd();
}

/** A heading longer than this is broken between words, so that a table of five columns fits 100 characters. */
const HEADING_WIDTH = 14;

/** The table printer breaks words, for which it needs two characters. */
const NARROWEST = 2;

/** What danfojs hands to its table printer (package `table`): it replaces danfojs's fixed width of 17. */
function displayConfig(table: Table, cells: readonly (readonly string[])[]): object {
  const widest = (texts: readonly string[]): number => Math.max(1, ...texts.map((text) => text.length));
  const columnWidth = (name: string, at: number): number =>
    Math.max(
      NARROWEST,
      Math.min(widest(cells.map((row) => row[at] ?? '')), table.columns[at]?.textWidth ?? Infinity),
      Math.min(name.length, Math.max(HEADING_WIDTH, widest(name.split(' ')))),
    );
  const widths = [
    Math.max(NARROWEST, widest(numbered(table.rows))),
    ...table.columns.map((column, at) => columnWidth(column.name, at)),
  ];
  return {
    columns: Object.fromEntries(
      widths.map((width, at) => {
        const left = at === 0 || isText(table.columns[at - 1]!);
        return [at, { width, wrapWord: true, alignment: left ? 'left' : 'right' }];
      }),
    ),
    border: BORDER,
    drawHorizontalLine: (line: number, lines: number) =>
      line <= 1 || line === lines || line === lines - (table.summaryRows ?? 0),
  };
}

/** Thin box-drawing characters. */
const BORDER = {
  topBody: '─',
  topJoin: '┬',
  topLeft: '┌',
  topRight: '┐',
  bottomBody: '─',
  bottomJoin: '┴',
  bottomLeft: '└',
  bottomRight: '┘',
  bodyLeft: '│',
  bodyRight: '│',
  bodyJoin: '│',
  joinBody: '─',
  joinLeft: '├',
  joinRight: '┤',
  joinJoin: '┼',
};
