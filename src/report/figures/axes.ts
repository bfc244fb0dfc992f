import type { StudyRecords } from '../study/study.ts';
import type { Axis } from './panels.ts';

/** Epochs with as many ticks as there are epochs, where they are few. */
export function epochAxis(study: StudyRecords): Axis {
  const last = Math.max(0, ...study.runs.flatMap((run) => run.epochs.map(({ epoch }) => epoch)));
  return { title: 'epoch', ...(last <= 10 ? { dtick: 1, range: [0.5, last + 0.5] } : {}) };
}

/**
 * A logarithmic axis with ticks that are spelled out, since plotly writes a bare 2 and 5 between the powers of ten: the powers
 * alone where the values span more than three of them, else 1, 2 and 5 times them, or all digits within less than one.
 */
export function logAxis(values: readonly number[]): Partial<Axis> {
  const positive = values.filter((value) => value > 0 && Number.isFinite(value));
  if (positive.length === 0) return { type: 'log' };
  const [least, most] = [Math.log10(Math.min(...positive)), Math.log10(Math.max(...positive))];
  // A twentieth on either side, and never less than a factor of two in all.
  const pad = Math.max(0.05 * (most - least), (Math.log10(2) - (most - least)) / 2);
  const [low, high] = [least - pad, most + pad];
  const digits = high - low > 3 ? [1] : high - low > 1 ? [1, 2, 5] : [1, 2, 3, 4, 5, 6, 7, 8, 9];
  const tickvals: number[] = [];
  for (let power = Math.floor(low); power <= high; power++) {
    for (const digit of digits) {
      const tick = Number(`${digit}e${power}`);
      if (Math.log10(tick) >= low && Math.log10(tick) <= high) tickvals.push(tick);
    }
  }
  return { type: 'log', range: [low, high], tickvals, ticktext: tickvals.map(String) };
}
