/** Plotly figures. */
import type { MimeBundle } from '../mimeBundle.ts';
import { plainArrays } from './html.ts';
import { attempt, isObject, plainProperty } from './safe.ts';

/** A plotly figure: traces, and how the page around them looks. */
export interface FigureLike {
  readonly data: readonly object[];
  readonly layout?: object;
  readonly config?: object;
  /** The layout on a narrow page, which the documentation's pages use. */
  readonly narrowLayout?: object;
  /** Steps of an animation. */
  readonly frames?: readonly object[];
}

export interface FigureOptions {
  /** In pixels; 700 unless the layout says otherwise. */
  readonly width?: number;
  /** In pixels; 450 unless the layout says otherwise. */
  readonly height?: number;
}

const PLOTLY = 'application/vnd.plotly.v1+json';
const PARTS = new Set(['data', 'layout', 'config', 'frames']);
const TRACE = ['type', 'x', 'y', 'z'];

export function isFigure(value: unknown): value is FigureLike {
  if (!isObject(value)) return false;
  const data = plainProperty(value, 'data');
  if (!Array.isArray(data) || data.length === 0 || !data.every(isTrace)) return false;
  // Records of all kinds have `data`; with a layout beside it, it is a figure whatever else it holds.
  const layout = plainProperty(value, 'layout');
  return (
    (typeof layout === 'object' && layout !== null) ||
    attempt(() => Object.keys(value).every((key) => PARTS.has(key)), false)
  );
}

const isTrace = (trace: unknown): boolean =>
  isObject(trace) && TRACE.some((name) => plainProperty(trace, name) !== undefined);

/**
 * A figure as data, which JupyterLab's extension, VS Code and the export to HTML draw. There is no HTML in it:
 * GitHub and nbconvert would prefer that to the picture that is added to a saved notebook.
 */
export function figureBundle(figure: FigureLike, { width, height }: FigureOptions = {}): MimeBundle {
  const layout = {
    width: 700,
    height: 450,
    ...figure.layout,
    ...(width === undefined ? {} : { width }),
    ...(height === undefined ? {} : { height }),
  };
  // plotly.js 4 offers to upload the figure unless told not to.
  const config = { responsive: true, displaylogo: false, showSendToCloud: false, ...figure.config };
  const { data, narrowLayout, frames } = figure;
  const parts = { data, layout, config, narrowLayout, frames };
  const full = JSON.parse(JSON.stringify(parts, plainArrays)) as object;
  const kinds = figure.data.map((trace) => (trace as { type?: string }).type ?? 'scatter');
  return { [PLOTLY]: full, 'text/plain': `[figure: ${[...new Set(kinds)].join(', ')}]` };
}
