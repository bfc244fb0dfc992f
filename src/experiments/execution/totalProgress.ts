import { counted, type Progress, type ProgressReport } from '../../engine/index.ts';
import type { Task } from '../task/task.ts';

/** Reports of several tasks, which may be at work at once, as reports of them all. */
export interface TotalProgress {
  readonly report: (task: number, report: ProgressReport) => void;
  readonly end: (task: number) => void;
}

/**
 * @param work how much there is to do in each task, in the unit of its reports
 * @param progress receives the sum
 */
export function totalProgress(
  tasks: readonly Task[],
  work: readonly number[],
  progress: Progress,
): TotalProgress {
  const total = work.reduce((a, b) => a + b, 0);
  const done = work.map(() => 0);
  const ended = new Set<number>();
  /** What the last report said is done. */
  let told = 0;
  /** The last report of each task at work. */
  const active = new Map<number, ProgressReport>();
  const tell = (): void => {
    const [first] = active;
    const sum = done.reduce((a, b) => a + b, 0);
    if (first === undefined) {
      if (told > 0 && ended.size === tasks.length)
        progress({
          label: `${tasks.length} of ${counted(tasks.length, 'run')}`,
          done: total,
          total,
          unit: 'share',
        });
      return;
    }
    told = sum;
    if (active.size === 1) {
      const [task, { note }] = first;
      progress({
        label: `run ${task + 1} of ${tasks.length} (${tasks[task]!.label})`,
        ...{ done: sum, total, unit: 'share' },
        ...(note === undefined ? {} : { note }),
      });
      return;
    }
    const notes = [...active].map(([task, report]) => `${tasks[task]!.label}: ${shortNote(report)}`);
    progress({
      label: `${ended.size} of ${counted(tasks.length, 'run')}`,
      ...{ done: sum, total, unit: 'share', note: notes.join(' | ') },
    });
  };
  return {
    report: (task, report) => {
      if (ended.has(task)) return;
      done[task] = report.done;
      active.set(task, report);
      tell();
    },
    end: (task) => {
      ended.add(task);
      active.delete(task);
      done[task] = work[task]!;
      tell();
    },
  };
}

/** Of several tasks on one line, the epoch has to do. */
const shortNote = ({ note = '' }: ProgressReport): string => note.split(',')[0]!;
