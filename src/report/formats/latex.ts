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

/** Greek letters that have a command of their own; capitals that look like Latin ones have none. */
const GREEK: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries({
    ...{ α: 'alpha', β: 'beta', γ: 'gamma', δ: 'delta', ε: 'varepsilon', ϵ: 'epsilon', ζ: 'zeta', η: 'eta' },
    ...{ θ: 'theta', ϑ: 'vartheta', ι: 'iota', κ: 'kappa', λ: 'lambda', μ: 'mu', µ: 'mu', ν: 'nu', ξ: 'xi' },
    ...{ π: 'pi', ρ: 'rho', σ: 'sigma', ς: 'varsigma', τ: 'tau', υ: 'upsilon', φ: 'varphi', ϕ: 'phi' },
    ...{ χ: 'chi', ψ: 'psi', ω: 'omega', Γ: 'Gamma', Δ: 'Delta', Θ: 'Theta', Λ: 'Lambda', Ξ: 'Xi', Π: 'Pi' },
    ...{ Σ: 'Sigma', Υ: 'Upsilon', Φ: 'Phi', Ψ: 'Psi', Ω: 'Omega' },
  }).map(([letter, command]) => [letter, `$\\${command}$`]),
);

/** What stands for a character that LaTeX reads as something else, or does not know. */
const LATEX: Readonly<Record<string, string>> = {
  ...GREEK,
  ...{ ο: '$o$', Α: '$A$', Β: '$B$', Ε: '$E$', Ζ: '$Z$', Η: '$H$', Ι: '$I$', Κ: '$K$', Μ: '$M$', Ν: '$N$' },
  ...{ Ο: '$O$', Ρ: '$P$', Τ: '$T$', Χ: '$X$' },
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  // In the fonts that LaTeX takes by itself a long dash and inverted marks have their places.
  '|': '$|$',
  '<': '$<$',
  '>': '$>$',
  '≤': '$\\le$',
  '≥': '$\\ge$',
  '≠': '$\\ne$',
  '≈': '$\\approx$',
  '−': '$-$',
  '±': '$\\pm$',
  '×': '$\\times$',
  '·': '$\\cdot$',
  '÷': '$\\div$',
  '√': '$\\surd$',
  '∑': '$\\sum$',
  '∈': '$\\in$',
  '∞': '$\\infty$',
  '‖': '$\\|$',
  '→': '$\\to$',
  '←': '$\\leftarrow$',
  '°': '$^\\circ$',
  '²': '$^2$',
  '³': '$^3$',
  ℓ: '$\\ell$',
  '…': '\\dots{}',
  '–': '--',
  '—': '---',
  '‑': '-',
  '‘': '`',
  '’': "'",
  '“': '``',
  '”': "''",
  '\u00a0': '~',
  '\u202f': '\\,',
  '\n': ' ',
};

/** What LaTeX reads as something else, one letter each; two hyphens would be a dash. */
const SPECIAL = new RegExp(
  `-(?=-)|[&%$#_{}${Object.keys(LATEX)
    .join('')
    .replaceAll(/[\\^\]-]/g, '\\$&')}]`,
  'gu',
);

/** Text that LaTeX sets as it is. Letters with accents it knows; what else it does not know stays. */
function escapeLatex(text: string): string {
  return text
    .normalize('NFC')
    .replaceAll(SPECIAL, (character) => LATEX[character] ?? (character === '-' ? '-{}' : `\\${character}`))
    .replaceAll('"', "''");
}
