import type { MimeBundle } from '../output.ts';
import { escapeHtml } from './html.ts';

/** What a table needs of a data frame or series; danfojs has all three. */
export interface FrameLike {
  readonly columns: readonly unknown[];
  readonly index: readonly (string | number)[];
  readonly values: readonly unknown[];
}

export interface TableOptions {
  /** More rows than this are abbreviated in their middle; 20. */
  readonly maxRows?: number;
  /** A line above the table. */
  readonly caption?: string;
}

export function isFrame(value: unknown): value is FrameLike {
  if (typeof value !== 'object' || value === null) return false;
  const frame = value as Partial<FrameLike>;
  return (
    Array.isArray(frame.columns) &&
    Array.isArray(frame.index) &&
    Array.isArray(frame.values) &&
    frame.index.length === frame.values.length
  );
}

const number = (value: number): string =>
  Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));

/** Numbers that were made readable: `12.3`, `+0.23`, `1,213`, `37.9 %`. */
const NUMERIC = /^[+\-−±]?[\d.,]+( ?%)?$/;

const isNumeric = (value: unknown): boolean =>
  typeof value === 'number' || (typeof value === 'string' && NUMERIC.test(value));

function cell(value: unknown): string {
  const align = isNumeric(value) ? 'right' : 'left';
  const text = value === null || value === undefined ? '' : typeof value === 'number' ? number(value) : value;
  return `<td style="text-align:${align}">${escapeHtml(text)}</td>`;
}

/** A frame as an HTML table, with its text form for other readers. */
export function frameBundle(frame: FrameLike, { maxRows = 20, caption }: TableOptions = {}): MimeBundle {
  const count = frame.values.length;
  const row = (i: number): string => {
    const values = frame.values[i];
    const cells = (Array.isArray(values) ? (values as unknown[]) : [values]).map(cell);
    return `<tr><th>${escapeHtml(frame.index[i])}</th>${cells.join('')}</tr>`;
  };
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => row(from + i));
  const half = Math.floor(maxRows / 2);
  const rows =
    count <= maxRows
      ? range(0, count)
      : [
          ...range(0, half),
          `<tr><th>…</th>${frame.columns.map(() => '<td>…</td>').join('')}</tr>`,
          ...range(count - half, count),
        ];
  const head = frame.columns.map((name) => `<th>${escapeHtml(name)}</th>`).join('');
  const title = caption === undefined ? '' : `<caption>${escapeHtml(caption)}</caption>`;
  const size = count <= maxRows ? '' : `<p>${count} rows × ${frame.columns.length} columns</p>`;
  return {
    'text/html': `<table>${title}<thead><tr><th></th>${head}</tr></thead><tbody>${rows.join('')}</tbody></table>${size}`,
    // eslint-disable-next-line @typescript-eslint/no-base-to-string -- danfojs frames print themselves
    'text/plain': (caption === undefined ? '' : `${caption}\n`) + String(frame),
  };
}
