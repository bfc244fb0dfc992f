/**
 * danfojs frames without its traps. Its `groupby` of two keys joins them with `-`, so that the groups (`a`, `b-c`) and
 * (`a-b`, `c`) are one; its `toCSV` quotes nothing; its `fillNa` of named columns changes the frame it is called on; its sums and means are
 * float32. What is here works on a frame's own values, in float64.
 */
import type { DataFrame } from 'danfojs-node';

import { loadDanfo } from './danfo.ts';
import { csv } from '../csv.ts';
import { toLeaves } from '../study/leaves.ts';
import type { StudyRecords } from '../study/study.ts';

type Cell = string | number | boolean | null | undefined;

/** Rows of a frame that have the same values in some columns. */
export interface Group {
  /** The values of the columns that were grouped by, in their order. */
  readonly keys: readonly Cell[];
  readonly frame: DataFrame;
}

/** The study as a frame with a row a run: `arm`, `seed`, and every number of its summary by its path, e.g. `test.error`. */
export async function runsFrame(study: StudyRecords): Promise<DataFrame> {
  return framed(study.runs.map((run) => row({ arm: run.arm, seed: run.seed }, run.summary)));
}

/** The study as a frame with a row an epoch of each run. */
export async function epochsFrame(study: StudyRecords): Promise<DataFrame> {
  return framed(
    study.runs.flatMap((run) => run.epochs.map((epoch) => row({ arm: run.arm, seed: run.seed }, epoch))),
  );
}

/** The groups of a frame's rows, in the order in which they first come. @throws RangeError for a column that is not there */
export async function groupRows(frame: DataFrame, columns: readonly string[]): Promise<Group[]> {
  const at = columns.map((column) => position(frame, column));
  const groups = new Map<string, { keys: Cell[]; rows: Cell[][] }>();
  for (const cells of cellsOf(frame)) {
    const keys = at.map((c) => cells[c]);
    const name = JSON.stringify(keys);
    const group = groups.get(name) ?? { keys, rows: [] };
    group.rows.push(cells);
    groups.set(name, group);
  }
  const { DataFrame } = await loadDanfo();
  return [...groups.values()].map(({ keys, rows }) => ({
    keys,
    frame: new DataFrame(rows, { columns: [...frame.columns] }),
  }));
}

/** The numbers of a column in float64, what is none left out. @throws RangeError for a column that is not there */
export function columnValues(frame: DataFrame, column: string): number[] {
  const c = position(frame, column);
  return cellsOf(frame)
    .map((cells) => cells[c])
    .filter((value): value is number => typeof value === 'number' && !Number.isNaN(value));
}

/** A new frame in which a value stands for what has none; the frame itself stays. */
export async function withoutGaps(frame: DataFrame, value: string | number): Promise<DataFrame> {
  const { DataFrame } = await loadDanfo();
  const isGap = (cell: Cell): boolean =>
    cell === null || cell === undefined || (typeof cell === 'number' && Number.isNaN(cell));
  const rows = cellsOf(frame).map((cells) => cells.map((cell) => (isGap(cell) ? value : cell)));
  return new DataFrame(rows, { columns: [...frame.columns], index: [...frame.index] });
}

/** A frame as CSV, its columns' names first; its index is left out. */
export function frameCsv(frame: DataFrame): string {
  return csv([frame.columns, ...cellsOf(frame).map((cells) => cells.map((cell) => String(cell ?? '')))]);
}

function row(start: Readonly<Record<string, Cell>>, record: object): Record<string, Cell> {
  const cells: Record<string, Cell> = { ...start };
  for (const [path, leaf] of toLeaves(record)) {
    if (['number', 'string', 'boolean'].includes(typeof leaf)) cells[path] = leaf as Cell;
  }
  return cells;
}

/** A frame with every column that any row has; NaN where a row lacks it. */
async function framed(rows: readonly Readonly<Record<string, Cell>>[]): Promise<DataFrame> {
  const { DataFrame } = await loadDanfo();
  const columns = [...new Set(rows.flatMap((cells) => Object.keys(cells)))];
  return new DataFrame(
    rows.map((cells) => columns.map((column) => cells[column] ?? NaN)),
    { columns },
  );
}

function cellsOf(frame: DataFrame): Cell[][] {
  return frame.values as Cell[][];
}

function position(frame: DataFrame, column: string): number {
  const at = frame.columns.indexOf(column);
  if (at < 0)
    throw new RangeError(`The frame has no column '${column}'; it has ${frame.columns.join(', ')}.`);
  return at;
}
