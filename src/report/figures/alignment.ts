import type { Data } from 'plotly.js-dist-min';

import { cellText } from './cellText.ts';
import { axesOf, panelFigure } from './panels.ts';
import { rounded } from './rounding.ts';
import { plotlyText, SEQUENTIAL, type Figure } from './theme.ts';

/** How alike the layers of a network are to those of the same or another one. */
export interface AlignmentPanel {
  /** What the rows and the columns are of, e.g. `CE`. */
  readonly rows: string;
  readonly columns: string;
  /** `[row][column]` by the names of the taps, 0 to 1. */
  readonly cka: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** Heat maps of linear centred kernel alignment, all on the scale from 0 to 1, with the numbers in their cells. */
export function alignmentHeatMaps(panels: readonly AlignmentPanel[]): Figure {
  const data = panels.map(({ rows, columns, cka }, panel): Data => {
    const names = Object.keys(cka);
    const others = Object.keys(cka[names[0]!] ?? {});
    const z = names.map((name) => others.map((other) => rounded(cka[name]![other])));
    const texts = z.map((row) => row.map((value) => value?.toFixed(2) ?? ''));
    return {
      type: 'heatmap',
      x: others.map(plotlyText),
      y: names.map(plotlyText),
      z,
      ...cellText(z, { texts, scale: SEQUENTIAL, zmin: 0, zmax: 1 }),
      colorscale: SEQUENTIAL,
      ...{ zmin: 0, zmax: 1, xgap: 1, ygap: 1, showscale: panel === 0 },
      colorbar: { title: { text: 'CKA' }, thickness: 14, outlinewidth: 0 },
      hovertemplate: `${plotlyText(rows)} %{y}, ${plotlyText(columns)} %{x}: %{z:.3f}<extra></extra>`,
      ...axesOf(panel),
    };
  });
  const titles = panels.map(({ rows, columns }) =>
    rows === columns ? `within ${rows}` : `${rows} (down), ${columns} (across)`,
  );
  // Names of taps stand at an angle: there is no room for titles of axes below them.
  const axis = { title: '', type: 'category', showgrid: false } as const;
  return panelFigure(
    data,
    titles.map((title) => ({
      title,
      x: { ...axis, tickangle: -30 },
      y: { ...axis, autorange: 'reversed' },
    })),
    `Alignment of taps, 0 to 1, as heat maps: ${titles.join('; ')}.`,
    { columns: 2, height: 200, below: 66, gap: 0.24 },
  );
}
