import type { Annotation, Data } from 'plotly.js-dist-min';

import { signedPoints } from '../format.ts';
import { cellText } from './cellText.ts';
import { classesBelow, confusionShares, shareText, type Confusion } from './confusion.ts';
import { axesOf, panelFigure, type Panel } from './panels.ts';
import { rounded } from './rounding.ts';
import { ARM_COLOURS, DIVERGING, LINE, plotlyText, SEQUENTIAL, type Figure } from './theme.ts';

/** What an arm takes the classes for. */
export interface NamedConfusion extends Confusion {
  /** Of the arm. */
  readonly title: string;
}

/** Most classes of a matrix that can be read. */
const MOST = 20;

/** Classes whose names stand in a picture of many. */
const NAMED = 8;

/**
 * Two arms' confusions: their matrices, each row in per cent of its true class, and the second minus the first in percentage
 * points. Of more than 20 classes, whose cells nobody can read, the error of each class instead: a dot a class, one arm
 * across, the other up.
 */
export function confusionComparison(first: NamedConfusion, second: NamedConfusion): Figure {
  return first.classes.length > MOST ? errorsByClass(first, second) : matrices(first, second);
}

function matrices(first: NamedConfusion, second: NamedConfusion): Figure {
  const [a, b] = [confusionShares(first, 2), confusionShares(second, 2)];
  const difference = a.map((row, r) =>
    row.map((share, c) => (share === null || b[r]![c] === null ? null : rounded(b[r]![c]! - share))),
  );
  // In the data, since plotly's own numbers have a hyphen for a minus.
  const written = (digits: number): string[][] =>
    difference.map((row) => row.map((value) => (value === null ? '' : signedPoints(value / 100, digits))));
  const largest = Math.max(0.1, ...difference.flat().map((value) => Math.abs(value ?? 0)));
  const names = first.classes.map(plotlyText);
  const map = (z: (number | null)[][], panel: number, more: Partial<Data>): Data =>
    ({
      ...{ type: 'heatmap', x: names, y: names, z, xgap: 1, ygap: 1, showscale: false },
      ...more,
      ...axesOf(panel),
    }) as Data;
  const level = {
    ...{ colorscale: SEQUENTIAL, zmin: 0, zmax: 100 },
    hovertemplate: '%{y} taken for %{x}: %{z:.1f} %<extra></extra>',
  };
  const below = classesBelow(first.classes);
  const panel = (title: string, x: string, y: Partial<Panel['y']> = {}): Panel => ({
    title,
    x: { title: x, type: 'category', showgrid: false, ...below.axis },
    y: { title: 'true class', type: 'category', showgrid: false, autorange: 'reversed', ...y },
  });
  // Below the first matrix and beside it there is no room for every word, and the axes are the same.
  const beside = { title: '', showticklabels: false };
  return panelFigure(
    [
      map(a, 0, { ...level, ...shareText(a) }),
      map(b, 1, { ...level, ...shareText(b) }),
      map(difference, 2, {
        ...{ colorscale: DIVERGING, zmin: -largest, zmax: largest },
        ...cellText(difference, { texts: written(1), scale: DIVERGING, zmin: -largest, zmax: largest }),
        ...{
          customdata: written(2),
          hovertemplate: '%{y} taken for %{x}: %{customdata} points<extra></extra>',
        },
      }),
    ],
    [
      panel(`${first.title} (% of the true class)`, ''),
      panel(`${second.title} (% of the true class)`, '', beside),
      panel(`${second.title} − ${first.title} (points)`, 'predicted class'),
    ],
    `Confusion matrices of ${first.title} and ${second.title}, ${names.length} classes, and their difference.`,
    {
      ...{ columns: 2, height: Math.max(170, 30 * names.length), gap: 0.05 },
      ...below.options,
    },
  );
}

function errorsByClass(first: NamedConfusion, second: NamedConfusion): Figure {
  const error = (confusion: Confusion): (number | null)[] =>
    confusionShares(confusion, 2).map((row, c) => (row[c] === null ? null : rounded(100 - row[c]!)));
  const [x, y] = [error(first), error(second)];
  const distance = (c: number): number => Math.abs((y[c] ?? 0) - (x[c] ?? 0));
  const names = first.classes.map(plotlyText);
  // Beside the cloud, in the order of their dots, so that neither names nor the lines to them cross.
  const named = names
    .map((_, c) => c)
    .sort((a, b) => distance(b) - distance(a))
    .slice(0, NAMED)
    .sort((a, b) => (y[a] ?? 0) - (y[b] ?? 0));
  const labels = named.map((c, at) => ({
    ...{ text: names[c], x: x[c], y: y[c], xref: 'x', yref: 'y' },
    ...{ ax: 82, ay: 4 + 6 * at, axref: 'x', ayref: 'y', xanchor: 'left' },
    ...{ arrowhead: 0, arrowwidth: 1, arrowcolor: LINE, standoff: 4, font: { size: 11 } },
  }));
  const dots: Data = {
    type: 'scatter',
    mode: 'markers',
    x,
    y,
    customdata: names,
    marker: { color: ARM_COLOURS[0], size: 8, opacity: 0.75 },
    hovertemplate: '%{customdata}: %{x:.1f} % and %{y:.1f} %<extra></extra>',
    showlegend: false,
    ...axesOf(0),
  };
  const diagonal: Data = {
    type: 'scatter',
    mode: 'lines',
    x: [0, 100],
    y: [0, 100],
    line: { color: LINE, width: 1, dash: 'dot' },
    ...{ hoverinfo: 'skip', showlegend: false },
    ...axesOf(0),
  };
  const lower = x.filter((value, c) => (y[c] ?? 0) < (value ?? 0)).length;
  const figure = panelFigure(
    [diagonal, dots],
    [
      {
        title: 'Test error of each class (%)',
        x: { title: `${first.title} (%)`, range: [0, 100] },
        y: { title: `${second.title} (%)`, range: [0, 100] },
      },
    ],
    `Test error of ${names.length} classes with ${first.title} and with ${second.title}; ${lower} lie below the diagonal, where the second has ` +
      `the lower one.`,
    { columns: 1, height: 460 },
  );
  const labelled = (layout: Figure['layout']): Figure['layout'] => ({
    ...layout,
    annotations: [...(layout.annotations ?? []), ...(labels as Partial<Annotation>[])] as Annotation[],
  });
  return { ...figure, layout: labelled(figure.layout), narrowLayout: labelled(figure.narrowLayout) };
}
