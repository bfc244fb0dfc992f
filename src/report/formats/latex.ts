import { readableCells } from '../tables/cells.ts';
import { isText, type Table } from '../tables/index.ts';

/**
 * The table for a paper, as a `tabular` of the package booktabs. Numbers are as a reader sees them, `mean ± deviation` with
 * `\pm`, bold only where {@link Table} says so.
 */
export function tableLatex(table: Table): string {
  const cells = readableCells(table).map((row, r) =>
    row.map((cell, c) => {
      const text = escapeLatex(cell);
      return table.columns[c]?.bold?.[r] === true ? `\\textbf{\\boldmath ${text}}` : text;
    }),
  );
  // After a rule or the end of a row a bracket would begin an option, and a star belong to the end.
  const line = (row: readonly string[]): string => `  ${row.join(' & ').replace(/^\s*([[*])/, '{$1}')} \\\\`;
  const rows = table.rows.map((name, r) => line([escapeLatex(name), ...cells[r]!]));
  const summary = table.summaryRows ?? 0;
  const details = rows.length - summary;
  return [
    `% ${table.title}: ${table.note}`.replaceAll('\n', ' '),
    `\\begin{tabular}{l${table.columns.map((column) => (isText(column) ? 'l' : 'r')).join('')}}`,
    '  \\toprule',
    line([table.rowHeader, ...table.columns.map(({ name }) => name)].map(escapeLatex)),
    '  \\midrule',
    ...rows.slice(0, details),
    ...(summary > 0 && details > 0 ? ['  \\midrule'] : []),
    ...rows.slice(details),
    '  \\bottomrule',
    '\\end{tabular}',
    '',
  ].join('\n');
}

/** What stands for a character that LaTeX reads as something else, or does not know. */
const LATEX: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '<': '$<$',
  '>': '$>$',
  '−': '$-$',
  '±': '$\\pm$',
  '∞': '$\\infty$',
  '‖': '$\\|$',
  λ: '$\\lambda$',
  η: '$\\eta$',
  '–': '--',
  '’': "'",
  '\n': ' ',
};

/** Text that LaTeX sets as it is. */
function escapeLatex(text: string): string {
  return text
    .replaceAll(/[\\~^<>−±∞‖λη–’\n]|[&%$#_{}]/g, (character) => LATEX[character] ?? `\\${character}`)
    .replaceAll('"', "''");
}
