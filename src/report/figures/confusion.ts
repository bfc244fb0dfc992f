import type { Data } from 'plotly.js-dist-min';

import { axesOf, panelFigure } from './panels.ts';
import { plotlyText, SEQUENTIAL, type Figure } from './theme.ts';

/** How often each class was taken for each. */
export interface Confusion {
  readonly classes: readonly string[];
  /** `[true class][predicted class]` */
  readonly counts: readonly (readonly number[])[];
}

/** Most classes with a number in every cell. */
const MOST_NUMBERS = 12;

/** A confusion matrix, each row in per cent of its true class. */
export function confusionMatrix({ classes, counts }: Confusion): Figure {
  const names = classes.map(plotlyText);
  const totals = counts.map((row) => row.reduce((sum, count) => sum + count, 0));
  const shares = counts.map((row, r) =>
    row.map((count) => (totals[r] === 0 ? null : Number(((100 * count) / totals[r]!).toFixed(1)))),
  );
  const map: Data = {
    type: 'heatmap',
    x: names,
    y: names,
    z: shares,
    customdata: counts as never,
    ...(classes.length <= MOST_NUMBERS ? { texttemplate: '%{z:.0f}' } : {}),
    colorscale: SEQUENTIAL,
    zmin: 0,
    zmax: 100,
    xgap: 1,
    ygap: 1,
    colorbar: { title: { text: '% of row' }, thickness: 14, outlinewidth: 0 },
    hovertemplate: '%{y} taken for %{x}: %{customdata} (%{z} %)<extra></extra>',
    ...axesOf(0),
  };
  const right = counts.reduce((sum, row, r) => sum + row[r]!, 0);
  const all = totals.reduce((a, b) => a + b, 0);
  return panelFigure(
    [map],
    [
      {
        title: 'Confusion (% of the true class)',
        x: { title: 'predicted class', type: 'category', showgrid: false, tickangle: -45 },
        y: { title: 'true class', type: 'category', showgrid: false, autorange: 'reversed' },
      },
    ],
    `A confusion matrix of ${classes.length} classes: ${right} of ${all} images on its diagonal.`,
    { columns: 1, height: Math.min(620, Math.max(200, 34 * classes.length)), legendEntries: 0 },
  );
}
