import { escapeHtml } from '../escape.ts';
import { readableCells } from './cells.ts';
import type { Table } from './table.ts';

/** What {@link frameHtml} reads of a frame. */
export interface FrameLike {
  readonly index: readonly (string | number)[];
  readonly columns: readonly string[];
  readonly values: unknown;
}

/** How {@link frameHtml} sets a table. */
export interface TableLook {
  /** How many of the last rows sum up the others and have the class `summary`; default none. */
  readonly summaryRows?: number | undefined;
  /** Which cells are bold; default none. */
  readonly isBold?: (row: number, column: number) => boolean;
  /** Where a column stands, written into its cells; default as the sheet of styles says, which notebooks do not have. */
  readonly side?: (column: number) => 'left' | 'right';
  /** Above the table; default nothing. */
  readonly caption?: string;
}

/** A frame as an HTML table, everything escaped. */
export function frameHtml(frame: FrameLike, rowHeader: string, look: TableLook = {}): string {
  const { summaryRows = 0, isBold = () => false, side, caption } = look;
  const cells = frame.values as readonly (readonly (string | number)[])[];
  const style = (column: number): string => (side === undefined ? '' : ` style="text-align:${side(column)}"`);
  // A number and its deviation stay on one line.
  const cellStyle = (column: number): string =>
    side?.(column) === 'right' ? ' style="text-align:right;white-space:nowrap"' : style(column);
  const head = frame.columns.map((name, c) => `<th scope="col"${style(c)}>${escapeHtml(name)}</th>`);
  const body = cells.map((row, at) => {
    const name = `<th scope="row">${escapeHtml(String(frame.index[at] ?? ''))}</th>`;
    const kind = at >= cells.length - summaryRows ? ' class="summary"' : '';
    const shown = row.map((cell, c) => {
      const html = escapeHtml(String(cell));
      return `<td${cellStyle(c)}>${isBold(at, c) ? `<b>${html}</b>` : html}</td>`;
    });
    return `<tr${kind}>${name}${shown.join('')}</tr>`;
  });
  const above =
    caption === undefined
      ? ''
      : `<caption style="text-align:left;white-space:nowrap">${escapeHtml(caption)}</caption>`;
  return (
    `<table>${above}<thead><tr><th scope="col">${escapeHtml(rowHeader)}</th>${head.join('')}</tr></thead>` +
    `<tbody>${body.join('')}</tbody></table>`
  );
}

/** The table as HTML: what is readable of its cells, in bold what it says is. */
export function tableHtml(table: Table, look: Pick<TableLook, 'side' | 'caption'> = {}): string {
  const { rows: index, columns, rowHeader, summaryRows } = table;
  const frame = { index, columns: columns.map(({ name }) => name), values: readableCells(table) };
  const isBold = (row: number, column: number): boolean => columns[column]?.bold?.[row] === true;
  return frameHtml(frame, rowHeader, { ...look, summaryRows, isBold });
}
