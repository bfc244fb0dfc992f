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

/** A moment of a piece of work. */
export interface ProgressState {
  /** Seconds since the first report. */
  readonly elapsed: number;
  /** Seconds that are left, where that can be said. */
  readonly left?: number | undefined;
}

/** Tells the time that is left from the pace since the first report, or since the kind of work changed. */
export function progressClock(
  now: () => number = () => performance.now(),
): (report: ProgressReport) => ProgressState {
  const started = now();
  let since = started;
  let first: ProgressReport | undefined;
  return (report) => {
    const time = now();
    if (first === undefined || report.total !== first.total || report.done < first.done) {
      since = time;
      first = report;
    }
    const { done, total } = report;
    const known = total !== undefined && done > first.done && done < total;
    const left = known ? ((time - since) / 1000 / (done - first.done)) * (total - done) : undefined;
    return { elapsed: (time - started) / 1000, left };
  };
}

/** How a bar looks. */
export function progressBundle(report: ProgressReport, { elapsed, left }: ProgressState): MimeBundle {
  const { label, done, total, unit = 'steps', note } = report;
  const known = total !== undefined && total > 0;
  const parts = [
    `${label}: ${amount(done, unit)}${known ? ` of ${amount(total, unit)}` : ''}`,
    duration(elapsed) + (left === undefined ? '' : `, ${duration(left)} left`),
    ...(note === undefined ? [] : [note]),
  ];
  const text = parts.join(' · ');
  const value = known ? Math.min(1, done / total).toFixed(4) : '';
  const style = 'width:12em;vertical-align:middle';
  const bar = known ? `<progress max="1" value="${value}" style="${style}"></progress> ` : '';
  return { 'text/plain': text, 'text/html': `<div>${bar}<span>${escapeHtml(text)}</span></div>` };
}
