import type { Data } from 'plotly.js-dist-min';

import { axesOf, panelFigure } from './panels.ts';
import { classStyle, INK, LINE, plotlyText, rounded, SEQUENTIAL, type Figure } from './theme.ts';

/** What {@link gradientField} draws. */
export interface GradientField {
  readonly title: string;
  /** The gradient of the loss for a point at this place. Arrows go the other way: where a step of descent takes it. */
  readonly gradient: (x: number, y: number) => readonly [number, number];
  /** Ends of both axes; default -1.5 to 1.5. */
  readonly range?: readonly [number, number];
  /** Arrows along a side; 15 by default. */
  readonly arrows?: number;
  /** The other points of the batch, with their classes. */
  readonly points?: readonly { readonly x: number; readonly y: number; readonly label: number }[];
  readonly classes?: readonly string[];
}

/** The forces of a loss in the plane: arrows of descent, of equal length, over the length of the gradient in colour. */
export function gradientField(field: GradientField): Figure {
  const { title, gradient, range = [-1.5, 1.5], arrows = 15, points = [], classes = [] } = field;
  const step = (range[1] - range[0]) / arrows;
  const places = Array.from({ length: arrows }, (_, i) => range[0] + (i + 0.5) * step);
  const lengths = places.map((y) => places.map((x) => rounded(Math.hypot(...gradient(x, y)))));
  const ground: Data = {
    type: 'heatmap',
    x: places.map(rounded),
    y: places.map(rounded),
    z: lengths,
    zmin: 0,
    colorscale: SEQUENTIAL,
    opacity: 0.55,
    colorbar: { title: { text: '‖gradient‖' }, thickness: 14, outlinewidth: 0 },
    hovertemplate: '(%{x:.2f}, %{y:.2f}): ‖gradient‖ = %{z:.3g}<extra></extra>',
    ...axesOf(0),
  };
  // Each arrow is a shaft and a head; null lifts the pen.
  const x: (number | null)[] = [];
  const y: (number | null)[] = [];
  for (const py of places) {
    for (const px of places) {
      const [gx, gy] = gradient(px, py);
      const length = Math.hypot(gx, gy);
      if (!(length > 1e-9)) continue;
      const [dx, dy] = [(-gx / length) * 0.38 * step, (-gy / length) * 0.38 * step];
      const tip = [px + dx, py + dy] as const;
      const barb = (side: number) =>
        [tip[0] - 0.5 * dx - side * 0.35 * dy, tip[1] - 0.5 * dy + side * 0.35 * dx] as const;
      for (const [ax, ay] of [[px - dx, py - dy] as const, tip, barb(1), tip, barb(-1)]) {
        x.push(rounded(ax));
        y.push(rounded(ay));
      }
      x.push(null);
      y.push(null);
    }
  }
  const lines: Data = {
    ...{ type: 'scatter', mode: 'lines', x, y, showlegend: false, hoverinfo: 'skip' },
    line: { color: INK, width: 1.2 },
    ...axesOf(0),
  };
  const labels = [...new Set(points.map(({ label }) => label))].sort((a, b) => a - b);
  const members = labels.map((label): Data => {
    const own = points.filter((point) => point.label === label);
    return {
      type: 'scatter',
      mode: 'markers',
      name: plotlyText(classes[label] ?? `class ${label}`),
      x: own.map((point) => rounded(point.x)),
      y: own.map((point) => rounded(point.y)),
      marker: { ...classStyle(label), size: 12, line: { color: LINE, width: 1.5 } },
      ...axesOf(0),
    };
  });
  return panelFigure(
    [ground, lines, ...members],
    [
      {
        title,
        x: { title: 'feature 1', range: [...range], showgrid: false },
        y: { title: 'feature 2', range: [...range], showgrid: false, scaleanchor: 'x' },
      },
    ],
    `${title}: arrows of descent in the plane, over the length of the gradient.`,
    { columns: 1, height: 460, legendEntries: labels.length },
  );
}
