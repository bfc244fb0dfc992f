import type { Layout } from 'plotly.js-dist-min';

import {
  classTraces,
  coordinates,
  embeddingAxes,
  embeddingPanels,
  membersOf,
  withSprites,
  type EmbeddingScatterOptions,
} from './embedding.ts';
import { panelFigure } from './panels.ts';
import { coordinate } from './rounding.ts';
import { FONT, LINE, PAPER, plotlyText, type AnimationFrame, type Figure } from './theme.ts';

/** What {@link embeddingAnimation} draws. */
export interface EmbeddingAnimationOptions extends Omit<EmbeddingScatterOptions, 'panels'> {
  /** One an arm, or a layer. */
  readonly panels: readonly {
    readonly title: string;
    /** `[frames][n, 2]`, in one space. */
    readonly frames: readonly ArrayLike<number>[];
  }[];
  /** What changes, e.g. `epoch`. */
  readonly unit: string;
  /** `[frames]` names of the frames, e.g. the epochs. */
  readonly frames: readonly (string | number)[];
}

/** Milliseconds that a frame lasts, most of them on the way to it. */
const FRAME = 700;
const TRANSITION = 500;
/** Pixels below the panels for the slider, and the buttons below it. */
const CONTROLS = 146;
/** Room around the points, as a share of their extent. */
const ROOM = 0.05;

/**
 * How the images move in the plane, from epoch to epoch: a button plays it, a slider stands at one epoch. Axes are the
 * same in all frames.
 *
 * @throws RangeError where a panel has not one embedding a frame
 */
export function embeddingAnimation(options: EmbeddingAnimationOptions): Figure {
  const { panels, unit, frames, classes, labels, sprites, columns = Math.min(2, panels.length) } = options;
  for (const { title, frames: own } of panels) {
    if (own.length !== frames.length || own.length === 0) {
      throw new RangeError(
        `embeddingAnimation: ${title} has ${own.length} embeddings for ${frames.length} frames.`,
      );
    }
  }
  const first = panels.map((panel) => ({ title: panel.title, points: panel.frames[0]! }));
  const scatter: EmbeddingScatterOptions = { ...options, panels: first };
  const figure = panelFigure(
    first.flatMap((panel, at) => classTraces(scatter, panel, at)),
    panels.map((panel, at) => {
      const { x, y } = embeddingAxes(first[at]!, at);
      const [xRange, yRange] = rangesOf(panel.frames);
      return { title: panel.title, x: { ...x, range: xRange }, y: { ...y, range: yRange } };
    }),
    `How ${labels.length.toLocaleString('en-US')} images of ${classes.length} classes move in two dimensions from ${unit} ` +
      `${frames[0]!} to ${frames.at(-1)!}: ${panels.map(({ title }) => title).join(', ')}.`,
    embeddingPanels(scatter, columns),
  );
  const steps = frames.map((name, at): AnimationFrame => ({
    name: String(name),
    data: panels.flatMap((panel) =>
      classes.map((_, label) => coordinates(panel.frames[at]!, membersOf(labels, label))),
    ),
    traces: panels.flatMap((_, panel) => classes.map((__, label) => panel * classes.length + label)),
  }));
  const withControls = (layout: Partial<Layout>): Partial<Layout> => ({
    ...layout,
    height: layout.height! + CONTROLS,
    margin: { ...layout.margin, b: layout.margin!.b! + CONTROLS },
    ...controls(unit, frames.map(String)),
  });
  const drawn = withSprites(figure, sprites);
  return {
    ...drawn,
    layout: withControls(drawn.layout),
    narrowLayout: withControls(drawn.narrowLayout),
    frames: steps,
  };
}

/** The button and the slider. */
function controls(unit: string, names: readonly string[]): Partial<Layout> {
  const button = { font: { ...FONT }, bgcolor: PAPER, bordercolor: LINE };
  return {
    updatemenus: [
      {
        ...button,
        ...{ type: 'buttons', direction: 'left', showactive: false },
        ...{ x: 0, xanchor: 'left', y: 0, yanchor: 'top', pad: { t: 122 } },
        buttons: [
          {
            ...{ label: '▶ play', method: 'animate' },
            args: [
              null,
              {
                mode: 'immediate',
                fromcurrent: true,
                frame: { duration: FRAME, redraw: false },
                transition: { duration: TRANSITION, easing: 'cubic-in-out' },
              },
            ],
          },
          {
            ...{ label: '❚❚ pause', method: 'animate' },
            args: [
              [null],
              { mode: 'immediate', frame: { duration: 0, redraw: false }, transition: { duration: 0 } },
            ],
          },
        ],
      },
    ],
    sliders: [
      {
        ...button,
        ...{ active: 0, x: 0, len: 1, xanchor: 'left', y: 0, yanchor: 'top', pad: { t: 36 } },
        tickcolor: LINE,
        currentvalue: { prefix: `${plotlyText(unit)} `, xanchor: 'left', font: { ...FONT } },
        transition: { duration: TRANSITION, easing: 'cubic-in-out' },
        steps: names.map((name) => ({
          label: plotlyText(name),
          method: 'animate',
          args: [
            [name],
            {
              mode: 'immediate',
              frame: { duration: TRANSITION, redraw: false },
              transition: { duration: TRANSITION },
            },
          ],
        })),
      },
    ],
  };
}

/** Of x and y, over all frames. */
function rangesOf(frames: readonly ArrayLike<number>[]): [[number, number], [number, number]] {
  const along = (axis: 0 | 1): [number, number] => {
    let [low, high] = [Infinity, -Infinity];
    for (const points of frames) {
      for (let at: number = axis; at < points.length; at += 2) {
        low = Math.min(low, points[at]!);
        high = Math.max(high, points[at]!);
      }
    }
    const room = ROOM * (high - low || 1);
    return [coordinate(low - room), coordinate(high + room)];
  };
  return [along(0), along(1)];
}
