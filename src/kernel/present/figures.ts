import { randomUUID } from 'node:crypto';

import type { MimeBundle } from '../output.ts';
import { escapeHtml, plainArrays, scriptJson } from './html.ts';

/** A plotly figure: traces, and how the page around them looks. */
export interface FigureLike {
  readonly data: readonly object[];
  readonly layout?: object;
  readonly config?: object;
}

export interface FigureOptions {
  /** In pixels; 700 unless the layout says otherwise. */
  readonly width?: number;
  /** In pixels; 450 unless the layout says otherwise. */
  readonly height?: number;
}

const PLOTLY = 'application/vnd.plotly.v1+json';
const PARTS = new Set(['data', 'layout', 'config', 'frames']);

export function isFigure(value: unknown): value is FigureLike {
  if (typeof value !== 'object' || value === null) return false;
  const figure = value as Partial<FigureLike>;
  const isTrace = (trace: unknown) =>
    typeof trace === 'object' &&
    trace !== null &&
    ('type' in trace || 'x' in trace || 'y' in trace || 'z' in trace);
  return (
    Array.isArray(figure.data) &&
    figure.data.length > 0 &&
    figure.data.every(isTrace) &&
    // Records of all kinds have `data`; with a layout beside it, it is a figure whatever else it holds.
    (typeof figure.layout === 'object' || Object.keys(value).every((key) => PARTS.has(key)))
  );
}

/** A figure for JupyterLab's plotly extension, and as HTML that draws itself where plotly.js is in the page. */
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
  const full = JSON.parse(JSON.stringify({ data: figure.data, layout, config }, plainArrays)) as object;
  const kinds = figure.data.map((trace) => (trace as { type?: string }).type ?? 'scatter');
  const text = `[figure: ${kinds.join(', ')}]`;
  const id = `figure-${randomUUID()}`;
  const html =
    `<div id="${id}">${escapeHtml(text)} is drawn by JupyterLab (npm run lab).</div><script>(function(){` +
    `var place=document.getElementById("${id}");if(!window.Plotly||!place)return;place.textContent="";` +
    `var f=${scriptJson(full)};window.Plotly.newPlot(place,f.data,f.layout,f.config);})();</script>`;
  return { [PLOTLY]: full, 'text/html': html, 'text/plain': text };
}
