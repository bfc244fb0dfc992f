import type { Data, Layout, LayoutAxis } from 'plotly.js-dist-min';

import { LEGEND_LINE, legendHeight, textWidth } from './legend.ts';
import { placed } from './rounding.ts';
import { AXIS, FONT, LINE, PAPER, plotlyText, type Figure } from './theme.ts';

/** One pair of axes of a figure. */
export interface Panel {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
}

/** An axis: its title with the unit, and whatever else plotly knows of one. */
export interface Axis extends Omit<Partial<LayoutAxis>, 'title'> {
  readonly title: string;
}

/** How panels are laid out. */
export interface PanelOptions {
  /** Panels side by side on a wide page. */
  readonly columns: number;
  /** Height of a panel's axes in pixels; 260 by default. */
  readonly height?: number;
  /** Pixels below a panel for ticks and axis title; 52 by default. */
  readonly below?: number;
  /** Share of the width between two panels; 0.1 by default, which leaves room for numbers and a title. */
  readonly gap?: number;
  /** Whether markers are so small that the legend should show them larger; false by default. */
  readonly smallMarkers?: boolean;
}

/**
 * The narrowest pages, in pixels, that the two layouts are drawn on: what a notebook's picture has (also where the page's script
 * changes from one to the other), and a phone. Legends get the rows they need there.
 */
const WIDE = 660;
const NARROW = 330;
/** Pixels above a panel for its title, and for each more line of it. */
const TITLE = 34;
const TITLE_LINE = 17;
/** Bold letters are wider than others. */
const BOLD = 1.08;
/** Pixels left and right of the panels, and above their titles where there is no legend. */
const LEFT = 62;
const RIGHT = 14;
const MARGIN = 12;
/** Pixels between two titles. */
const GAP = 8;

/** A figure of panels: trace data refer to panel `i` by {@link axesOf}`(i)`. */
export function panelFigure(
  data: Data[],
  panels: readonly Panel[],
  description: string,
  options: PanelOptions,
): Figure {
  return {
    data,
    layout: layoutOf(data, panels, description, { ...options, width: WIDE }),
    narrowLayout: layoutOf(data, panels, description, { ...options, columns: 1, width: NARROW }),
    description,
  };
}

/**
 * The wide layout of a figure of panels for a picture of a known width: the legend gets the lines that it takes there, which may be
 * fewer than on the narrowest page. Other figures keep theirs.
 *
 * @param width of the whole picture, in pixels
 */
export function layoutAt({ data, layout }: Pick<Figure, 'data' | 'layout'>, width: number): Partial<Layout> {
  const { height, margin, legend } = layout;
  if (legend?.yref !== 'container' || height === undefined || margin?.t === undefined) return layout;
  const axes = Object.entries(layout).flatMap(([name, axis]) =>
    name.startsWith('xaxis')
      ? [{ x: axis as Partial<LayoutAxis>, y: name.replace('x', 'y') as 'yaxis' }]
      : [],
  );
  const first = axes.flatMap(({ x, y }) => (x.domain?.[0] === 0 ? (layout[y] ?? []) : []));
  const titles = (layout.annotations ?? []).map(({ text = '' }) => text);
  const top = above(data, first, width) + moreLines(titles);
  return { ...layout, height: height + top - margin.t, margin: { ...margin, t: top } };
}

/** Pixels above the axes of the first row: the legend, and the panels' titles. */
function above(data: readonly Data[], first: readonly Partial<LayoutAxis>[], width: number): number {
  // The legend is as wide as the panels, to which names at the left of the first ones leave less room.
  const legend = legendHeight(data, width - Math.max(LEFT, ...namesOf(first)) - RIGHT);
  return Math.max(legend + 2, MARGIN) + TITLE;
}

/** Pixels of the names that stand at the axes themselves. */
function namesOf(first: readonly Partial<LayoutAxis>[]): number[] {
  return first.flatMap(({ ticktext }) =>
    Array.from<unknown, number>(
      ticktext ?? [],
      (text) =>
        Math.max(
          ...String(text)
            .split('<br>')
            .map((line) => textWidth(line)),
        ) + AXIS.ticklen,
    ),
  );
}

/** Pixels left of the first panels: names of axes, or those of a heat map's rows beside the axis's title. */
function leftOf(data: readonly Data[], first: readonly Partial<LayoutAxis>[]): number {
  const rows = (data as readonly { type?: string; y?: unknown }[]).flatMap(({ type, y }) =>
    type === 'heatmap' && Array.isArray(y)
      ? y.filter((name): name is string => typeof name === 'string')
      : [],
  );
  const title = 2 * FONT.size;
  return Math.max(LEFT, ...namesOf(first), ...rows.map((name) => textWidth(name) + AXIS.ticklen + title));
}

/** Pixels that titles need beyond one line. */
function moreLines(titles: readonly string[]): number {
  return TITLE_LINE * Math.max(0, ...titles.map((title) => title.split('<br>').length - 1));
}

/** A title in as many lines as it needs in a width, broken at spaces. */
function inLines(title: string, width: number): string {
  const lines: string[] = [];
  for (const word of title.split(' ')) {
    const longer = lines.length === 0 ? word : `${lines.at(-1)!} ${word}`;
    if (lines.length > 0 && BOLD * textWidth(longer) > width) lines.push(word);
    else lines.splice(-1, 1, longer);
  }
  return lines.map((line) => plotlyText(line)).join('<br>');
}

/** The axes of panel `i`, counted from 0, as a trace names them. */
export function axesOf(i: number): { readonly xaxis: string; readonly yaxis: string } {
  const suffix = i === 0 ? '' : String(i + 1);
  return { xaxis: `x${suffix}`, yaxis: `y${suffix}` };
}

function layoutOf(
  data: readonly Data[],
  panels: readonly Panel[],
  description: string,
  options: PanelOptions & { readonly width: number },
): Partial<Layout> {
  const { height = 260, below: room = 52, smallMarkers = false, width } = options;
  const columns = Math.min(options.columns, panels.length);
  const rows = Math.ceil(panels.length / columns);
  const first = panels.flatMap(({ y: { ticktext = [] } }, i) => (i % columns === 0 ? { ticktext } : []));
  const gap = columns === 1 ? 0 : (options.gap ?? 0.1);
  const panelWidth = (1 - gap * (columns - 1)) / columns;
  // A title may reach to the panel beside it, or to the end of the figure.
  const beside = (column: number): number =>
    (width - leftOf(data, first) - RIGHT) * (column < columns - 1 ? panelWidth + gap : panelWidth) +
    (column < columns - 1 ? -GAP : RIGHT);
  const names = panels.map(({ title }, i) => inLines(title, beside(i % columns)));
  const title = TITLE + moreLines(names);
  const plot = rows * height + (rows - 1) * (room + title);
  const top = above(data, first, width) + title - TITLE;

  const axes: Record<string, Partial<LayoutAxis>> = {};
  const titles: object[] = [];
  panels.forEach((panel, i) => {
    const { xaxis, yaxis } = axesOf(i);
    const [row, column] = [Math.floor(i / columns), i % columns];
    const left = placed(column * (panelWidth + gap));
    const above = placed(1 - (row * (height + room + title)) / plot);
    const below = Math.max(0, placed(above - height / plot));
    axes[`xaxis${xaxis.slice(1)}`] = {
      ...axisOf(panel.x),
      anchor: yaxis as 'y',
      domain: [left, Math.min(1, placed(left + panelWidth))],
    };
    axes[`yaxis${yaxis.slice(1)}`] = { ...axisOf(panel.y), anchor: xaxis as 'x', domain: [below, above] };
    titles.push({
      text: `<b>${names[i]!}</b>`,
      ...(names[i]!.includes('<br>') ? { align: 'left' } : {}),
      x: left,
      y: above,
      xref: 'paper',
      yref: 'paper',
      xanchor: 'left',
      yanchor: 'bottom',
      yshift: 6,
      showarrow: false,
    });
  });
  return {
    autosize: true,
    height: top + plot + room,
    // For whoever gets the figure without its description: a notebook, or a file of plotly's JSON.
    meta: { alt: description },
    paper_bgcolor: PAPER,
    plot_bgcolor: PAPER,
    font: FONT,
    margin: { l: LEFT, r: RIGHT, t: top, b: room },
    legend: {
      orientation: 'h',
      x: 0,
      xanchor: 'left',
      y: 1,
      yanchor: 'top',
      yref: 'container',
      itemwidth: LEGEND_LINE,
      ...(smallMarkers ? { itemsizing: 'constant' } : {}),
    },
    hoverlabel: { bgcolor: PAPER, bordercolor: LINE, font: { color: FONT.color } },
    annotations: titles,
    ...axes,
  };
}

function axisOf({ title, ...rest }: Axis): Partial<LayoutAxis> {
  // Plotly writes powers of ten a quarter larger than other numbers.
  const powers = rest.exponentformat === 'power' ? { tickfont: { size: 0.8 * FONT.size } } : {};
  return { ...AXIS, ...powers, ...rest, title: { text: title, standoff: 8, font: { size: FONT.size } } };
}
