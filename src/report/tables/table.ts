/** A column of a table: numbers as they are, and how they are shown. */
export interface Column {
  readonly name: string;
  /** One a row; a text (such as `diverged`) is shown as it is, `null` stands for no value. */
  readonly values: readonly (number | string | null)[];
  /** Makes the number of a row readable. */
  readonly format: (value: number, row: number) => string;
  /** Standard deviations that stand behind the values, as `mean ± deviation`; `null` for a value without one. */
  readonly deviations?: readonly (number | null)[];
  /** Upper ends of intervals whose lower ends are the values, shown as `low to high`. */
  readonly upper?: readonly (number | null)[];
  /** Rows whose value is set in bold. */
  readonly bold?: readonly boolean[];
  /** What a number is multiplied by to have its unit: 100 for a share under `(%)`; one for all rows, or one a row; 1 by default. */
  readonly factor?: number | readonly number[];
  /** For a column of sentences: they stand in lines of at most so many characters. */
  readonly textWidth?: number;
}

/** Whether a column holds words alone, which stand on the left. */
export function isText({ textWidth, values }: Column): boolean {
  return textWidth !== undefined || !values.some((value) => typeof value === 'number');
}

/** A table as data; `danfo.ts` makes danfojs frames and text of it, `html.ts` HTML, `formats` files. */
export interface Table {
  readonly title: string;
  /** How to read it, complete sentences. */
  readonly note: string;
  /** What the rows are. */
  readonly rowHeader: string;
  readonly rows: readonly string[];
  readonly columns: readonly Column[];
  /** How many of the last rows sum up the others, and are set apart; 0 by default. */
  readonly summaryRows?: number;
  /** Whether it goes into detail, so that a terminal does without; false by default. */
  readonly detail?: boolean;
  /** Whether its numbers depend on the clock, the machine or the day; false by default. */
  readonly ofMachine?: boolean;
}

/** With more arms than these, a column for each and for its differences fits no terminal. */
export const MOST_ARMS = 2;

/** A number of a row in the unit of its column; what is no number stays. */
export function inUnit<T extends string | null>(column: Column, row: number, value: number | T): number | T {
  const factor = typeof column.factor === 'object' ? column.factor[row] : column.factor;
  if (typeof value !== 'number' || factor === undefined || factor === 1) return value;
  // Multiplying brings digits such as 34.400000000000006.
  return Number((value * factor).toPrecision(14));
}

/** The file name that belongs to a table: its title in small letters, with hyphens. */
export function tableName(table: Table): string {
  return table.title
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
}
