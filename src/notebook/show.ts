import { inspect } from 'node:util';

import { notebookKernel, type ShowOptions } from './kernel.ts';

/** A plotly figure. */
export interface Figure {
  readonly data: readonly object[];
  readonly layout?: object;
  readonly config?: object;
  /** Steps of an animation. */
  readonly frames?: readonly object[];
}

/** What is shown of a danfojs DataFrame or Series. */
export interface Frame {
  readonly columns: readonly unknown[];
  readonly index: readonly (string | number)[];
  readonly values: readonly unknown[];
}

/**
 * Shows a value under the running cell: a tensor (type, shape, range, a few values), a danfojs frame, a plotly
 * figure, the bytes of a PNG file, or anything else as Node.js prints it. The value of a cell's last expression is
 * shown the same way. Outside a notebook it is printed.
 */
export function show(value: unknown, options?: ShowOptions): void {
  const kernel = notebookKernel();
  if (kernel) kernel.show(value, options);
  else console.log(plainText(value, options));
}

/** Shows a danfojs DataFrame or Series as a table. */
export function table(frame: Frame, options?: Pick<ShowOptions, 'maxRows' | 'caption'>): void {
  show(frame, options);
}

/** Shows a plotly figure, interactive in JupyterLab. */
export function plot(figure: Figure, options?: Pick<ShowOptions, 'width' | 'height'>): void {
  show(figure, options);
}

function plainText(value: unknown, { caption }: ShowOptions = {}): string {
  const title = caption === undefined ? '' : `${caption}\n`;
  if (typeof value !== 'object' || value === null) return title + inspect(value);
  if ('data' in value && Array.isArray(value.data) && 'layout' in value) {
    const kinds = (value.data as { type?: string }[]).map((trace) => trace.type ?? 'scatter');
    return `${title}[figure: ${kinds.join(', ')}]`;
  }
  if (value instanceof Uint8Array) return `${title}[${value.byteLength} bytes]`;
  // Tensors and frames print themselves; other objects say no more than "[object Object]".
  const own =
    value.toString !== Object.prototype.toString && !Array.isArray(value) && !('byteLength' in value);
  // eslint-disable-next-line @typescript-eslint/no-base-to-string -- just made sure of
  return title + (own ? String(value) : inspect(value));
}
