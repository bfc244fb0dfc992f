import { DIVERGING, DIVERGING_IN_DARK } from './theme.ts';

/** Colours from the least value to the largest, as plotly takes them: shares from 0 to 1 with `#rrggbb`. */
type Scale = [number, string][];

export interface CellTextOptions {
  /** `[row][column]` what stands on each cell, as plotly takes it. */
  readonly texts: readonly (readonly string[])[];
  readonly scale: Scale;
  readonly zmin: number;
  readonly zmax: number;
}

/** Least pixels of a matrix beside its names, and of a letter for each of the font's. */
const MATRIX = 230;
const LETTER = 0.65;
const LARGEST = 12;
const SMALLEST = 4;

/**
 * Numbers on the cells of a heat map, black or white, whichever is the easier to read there (WCAG's contrast ratio: 4.5 or more on
 * every colour); what plotly chooses itself is a grey of 2 on middle tones. Other members of the trace stay the caller's.
 */
export function cellText(
  z: readonly (readonly (number | null)[])[],
  { texts, scale, zmin, zmax }: CellTextOptions,
): object {
  const on = (colours: Scale): string[][] =>
    texts.map((row, r) =>
      row.map((text, c) => {
        const value = z[r]?.[c] ?? null;
        if (text === '' || value === null) return '';
        const ground = colourAt(colours, (value - zmin) / (zmax - zmin));
        return `<span style="color:${readableOn(ground)}">${text}</span>`;
      }),
    );
  const columns = Math.max(1, ...texts.map((row) => row.length));
  const longest = Math.max(1, ...texts.flat().map((text) => text.length));
  // Plotly's own size would count the letters of the colours, too.
  const size = Math.floor(MATRIX / columns / longest / LETTER);
  return {
    text: on(scale),
    texttemplate: '%{text}',
    textfont: { size: Math.min(LARGEST, Math.max(SMALLEST, size)) },
    // Only of this scale has a dark page another one.
    ...(scale === DIVERGING ? { meta: { inDark: { text: on(DIVERGING_IN_DARK) } } } : {}),
  };
}

/** Red, green and blue, 0 to 255. */
type Rgb = readonly [number, number, number];

function colourAt(scale: Scale, share: number): Rgb {
  const at = Math.min(1, Math.max(0, share));
  const above = Math.max(
    1,
    scale.findIndex(([end]) => end >= at),
  );
  const [[from, low], [to, high]] = [scale[above - 1]!, scale[above]!];
  const [a, b] = [channels(low), channels(high)];
  const mixed = (i: 0 | 1 | 2): number => a[i] + ((b[i] - a[i]) * (at - from)) / (to - from);
  return [mixed(0), mixed(1), mixed(2)];
}

function channels(colour: string): Rgb {
  const channel = (at: number): number => parseInt(colour.slice(at, at + 2), 16);
  return [channel(1), channel(3), channel(5)];
}

/** Black or white, whose contrast ratios are `(L + 0.05) / 0.05` and `1.05 / (L + 0.05)` for a relative luminance L. */
function readableOn(colour: Rgb): '#000' | '#fff' {
  const [red, green, blue] = colour.map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return (luminance + 0.05) ** 2 > 1.05 * 0.05 ? '#000' : '#fff';
}
