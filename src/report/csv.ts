import Papa from 'papaparse';

/** Rows of cells as CSV, each cell quoted where it has to be, with a line break at the end. */
export function csv(rows: readonly (readonly (string | number)[])[]): string {
  return `${Papa.unparse(
    rows.map((row) => [...row]),
    { newline: '\n' },
  )}\n`;
}

/** The cells of a CSV text. @throws SyntaxError where a quote is not closed or rows differ in length */
export function parseCsv(text: string): string[][] {
  const { data, errors } = Papa.parse<string[]>(text, { skipEmptyLines: true, delimiter: ',' });
  const [error] = errors;
  if (error !== undefined) throw new SyntaxError(`row ${(error.row ?? 0) + 1}: ${error.message}`);
  const odd = data.findIndex((row) => row.length !== data[0]!.length);
  if (odd >= 0) {
    throw new SyntaxError(`row ${odd + 1} has ${data[odd]!.length} cells, the heading ${data[0]!.length}`);
  }
  return data;
}
