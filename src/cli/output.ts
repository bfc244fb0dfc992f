/** What every command gets to speak through. */
export interface Output {
  /** Results, on standard output. */
  print(text: string): void;
  /** Notes on the way, on standard error. */
  note(text: string): void;
}

/** The process's own streams. */
export const terminal: Output = {
  print: (text) => {
    process.stdout.write(`${text}\n`);
  },
  note: (text) => {
    process.stderr.write(`${text}\n`);
  },
};

/** A share as a percentage, `0.38625` as `38.63 %`; `missing` where there is none. */
export function percent(share: number | null | undefined, missing = '-'): string {
  return share == null ? missing : `${(100 * share).toFixed(2)} %`;
}

/** Lines up columns of text: `rows` of equal length, two spaces between columns. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, c) => Math.max(...rows.map((row) => row[c]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, c) => cell.padEnd(widths[c] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
