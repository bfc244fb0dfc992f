import type { Data } from 'plotly.js-dist-min';

import {
  ARM_COLOURS,
  axesOf,
  classStyle,
  PALE,
  PAPER,
  panelFigure,
  plotlyText,
  type Figure,
} from '../../report/index.ts';
import type { Force } from './forces.ts';
import type { PlanePoints, Vector } from './points.ts';

/** One drawing of points and forces. */
export interface PlanePanel {
  readonly title: string;
  readonly set: PlanePoints;
  /** Drawn as arrows; the longest has `longest`. Default none. */
  readonly forces?: readonly Force[];
  /** Where the points came from: their places at each step, as `descend` gives them. Default nowhere. */
  readonly paths?: readonly (readonly Vector[])[];
}

export interface PlaneOptions {
  /** What the figure shows, one sentence. */
  readonly description: string;
  /** The axes go from `-reach` to `reach`; default 1.5. */
  readonly reach?: number;
  /** Length of the longest arrows of a panel, in units of the axes; default 0.5. Outliers are no longer than the others. */
  readonly longest?: number;
  /**
   * A force has an arrow as long as its strength to this power, so that weak ones can be seen: default 1, in proportion.
   */
  readonly power?: number;
  /** Whether the unit circle is drawn, on which features of unit length lie; default true. */
  readonly circle?: boolean;
  /** Names of the classes; default A, B, C and so on. */
  readonly classes?: readonly string[];
  /** Panels side by side; default 3. */
  readonly columns?: number;
}

const ARROW = ARM_COLOURS[1];
/** Height of a panel in pixels, by the number of columns, so that it is about square in a notebook. */
const HEIGHTS = [420, 420, 285, 180] as const;
/** The share of a panel's forces that are told apart by length; stronger ones, such as those near a pole, look the same. */
const TOLD_APART = 0.95;
/** Below this share of the strong forces of its panel a force is none: rounding. */
const LEAST = 1e-4;

/** Points of the plane with the forces of a loss, a panel for each of several settings. */
export function planeFigure(panels: readonly PlanePanel[], options: PlaneOptions): Figure {
  const { reach = 1.5, columns = 3, circle = true, description } = options;
  const labels = [...new Set(panels.flatMap(({ set }) => set.labels))].sort((a, b) => a - b);
  const names = options.classes ?? labels.map((label) => String.fromCharCode(65 + label));
  const range: [number, number] = [-reach, reach];
  return panelFigure(
    panels.flatMap((panel, i) => [
      ...(circle ? [unitCircle(i)] : []),
      ...pathTraces(panel, i),
      ...(panel.forces === undefined ? [] : [arrows(panel.forces, i, options)]),
      ...labels.map((label) => classTrace(panel.set, i, label, names[label] ?? String(label))),
    ]),
    panels.map(({ title }, i) => ({
      title,
      // Where a panel is narrower than its place it stands at the left of it, under its title.
      x: { title: '1st feature', range, constrain: 'domain', constraintoward: 'left' },
      // One unit is as long in both directions.
      y: { title: '2nd feature', range, scaleanchor: axesOf(i).xaxis as 'x', constrain: 'domain' },
    })),
    description,
    { columns, gap: 0.12, height: HEIGHTS[Math.min(columns, panels.length)] ?? 180 },
  );
}

const line = { type: 'scatter', showlegend: false, hoverinfo: 'skip' } as const;

function unitCircle(panel: number): Data {
  const angles = Array.from({ length: 73 }, (_, i) => (i * Math.PI) / 36);
  return {
    ...line,
    mode: 'lines',
    x: angles.map((angle) => digits(Math.cos(angle))),
    y: angles.map((angle) => digits(Math.sin(angle))),
    line: { color: PALE, width: 1 },
    ...axesOf(panel),
  };
}

function classTrace({ points, labels }: PlanePoints, panel: number, label: number, name: string): Data {
  const own = points.filter((_, i) => labels[i] === label);
  return {
    type: 'scatter',
    mode: 'markers',
    name: `class ${plotlyText(name)}`,
    legendgroup: String(label),
    showlegend: panel === 0,
    x: own.map(([x]) => digits(x)),
    y: own.map(([, y]) => digits(y)),
    marker: {
      ...classStyle(label),
      size: 9,
      line: { color: PAPER, width: 1 },
    },
    hovertemplate: `class ${plotlyText(name)}: %{x:.3f}, %{y:.3f}<extra></extra>`,
    ...axesOf(panel),
  };
}

function arrows(
  forces: readonly Force[],
  panel: number,
  { longest = 0.5, power = 1 }: Pick<PlaneOptions, 'longest' | 'power'>,
): Data {
  const strengths = forces.map(({ force: [x, y] }) => Math.hypot(x, y));
  const most = strengths.toSorted((a, b) => a - b)[Math.ceil(TOLD_APART * strengths.length) - 1] ?? 0;
  const shown = forces.flatMap(({ at: [x, y], force: [fx, fy] }, i) => {
    const strength = strengths[i]!;
    if (!(strength > LEAST * most)) return [];
    const scale = (longest * Math.min(1, strength / most) ** power) / strength;
    return [{ from: [x, y], to: [x + scale * fx, y + scale * fy] }];
  });
  const ends = (axis: 0 | 1) =>
    shown.flatMap(({ from, to }) => [digits(from[axis]!), digits(to[axis]!), null]);
  return {
    ...line,
    mode: 'lines+markers',
    x: ends(0),
    y: ends(1),
    line: { color: ARROW, width: 1.3 },
    // A head at the end only, along the line.
    marker: {
      ...{ color: ARROW, symbol: 'arrow', angleref: 'previous', line: { width: 0 } },
      size: shown.flatMap(() => [0, 8, 0]),
    },
    ...axesOf(panel),
  };
}

function pathTraces({ paths, set }: PlanePanel, panel: number): Data[] {
  if (paths === undefined) return [];
  return set.points.map((_, i) => {
    const places = paths.map((points) => points[i]!);
    return {
      ...line,
      mode: 'lines',
      x: places.map(([x]) => digits(x)),
      y: places.map(([, y]) => digits(y)),
      line: { color: classStyle(set.labels[i]!).color, width: 1 },
      opacity: 0.6,
      ...axesOf(panel),
    };
  });
}

/** Three decimals are more than a screen shows. */
const digits = (value: number): number => Math.round(value * 1e3) / 1e3;
