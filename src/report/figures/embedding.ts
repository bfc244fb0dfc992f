import type { Data, Layout } from 'plotly.js-dist-min';

import { whole } from '../format.ts';
import type { SpriteSheet } from './sprites.ts';
import { axesOf, panelFigure, type Axis, type PanelOptions } from './panels.ts';
import { coordinate } from './rounding.ts';
import { classStyle, plotlyText, type Figure } from './theme.ts';

/** One embedding of the images. */
export interface EmbeddingPanel {
  readonly title: string;
  /** `[n, 2]` */
  readonly points: ArrayLike<number>;
  /** What the axes are, where they are something (PCA, LDA); t-SNE's and UMAP's are nothing. */
  readonly axes?: readonly [string, string] | undefined;
}

/** What {@link embeddingScatter} draws. */
export interface EmbeddingScatterOptions {
  /** One a layer and arm; row after row of `columns`. */
  readonly panels: readonly EmbeddingPanel[];
  /** `[n]` class of each image. */
  readonly labels: ArrayLike<number>;
  readonly classes: readonly string[];
  /** `[n]` what the images are called: their places in the data set. */
  readonly indices: ArrayLike<number>;
  /** Images that are shown on hover. */
  readonly sprites?: SpriteSheet | undefined;
  /** Panels side by side; default all, at most 4. */
  readonly columns?: number | undefined;
}

/** By the number of panels side by side: pixels of a panel's height that make it about square. */
const HEIGHTS = [520, 380, 260, 200];
const MOST_COLUMNS = HEIGHTS.length;

/** Pixels that plotly's buttons take. */
const BUTTONS = 26;
/** Pixels that a legend of large symbols takes more on a narrow page. */
const NARROW_LEGEND = 44;

/** From so many points in a panel on, dots are smaller. */
const MANY = 700;

/**
 * Images in the plane, a panel a layer and arm, a colour and symbol a class. A point's label names its class and image;
 * the image itself appears beside the mouse where there is a sheet of them.
 */
export function embeddingScatter(options: EmbeddingScatterOptions): Figure {
  const { panels, classes, sprites, columns = Math.min(MOST_COLUMNS, panels.length) } = options;
  const data = panels.flatMap((panel, at) => classTraces(options, panel, at));
  const names = panels.map(({ title }) => title).join(', ');
  const figure = panelFigure(
    data,
    panels.map((panel, i) => ({ title: panel.title, ...embeddingAxes(panel, i) })),
    `${whole(options.labels.length)} images in two dimensions, a colour and symbol for each of ${classes.length} classes: ${names}.`,
    embeddingPanels(options, columns),
  );
  return withSprites(figure, sprites);
}

/** The traces of a panel, one a class. */
export function classTraces(
  { labels, classes, indices, sprites }: EmbeddingScatterOptions,
  { points }: EmbeddingPanel,
  panel: number,
): Data[] {
  return classes.map((name, label): Data => {
    const members = membersOf(labels, label);
    return {
      type: 'scatter',
      mode: 'markers',
      name: plotlyText(name),
      legendgroup: String(label),
      showlegend: panel === 0,
      ...coordinates(points, members),
      customdata: members.map((i) => [indices[i]!, sprites?.places[i] ?? -1]),
      marker: {
        ...classStyle(label),
        size: labels.length < MANY ? 6 : 4.5,
        opacity: 0.75,
      },
      hovertemplate: `${plotlyText(name)}, image %{customdata[0]}<extra></extra>`,
      ...axesOf(panel),
    };
  });
}

/** The images of a class. */
export function membersOf(labels: ArrayLike<number>, label: number): number[] {
  return Array.from({ length: labels.length }, (_, i) => i).filter((i) => labels[i] === label);
}

/** Where points of `[n, 2]` are drawn. */
export function coordinates(
  points: ArrayLike<number>,
  members: readonly number[],
): { x: number[]; y: number[] } {
  return {
    x: members.map((i) => coordinate(points[2 * i]!)),
    y: members.map((i) => coordinate(points[2 * i + 1]!)),
  };
}

/** Axes of equal scale, so that distances are distances. Those that mean nothing have no numbers. */
export function embeddingAxes({ axes }: EmbeddingPanel, panel: number): { x: Axis; y: Axis } {
  const bare = axes === undefined ? { showticklabels: false, ticks: '' as const } : {};
  const scaleanchor = axesOf(panel).xaxis as 'x';
  return { x: { title: axes?.[0] ?? '', ...bare }, y: { title: axes?.[1] ?? '', ...bare, scaleanchor } };
}

/** How panels of embeddings are laid out. */
export function embeddingPanels({ panels }: EmbeddingScatterOptions, columns: number): PanelOptions {
  return {
    columns,
    height: HEIGHTS[Math.min(columns, MOST_COLUMNS) - 1]!,
    gap: panels.some(({ axes }) => axes !== undefined) ? 0.08 : 0.025,
    smallMarkers: true,
  };
}

/** The figure with its sheet of images, once: a page gives the narrow layout the wide one's `meta`. */
export function withSprites(figure: Figure, sprites: SpriteSheet | undefined): Figure {
  const { source, width, height, columns } = sprites ?? {};
  const sheet = sprites === undefined ? {} : { sprites: { source, width, height, columns } };
  const meta = { ...(figure.layout.meta as object | undefined), ...sheet };
  return {
    ...figure,
    layout: { ...belowButtons(figure.layout), meta },
    narrowLayout: belowButtons(figure.narrowLayout, NARROW_LEGEND),
  };
}

/** The legend of many classes stands below plotly's buttons, not under them. */
function belowButtons(layout: Partial<Layout>, more = 0): Partial<Layout> {
  const height = layout.height! + BUTTONS + more;
  return {
    ...layout,
    height,
    margin: { ...layout.margin, t: layout.margin!.t! + BUTTONS + more },
    legend: { ...layout.legend, y: Number((1 - BUTTONS / height).toFixed(4)) },
    hovermode: 'closest',
  };
}
