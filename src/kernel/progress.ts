import { randomUUID } from 'node:crypto';

import type { MimeBundle } from './mimeBundle.ts';
import { escapeHtml } from './present/html.ts';

/** A report of a piece of work: `done` of `total`, where it is known. */
export interface ProgressReport {
  readonly label: string;
  readonly done: number;
  readonly total?: number;
  readonly unit?: 'bytes' | 'steps' | 'share';
  readonly note?: string;
  /** Where the work says that it has ended: because all is done, or before that. */
  readonly ended?: 'done' | 'stopped';
}

/** `7`, `7 of 10`, `1.2 MB of 3.4 MB`, `70 %`. */
function amount({ done, total, unit }: ProgressReport): string {
  const known = total !== undefined && total > 0;
  if (unit === 'share' && known) return `${Math.floor((100 * done) / total)} %`;
  const one = (value: number) => (unit === 'bytes' ? `${(value / 1e6).toFixed(1)} MB` : String(value));
  return known ? `${one(done)} of ${one(total)}` : one(done);
}

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
    const { done, total, ended } = report;
    const known = total !== undefined && done > first.done && done < total && ended === undefined;
    const left = known ? ((time - since) / 1000 / (done - first.done)) * (total - done) : undefined;
    return { elapsed: (time - started) / 1000, left };
  };
}

/** How a bar looks, that is nested in `depth` others. */
export function progressBundle(
  report: ProgressReport,
  { elapsed, left }: ProgressState,
  depth = 0,
): MimeBundle {
  const { label, done, total, note, ended } = report;
  const known = total !== undefined && total > 0;
  const title = label === '' ? '' : `${label}: `;
  const parts = [
    `${title}${ended === 'stopped' ? 'stopped at ' : ''}${amount(report)}`,
    duration(elapsed) + (left === undefined ? '' : `, ${duration(left)} left`),
    ...(note === undefined ? [] : [note]),
  ];
  const text = parts.join(' · ');
  const indent = depth === 0 ? '' : ` style="padding-left:${depth * 1.5}em"`;
  const value = known ? Math.min(1, done / total).toFixed(4) : '';
  const style = `width:12em;vertical-align:middle${ended === 'stopped' ? ';opacity:0.5' : ''}`;
  const bar = known ? `<progress max="1" value="${value}" style="${style}"></progress> ` : '';
  return {
    'text/plain': '  '.repeat(depth) + text,
    'text/html': `<div${indent}>${bar}<span>${escapeHtml(text)}</span></div>`,
  };
}

/** A bar's receiver of reports. */
export type Bar = (report: ProgressReport) => void;

export interface BarOptions {
  /**
   * Stands below the bars of the same cell that have not ended, until it ends itself. Such a bar has to say that it
   * has `ended`.
   */
  readonly nest?: boolean;
}

/** What bars need of a kernel. */
export interface ProgressOptions {
  readonly display: (data: MimeBundle, options: { readonly id: string }) => void;
  readonly update: (id: string, data: MimeBundle) => void;
  /** Stands for the cell that the caller belongs to. */
  readonly cell: () => object | undefined;
  /** Whether somebody watches; a notebook that is executed without a reader gets one line. */
  readonly interactive: () => boolean;
  readonly now?: () => number;
}

/** Bars are redrawn at most this often, in milliseconds; the end always. */
const REDRAW = 100;

/** Where nobody watches, a file that is saved now and then gets this much, in milliseconds. */
const REDRAW_UNWATCHED = 10_000;

/** One bar of a group. */
class Line {
  report: ProgressReport | undefined;
  private readonly clock: (report: ProgressReport) => ProgressState;
  private state: ProgressState = { elapsed: 0 };

  constructor(now: () => number) {
    this.clock = progressClock(now);
  }

  get ended(): boolean {
    return this.report?.ended !== undefined;
  }

  receive(report: ProgressReport): void {
    this.report = report;
    this.state = this.clock(report);
  }

  bundle(depth: number): MimeBundle | undefined {
    if (!this.report) return undefined;
    if (this.ended) return progressBundle(this.report, this.state, depth);
    const { elapsed } = this.clock(this.report);
    // What was left at the report has grown less since.
    const { left } = this.state;
    const now = left === undefined ? undefined : Math.max(0, left - (elapsed - this.state.elapsed));
    return progressBundle(this.report, { elapsed, left: now }, depth);
  }
}

/** Bars that are drawn together, the outermost first. */
class Group {
  private readonly options: ProgressOptions;
  private readonly id = randomUUID();
  private readonly watched: boolean;
  private readonly saysItsEnd: boolean;
  private readonly now: () => number;
  private lines: readonly Line[] = [];
  private displayed = false;
  /** When it was drawn; undefined where it is to be drawn at the first report. */
  private drawn: number | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(options: ProgressOptions, saysItsEnd: boolean) {
    this.options = options;
    this.saysItsEnd = saysItsEnd;
    this.watched = options.interactive();
    this.now = options.now ?? (() => performance.now());
    if (saysItsEnd && !this.watched) this.drawn = this.now();
  }

  /** Whether bars can be nested here. */
  get open(): boolean {
    return this.lines[0]?.ended === false;
  }

  add(): Bar {
    const line = new Line(this.now);
    // What was stopped stays until its successor comes.
    this.lines = [...this.lines.filter(({ ended }) => !ended), line];
    const outermost = this.lines[0] === line;
    return (report) => {
      line.receive(report);
      if (report.ended === 'done' && !outermost) this.lines = this.lines.filter((other) => other !== line);
      const all = report.total !== undefined && report.done >= report.total;
      this.redraw(outermost && (line.ended || (all && !this.saysItsEnd)));
    };
  }

  private redraw(atOnce: boolean): void {
    const interval = this.watched ? REDRAW : REDRAW_UNWATCHED;
    const wait = this.drawn === undefined || atOnce ? 0 : this.drawn + interval - this.now();
    if (wait <= 0) this.draw();
    else {
      // The last of several reports is drawn, too, when nothing follows it for a while.
      this.timer ??= setTimeout(() => {
        this.draw();
      }, wait).unref();
    }
  }

  private draw(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { display, update } = this.options;
    const data = this.bundle();
    if (this.displayed) update(this.id, data);
    else display(data, { id: this.id });
    this.displayed = true;
    this.drawn = this.now();
  }

  private bundle(): MimeBundle {
    const [first] = this.lines;
    const shown = first?.report?.ended === 'done' ? [first] : this.lines;
    const bundles = shown.map((line, depth) => line.bundle(depth)).filter((bundle) => bundle !== undefined);
    const text = bundles.map((bundle) => bundle['text/plain']).join('\n');
    if (!this.watched) return { 'text/plain': text };
    return { 'text/plain': text, 'text/html': bundles.map((bundle) => bundle['text/html']).join('') };
  }
}

/** Makes the function that makes bars. */
export function createProgress(options: ProgressOptions): (bar?: BarOptions) => Bar {
  const groups = new WeakMap<object, Group>();
  return ({ nest = false } = {}) => {
    const cell = options.cell();
    const outer = nest && cell ? groups.get(cell) : undefined;
    if (outer?.open) return outer.add();
    const group = new Group(options, nest);
    if (nest && cell) groups.set(cell, group);
    return group.add();
  };
}
