import type { Data, Layout } from 'plotly.js-dist-min';

/**
 * A picture: what `Plotly.newPlot(element, data, layout)` takes, and words for those who cannot see it.
 *
 * A figure is a pure function of data, drawn by `panelFigure` for a light page. Its colours are those named in this file, so
 * that a dark page (inDark.js of the lab extension) finds a partner for each; names in it go through {@link plotlyText}; axes say their unit; numbers are
 * rounded to what a screen shows, which keeps pages small and snapshots steady.
 *
 * @example
 * export function lossByEpoch(losses: readonly number[]): Figure {
 *   const line: Data = { type: 'scatter', mode: 'lines', y: losses.map(rounded), ...axesOf(0) };
 *   const panel = { title: 'Loss', x: { title: 'epoch' }, y: { title: 'cross-entropy (nats)' } };
 *   return panelFigure([line], [panel], 'The loss by epoch.', { columns: 1 });
 * }
 */
export interface Figure {
  readonly data: Data[];
  readonly layout: Partial<Layout>;
  /** The same with the panels below each other, for a page narrower than 700 pixels. */
  readonly narrowLayout: Partial<Layout>;
  /** What the picture shows, one sentence. */
  readonly description: string;
  /** Steps of an animation, in their order: what of the data is another in each. */
  readonly frames?: readonly AnimationFrame[];
}

/** A step of an animation, as plotly takes it. */
export interface AnimationFrame {
  readonly name: string;
  readonly data: readonly Partial<Data>[];
  /** Places in the figure's data that these replace. */
  readonly traces: readonly number[];
}

/**
 * Colours of the arms, in their order: Okabe and Ito, "Color Universal Design" (2008), which stay apart for
 * every common form of colour blindness; blue and vermilion first, which also differ most in print.
 */
export const ARM_COLOURS = [
  '#0072B2',
  '#D55E00',
  '#009E73',
  '#CC79A7',
  '#E69F00',
  '#56B4E9',
  '#000000',
] as const;

/** Dashes and markers repeat what the colours say, for print in grey. */
const ARM_DASHES = ['solid', 'dash', 'dot', 'dashdot'] as const;
const ARM_SYMBOLS = ['circle', 'diamond', 'square', 'triangle-up'] as const;

/** So many arms have a colour, a dash and a marker that no other has. */
export const DISTINCT_ARMS = ARM_DASHES.length;

/**
 * Colours of classes: the qualitative scheme "muted" of Paul Tol, "Colour Schemes" (2021), colour-blind safe, its
 * pale grey replaced by a darker one for small dots on white. From the eleventh class on they repeat with another symbol.
 */
const CLASS_COLOURS = [
  '#332288',
  '#CC6677',
  '#117733',
  '#DDAA33',
  '#88CCEE',
  '#882255',
  '#44AA99',
  '#999933',
  '#AA4499',
  '#777777',
] as const;
/** Symbols of classes, beside their colours: for readers who do not see these, and for print in grey. */
const CLASS_SYMBOLS = [
  ...(['circle', 'square', 'diamond', 'triangle-up', 'cross'] as const),
  ...(['x', 'triangle-down', 'star', 'hexagon', 'pentagon'] as const),
] as const;
/** By how many symbols the next ten classes are shifted: a hundred classes look different. */
const SYMBOL_SHIFT = 3;

/** How an arm looks in every figure. */
export interface ArmStyle {
  readonly colour: string;
  readonly dash: (typeof ARM_DASHES)[number];
  readonly symbol: (typeof ARM_SYMBOLS)[number];
}

/** The look of the arm at a position of {@link StudyRecords.arms}. */
export function armStyle(position: number): ArmStyle {
  return {
    colour: ARM_COLOURS[position % ARM_COLOURS.length]!,
    dash: ARM_DASHES[position % ARM_DASHES.length]!,
    symbol: ARM_SYMBOLS[position % ARM_SYMBOLS.length]!,
  };
}

/** Colour and marker of a class. */
export function classStyle(label: number): {
  readonly color: string;
  readonly symbol: (typeof CLASS_SYMBOLS)[number];
} {
  const round = Math.floor(label / CLASS_COLOURS.length);
  return {
    color: CLASS_COLOURS[label % CLASS_COLOURS.length]!,
    symbol: CLASS_SYMBOLS[(label + SYMBOL_SHIFT * round) % CLASS_SYMBOLS.length]!,
  };
}

/** What stands around the data, on a light page. */
export const PAPER = '#ffffff';
export const INK = '#222222';
const GRID = '#e8e8e8';
export const LINE = '#888888';
/** What joins or frames data without being data. */
export const PALE = '#bbbbbb';

/**
 * From little to much: cividis (Nuñez, Anderton and Renslow, 2018), which reads the same with every form of colour
 * blindness and in grey, on light and on dark.
 */
export const SEQUENTIAL: [number, string][] = [
  [0, '#00224E'],
  [0.25, '#434E6C'],
  [0.5, '#7D7C78'],
  [0.75, '#BCAF6F'],
  [1, '#FEE838'],
];

/** From below to above a middle: the first two colours of the arms, with the page's ground between them. */
export const DIVERGING: [number, string][] = [
  [0, '#0072B2'],
  [0.5, PAPER],
  [1, '#D55E00'],
];

/** The same on a dark page, by the partners of inDark.js. */
export const DIVERGING_IN_DARK: [number, string][] = [
  [0, '#5AA9E6'],
  [0.5, '#16181c'],
  [1, '#FF8A3D'],
];

/** A colour `#rrggbb` at an opacity. */
export function faded(colour: string, opacity: number): string {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  return `rgba(${red!},${green!},${blue!},${opacity})`;
}

/** Settings of every axis. */
export const AXIS = {
  gridcolor: GRID,
  zeroline: false,
  linecolor: LINE,
  showline: true,
  ticks: 'outside',
  tickcolor: LINE,
  ticklen: 4,
  automargin: true,
} as const;

/** Plotly reads a small HTML in its texts; a name is to be shown as it is. */
export function plotlyText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Font of every figure. */
export const FONT = {
  family: 'system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif',
  size: 13,
  color: INK,
};
