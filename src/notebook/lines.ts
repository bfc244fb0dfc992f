import type { Data } from 'plotly.js-dist-min';

import {
  armStyle,
  axesOf,
  panelFigure,
  plotlyText,
  rounded,
  type Axis,
  type Figure,
  type PanelOptions,
} from '../report/index.ts';

/** One pair of axes with lines in it. */
export interface LinesPanel {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  /** Values at `first`, `first + 1` and so on, by the names of the lines. */
  readonly lines: Readonly<Record<string, readonly number[]>>;
}

export interface LinesOptions extends Partial<Pick<PanelOptions, 'columns' | 'height'>> {
  /** What the figure shows, one sentence. */
  readonly description: string;
  /** Where the first value stands on the horizontal axis; default 0. */
  readonly first?: number;
  /** Whether each value has a marker; default false. */
  readonly markers?: boolean;
}

/**
 * Numbers as lines: a line of one name looks the same in every panel, and stands in the legend once.
 *
 * @example
 * plot(linesFigure([{ title: 'Loss', x: { title: 'step' }, y: { title: 'loss' }, lines: { train } }], { description: 'The loss.' }));
 */
export function linesFigure(
  panels: readonly LinesPanel[],
  { description, first = 0, markers = false, columns = 2, height = 260 }: LinesOptions,
): Figure {
  const names = [...new Set(panels.flatMap(({ lines }) => Object.keys(lines)))];
  const shown = new Set<string>();
  const data = panels.flatMap(({ lines }, panel) =>
    Object.entries(lines).map(([name, values]): Data => {
      const { colour, dash, symbol } = armStyle(names.indexOf(name));
      const showlegend = !shown.has(name);
      shown.add(name);
      return {
        type: 'scatter',
        mode: markers ? 'lines+markers' : 'lines',
        name: plotlyText(name),
        legendgroup: name,
        showlegend,
        x: values.map((_, at) => first + at),
        y: values.map(rounded),
        line: { color: colour, dash, width: 2 },
        ...(markers ? { marker: { color: colour, symbol, size: 7 } } : {}),
        hovertemplate: `${plotlyText(name)}, %{x}: %{y:.3g}<extra></extra>`,
        ...axesOf(panel),
      };
    }),
  );
  // Names of ticks may be longer than numbers are.
  const layout = {
    columns: Math.min(columns, panels.length),
    gap: 0.14,
    height,
  };
  return panelFigure(data, panels, description, layout);
}
