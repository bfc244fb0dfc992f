import { escapeHtml, tableHtml, tableText, wrapped, type Column, type Table } from '../report/index.ts';
import { notebookKernel } from './kernel.ts';

/** How {@link numberTable} writes its numbers. */
export interface NumberTableOptions {
  /** Above the table. */
  readonly title: string;
  /** What the rows are; default nothing. */
  readonly rowHeader?: string;
  readonly rows: readonly string[];
  /** Significant digits of a number that is not whole; default 3. */
  readonly digits?: number;
}

/**
 * Columns of numbers by their names, for {@link showTable}; `null` stands for no value.
 *
 * @example
 * await showTable(numberTable({ title: 'Bounds', rows: ['two', 'ten'] }, { classes: [2, 10], distance: [2, 1.49] }));
 */
export function numberTable(
  { title, rowHeader = '', rows, digits = 3 }: NumberTableOptions,
  columns: Readonly<Record<string, readonly (number | null)[]>>,
): Table {
  const format = (value: number): string =>
    // Of −0 as of 0.
    Number.isInteger(value) ? (value || 0).toLocaleString('en') : String(Number(value.toPrecision(digits)));
  return {
    ...{ title, note: '', rowHeader, rows },
    columns: Object.entries(columns).map(([name, values]) => ({ name, values, format })),
  };
}

/**
 * Shows a table of the report under the running cell: its title above it, what is to be known of its numbers below it, and in bold
 * (a star where there is text alone) what is set in bold. Nothing of one without a row.
 */
export async function showTable(content: Table): Promise<void> {
  if (content.rows.length === 0) return;
  const parts = [content.title, await tableText(content), wrapped(content.note)];
  const text = parts.filter((part) => part !== '').join('\n');
  const kernel = notebookKernel();
  if (kernel === undefined) console.log(text);
  else kernel.display({ 'text/html': tableMarkup(content), 'text/plain': text });
}

/** Text stands at the left. */
function tableMarkup(content: Table): string {
  const { title, note, columns } = content;
  const html = tableHtml(content, {
    caption: title,
    side: (column) => (isText(columns[column]!) ? 'left' : 'right'),
  });
  return note === '' ? html : `${html}<p style="font-size:smaller;max-width:60em">${escapeHtml(note)}</p>`;
}

/** Whether a column holds words alone. */
function isText({ textWidth, values }: Column): boolean {
  return textWidth !== undefined || !values.some((value) => typeof value === 'number');
}
