import { escapeHtml, isText, tableHtml, tableText, wrapped, type Table } from '../report/index.ts';
import { notebookKernel } from './kernel.ts';

/** How {@link numberTable} writes its numbers. */
export interface NumberTableOptions {
  /** Above the table. */
  readonly title: string;
  /** What the rows are; default nothing. */
  readonly rowHeader?: string;
  readonly rows: readonly string[];
  /** Significant digits of a number, at most, where not all of its column are whole; default 3. */
  readonly digits?: number;
}

/**
 * Columns of numbers by their names, with as many decimals in all of a column as their significant digits allow, for {@link showTable}; `null` stands for no value.
 *
 * @example
 * await showTable(numberTable({ title: 'Bounds', rows: ['two', 'ten'] }, { classes: [2, 10], distance: [2, 1.49] }));
 */
export function numberTable(
  { title, rowHeader = '', rows, digits = 3 }: NumberTableOptions,
  columns: Readonly<Record<string, readonly (number | null)[]>>,
): Table {
  return {
    ...{ title, note: '', rowHeader, rows },
    columns: Object.entries(columns).map(([name, values]) => ({
      name,
      values,
      format: formatOf(values, digits),
    })),
  };
}

/** Below this a number is written as a power of ten. */
const SMALLEST = 1e-4;

/**
 * How the numbers of a column are written: with up to so many significant digits, whole ones with all, `0.4` as `0.40` where
 * another has two decimals, and `0.00000274` as `2.74e-6`.
 */
function formatOf(values: readonly (number | null)[], digits: number): (value: number) => string {
  const rounded = (value: number): number => Number(value.toPrecision(digits));
  const isTiny = (value: number): boolean => value !== 0 && Math.abs(value) < SMALLEST;
  const decimals = values.map((value) => {
    const [, text = ''] =
      value === null || isTiny(value) ? [] : (/\.(\d+)$/.exec(String(rounded(value))) ?? []);
    return text.length;
  });
  const most = Math.max(0, ...decimals);
  return (value) => {
    if (isTiny(value)) return rounded(value).toExponential();
    const number = Number.isInteger(value) ? value : rounded(value);
    if (!Number.isFinite(number) || String(number).includes('e')) return String(number);
    const allowed = number === 0 ? digits : digits - 1 - Math.floor(Math.log10(Math.abs(number)));
    const fraction = Math.min(most, Math.max(0, allowed));
    // Of −0 as of 0.
    return (number || 0).toLocaleString('en', {
      minimumFractionDigits: fraction,
      maximumFractionDigits: fraction,
    });
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
