import type { Data } from 'plotly.js-dist-min';

import { cellText } from './cellText.ts';
import { axesOf, panelFigure, type Axis, type PanelOptions } from './panels.ts';
import { plotlyText, SEQUENTIAL, type Figure } from './theme.ts';

/** How often each class was taken for each. */
export interface Confusion {
  readonly classes: readonly string[];
  /** `[true class][predicted class]` */
  readonly counts: readonly (readonly number[])[];
}

/** Most classes with a number in every cell. */
const MOST_NUMBERS = 12;

/** Pixels of a letter of a class's name, and least width of the matrix that the names stand below. */
const LETTER = 7;
const NARROWEST = 230;

/**
 * Names of classes below a matrix: level where they fit side by side, else at an angle, with the room that this takes.
 *
 * @returns more of the horizontal axis, and of the options of its panel
 */
export function classesBelow(classes: readonly string[]): {
  readonly axis: Partial<Axis>;
  readonly options: Pick<PanelOptions, 'below'>;
} {
  const longest = LETTER * Math.max(0, ...classes.map((name) => name.length));
  const level = (longest + LETTER) * classes.length <= NARROWEST;
  return {
    axis: { tickangle: level ? 0 : -45, tickfont: { size: 11 } },
    options: { below: level ? 52 : Math.max(52, Math.round(24 + longest * Math.SQRT1_2)) },
  };
}

/** `[true class][predicted class]` in per cent of the true class, to so many decimals; `null` for a class without images. */
export function confusionShares(
  { counts }: Pick<Confusion, 'counts'>,
  decimals: number,
): (number | null)[][] {
  return counts.map((row) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    return row.map((count) => (total === 0 ? null : Number(((100 * count) / total).toFixed(decimals))));
  });
}

/** Shares in whole per cent on their cells, whose colours go from 0 to 100 %. */
export function shareText(shares: readonly (readonly (number | null)[])[]): object {
  const texts = shares.map((row) => row.map((share) => (share === null ? '' : share.toFixed(0))));
  return cellText(shares, { texts, scale: SEQUENTIAL, zmin: 0, zmax: 100 });
}

/** A confusion matrix, each row in per cent of its true class. */
export function confusionMatrix({ classes, counts }: Confusion): Figure {
  const names = classes.map(plotlyText);
  const shares = confusionShares({ counts }, 1);
  const map: Data = {
    type: 'heatmap',
    x: names,
    y: names,
    z: shares,
    customdata: counts as never,
    ...(classes.length <= MOST_NUMBERS ? shareText(shares) : {}),
    colorscale: SEQUENTIAL,
    zmin: 0,
    zmax: 100,
    xgap: 1,
    ygap: 1,
    colorbar: { title: { text: '% of row' }, thickness: 14, outlinewidth: 0 },
    hovertemplate: '%{y} taken for %{x}: %{customdata} (%{z} %)<extra></extra>',
    ...axesOf(0),
  };
  const below = classesBelow(classes);
  const right = counts.reduce((sum, row, r) => sum + row[r]!, 0);
  const all = counts.flat().reduce((a, b) => a + b, 0);
  return panelFigure(
    [map],
    [
      {
        title: 'Confusion (% of the true class)',
        x: { title: 'predicted class', type: 'category', showgrid: false, ...below.axis },
        y: { title: 'true class', type: 'category', showgrid: false, autorange: 'reversed' },
      },
    ],
    `A confusion matrix of ${classes.length} classes: ${right} of ${all} images on its diagonal.`,
    {
      ...{ columns: 1, height: Math.min(620, Math.max(200, 34 * classes.length)) },
      ...below.options,
    },
  );
}
