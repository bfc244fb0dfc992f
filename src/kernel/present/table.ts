/** Tables in HTML: cells are escaped, numbers made short. */
import util from 'node:util';

import { escapeHtml } from './html.ts';
import { cut, preview } from './preview.ts';

/** Numbers that were made readable: `12.3`, `+0.23`, `1,213`, `1.2e-7`, `37.9 %`, `3.1 ± 0.2`; and the dash that stands for none. */
const NUMERIC = /^(?:[+\-−±]?[\d.,]+(?:e[+\-−]?\d+)?(?: ± [\d.,]+(?:e[+\-−]?\d+)?)?( ?%)?|–)$/;

/** A cell holds so many characters. */
const LONGEST = 200;

const isNumeric = (value: unknown): boolean =>
  typeof value === 'number' ||
  typeof value === 'bigint' ||
  (typeof value === 'string' && NUMERIC.test(value));

export const shortNumber = (value: number): string =>
  Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));

/** A value in a cell: strings as they are, nothing for a missing one, dates without their time where that is zero. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return shortNumber(value);
  if (typeof value === 'string') return cut(value, LONGEST);
  if (util.types.isDate(value)) return dateText(value);
  return preview(value).text;
}

function dateText(date: Date): string {
  const time = Date.prototype.getTime.call(date);
  if (Number.isNaN(time)) return 'Invalid Date';
  return new Date(time)
    .toISOString()
    .replace('T00:00:00.000Z', '')
    .replace('T', ' ')
    .replace(/(\.000)?Z$/, '');
}

export function cellHtml(value: unknown): string {
  const align = isNumeric(value) ? 'right' : 'left';
  return `<td style="text-align:${align}">${escapeHtml(cellText(value))}</td>`;
}

/** Whether a column's values stand at the right. */
export const isNumericColumn = (values: readonly unknown[]): boolean =>
  values.every((value) => value === null || value === undefined || isNumeric(value));

export function captionHtml(text: string | undefined): string {
  return text === undefined
    ? ''
    : `<caption style="text-align:left;white-space:nowrap">${escapeHtml(text)}</caption>`;
}

/** Indices of a long list, its middle replaced by `undefined`. */
export function abbreviated(length: number, most: number): (number | undefined)[] {
  const all = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
  if (length <= most) return all(0, length);
  const half = Math.max(1, Math.floor(most / 2));
  return [...all(0, half), undefined, ...all(length - half, length)];
}
