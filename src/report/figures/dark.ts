import { faded, GRID, INK, LINE, PALE, PAPER, type Figure } from './theme.ts';

/**
 * The partner of every colour of a figure on a dark page: the same hue, light enough to read. A colour that has none (such as
 * those of {@link SEQUENTIAL}) stays.
 */
export const DARK_COLOURS: Readonly<Record<string, string>> = {
  [PAPER]: '#16181c',
  [INK]: '#e6e6e6',
  [GRID]: '#30343a',
  [LINE]: '#8a8f98',
  [PALE]: '#5a606a',
  // Arms
  '#0072B2': '#5AA9E6',
  '#D55E00': '#FF8A3D',
  '#009E73': '#2CC69A',
  '#CC79A7': '#E59BC4',
  '#E69F00': '#F5BE3B',
  '#56B4E9': '#A6DCF8',
  '#000000': '#ffffff',
  // Classes
  '#332288': '#8F83E8',
  '#CC6677': '#E58A98',
  '#117733': '#4FB06B',
  '#882255': '#C75A8E',
  '#44AA99': '#5CC7B5',
  '#999933': '#C2C25A',
  '#AA4499': '#CF7FC2',
  '#777777': '#A6A6A6',
};

/** The same figure for a dark page. The light one is not changed. */
export function inDark(figure: Figure): Figure {
  return recoloured(figure) as Figure;
}

/** The value with every text that is a light colour, `#rrggbb` or from {@link faded}, replaced by its partner. */
function recoloured(value: unknown): unknown {
  if (typeof value === 'string') return partner(value);
  if (Array.isArray(value)) return value.map(recoloured);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, recoloured(inner)]));
}

function partner(text: string): string {
  const direct = DARK_COLOURS[text];
  if (direct !== undefined) return direct;
  const opacity = /^rgba\(\d+,\d+,\d+,([\d.]+)\)$/.exec(text)?.[1];
  if (opacity === undefined) return text;
  const light = Object.keys(DARK_COLOURS).find((colour) => faded(colour, Number(opacity)) === text);
  return light === undefined ? text : faded(DARK_COLOURS[light]!, Number(opacity));
}
