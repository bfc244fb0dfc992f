import type { MimeBundle } from './output.ts';
import { escapeHtml } from './present/html.ts';

/** A report of a piece of work: `done` of `total`, where it is known. */
export interface ProgressReport {
  readonly label: string;
  readonly done: number;
  readonly total?: number;
  readonly unit?: 'bytes' | 'steps';
  readonly note?: string;
}

const amount = (value: number, unit: 'bytes' | 'steps'): string =>
  unit === 'bytes' ? `${(value / 1e6).toFixed(1)} MB` : String(value);

/** `7 s`, `2 min 05 s`, `1 h 02 min`. */
export function duration(seconds: number): string {
  const s = Math.round(seconds);
  if (s < 60) return `${s} s`;
  const two = (n: number) => String(n).padStart(2, '0');
  if (s < 3600) return `${Math.floor(s / 60)} min ${two(s % 60)} s`;
  return `${Math.floor(s / 3600)} h ${two(Math.floor((s % 3600) / 60))} min`;
}

/** How a bar looks after `seconds` of work. */
export function progressBundle(report: ProgressReport, seconds: number): MimeBundle {
  const { label, done, total, unit = 'steps', note } = report;
  const known = total !== undefined && total > 0;
  const ended = known && done >= total;
  const left = known && !ended && done > 0 ? ` · ${duration((seconds / done) * (total - done))} left` : '';
  const of = known ? ` of ${amount(total, unit)}` : '';
  const words = note === undefined ? '' : ` · ${note}`;
  const text = `${label} ${amount(done, unit)}${of} · ${duration(seconds)}${left}${words}`;
  const bar = known
    ? `<progress max="1" value="${Math.min(1, done / total).toFixed(4)}" style="width:12em;vertical-align:middle"></progress> `
    : '';
  return { 'text/plain': text, 'text/html': `<div>${bar}<span>${escapeHtml(text)}</span></div>` };
}
