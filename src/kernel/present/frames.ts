/** Data frames and series, as danfojs has them. */
import type { MimeBundle } from '../mimeBundle.ts';
import { escapeHtml } from './html.ts';
import { cut } from './preview.ts';
import { attempt, isObject, lookup } from './safe.ts';
import { grouped } from './statistics.ts';
import { abbreviated, captionHtml, cellHtml, cellText, isNumericColumn } from './table.ts';

/** What a table needs of a data frame or series. */
export interface FrameLike {
  /** Names; danfojs gives a series' name without a list around it. */
  readonly columns: readonly unknown[] | string;
  readonly index: readonly (string | number)[];
  readonly values: readonly unknown[];
  /** Types of the columns, where they are known. */
  readonly dtypes?: readonly string[];
}

export interface TableOptions {
  /** More rows than this are abbreviated in their middle; 20. */
  readonly maxRows?: number;
  /** More columns than this are abbreviated in their middle; 20. */
  readonly maxColumns?: number;
  /** A line above the table. */
  readonly caption?: string;
}

const NAMES = ['columns', 'index', 'values'] as const;

/** Properties of a class are read where it has all three; those of an object are not run. */
export function isFrame(value: unknown): value is FrameLike {
  if (!isObject(value) || Array.isArray(value)) return false;
  return attempt(() => {
    for (const name of NAMES) {
      const property = lookup(value, name);
      if (property === undefined || (property.get && Object.hasOwn(value, name))) return false;
      if (!property.get && !Array.isArray(property.value) && typeof property.value !== 'string') return false;
    }
    const frame = value as Partial<FrameLike>;
    return (
      (Array.isArray(frame.columns) || typeof frame.columns === 'string') &&
      Array.isArray(frame.index) &&
      Array.isArray(frame.values) &&
      frame.index.length === frame.values.length
    );
  }, false);
}

/** A frame as an HTML table, with its text form for other readers. */
export function frameBundle(
  frame: FrameLike,
  { maxRows = 20, maxColumns = 20, caption }: TableOptions = {},
): MimeBundle {
  const names = typeof frame.columns === 'string' ? [frame.columns] : frame.columns;
  const { values, index } = frame;
  const rows = abbreviated(values.length, maxRows);
  const columns = abbreviated(names.length, maxColumns);
  const cellAt = (i: number, j: number): unknown => {
    const row = values[i];
    return Array.isArray(row) ? (row as readonly unknown[])[j] : row;
  };
  const types = attempt(() => frame.dtypes, undefined);
  // The type stands in a tooltip: a reader asks for it seldom.
  const head = columns.map((j) => {
    const type = j === undefined || !Array.isArray(types) ? undefined : (types as unknown[])[j];
    const title = typeof type === 'string' ? ` title="${escapeHtml(type)}"` : '';
    if (j === undefined) return '<th>…</th>';
    // A name stands over its values.
    const numeric = isNumericColumn(rows.map((i) => (i === undefined ? undefined : cellAt(i, j))));
    const align = numeric ? '' : ' style="text-align:left"';
    return `<th${title}${align}>${escapeHtml(cut(cellText(names[j]), 100))}</th>`;
  });
  const body = rows.map((i) => {
    if (i === undefined) return `<tr><th>…</th>${columns.map(() => '<td>…</td>').join('')}</tr>`;
    const shown = columns.map((j) => (j === undefined ? '<td>…</td>' : cellHtml(cellAt(i, j))));
    return `<tr><th>${escapeHtml(cellText(index[i]))}</th>${shown.join('')}</tr>`;
  });
  const whole = values.length <= maxRows && names.length <= maxColumns;
  const size = `${grouped(values.length)} rows × ${grouped(names.length)} columns`;
  return {
    'text/html':
      `<table>${captionHtml(caption)}<thead><tr><th></th>${head.join('')}</tr></thead><tbody>${body.join('')}</tbody></table>` +
      (whole ? '' : `<p>${size}</p>`),
    'text/plain': (caption === undefined ? '' : `${caption}\n`) + frameText(frame, size),
  };
}

const LONGEST_TEXT = 10_000;

/** The text that the frame gives of itself; danfojs draws a table. */
function frameText(frame: FrameLike, size: string): string {
  // eslint-disable-next-line @typescript-eslint/no-base-to-string -- danfojs frames print themselves
  const text = attempt(() => String(frame), '[object Object]');
  return text.startsWith('[object ') ? `[table: ${size}]` : cut(text, LONGEST_TEXT);
}
