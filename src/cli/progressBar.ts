import { MultiBar, Presets, type SingleBar } from 'cli-progress';

import type { Progress, ProgressReport } from '../engine/index.ts';

/** Draws progress on standard error: a bar in a terminal, now and then a line elsewhere. */
export interface ProgressDisplay {
  readonly progress: Progress;
  /** Writes a line that stays, above the bar. */
  readonly note: (text: string) => void;
  /** Clears the bar; what is printed next starts on a line of its own. */
  readonly stop: () => void;
}

/** Milliseconds between two lines where there is no terminal. */
const LINE_INTERVAL = 15_000;

/** Shows progress with the time that is left. */
export function showProgress(stream: NodeJS.WriteStream = process.stderr): ProgressDisplay {
  return stream.isTTY ? bar(stream) : lines(stream);
}

function bar(stream: NodeJS.WriteStream): ProgressDisplay {
  const bars = new MultiBar(
    {
      stream,
      clearOnComplete: true,
      hideCursor: true,
      barsize: 20,
      format: '{label} {bar} {percentage} % | {left}{note}',
    },
    Presets.shades_classic,
  );
  const clock = new Clock();
  let current: SingleBar | undefined;
  return {
    progress: (report) => {
      const fields = {
        label: report.label,
        left: clock.left(report),
        note: report.note === undefined ? '' : ` | ${report.note}`,
      };
      const total = Math.max(1, report.total ?? report.done);
      current ??= bars.create(total, report.done, fields);
      current.setTotal(total);
      current.update(report.done, fields);
    },
    note: (text) => {
      if (current === undefined) stream.write(`${text}\n`);
      else bars.log(`${text}\n`);
    },
    stop: () => {
      bars.stop();
    },
  };
}

function lines(stream: NodeJS.WriteStream): ProgressDisplay {
  const clock = new Clock();
  // Not the time of day, which may be set back.
  let last = performance.now();
  return {
    progress: (report) => {
      const left = clock.left(report);
      if (performance.now() - last < LINE_INTERVAL) return;
      last = performance.now();
      const share = report.total === undefined ? '' : ` ${Math.floor((100 * report.done) / report.total)} %,`;
      const note = report.note === undefined ? '' : `, ${report.note}`;
      stream.write(`${report.label}:${share} ${left}${note}\n`);
    },
    note: (text) => {
      stream.write(`${text}\n`);
    },
    stop: () => undefined,
  };
}

/** Time left, from the pace since the work began or its kind changed. */
class Clock {
  private started = performance.now();
  private first = 0;
  private total: number | undefined;

  left({ done, total, unit }: ProgressReport): string {
    const now = performance.now();
    if (total !== this.total || done < this.first) {
      this.started = now;
      this.first = done;
      this.total = total;
    }
    const amount =
      unit === 'bytes'
        ? `${megabytes(done)}${total === undefined ? '' : ` of ${megabytes(total)}`} MB, `
        : '';
    if (total === undefined || done <= this.first) return `${amount}time left unknown`;
    const seconds = ((now - this.started) / 1000 / (done - this.first)) * (total - done);
    return `${amount}${duration(seconds)} left`;
  }
}

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(0);

/** A length of time for people, as in the kernel's bars: `45 s`, `3 min 05 s`, `2 h 05 min`. */
export function duration(seconds: number): string {
  const s = Math.round(seconds);
  if (s < 60) return `${s} s`;
  const two = (n: number) => String(n).padStart(2, '0');
  if (s < 3600) return `${Math.floor(s / 60)} min ${two(s % 60)} s`;
  return `${Math.floor(s / 3600)} h ${two(Math.floor((s % 3600) / 60))} min`;
}
