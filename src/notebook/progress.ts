import type { Progress } from '../engine/progress.ts';
import { notebookKernel } from './kernel.ts';

/** Outside a notebook a line is printed at most this often, in milliseconds. */
const LINE_INTERVAL = 5000;

/**
 * A progress bar under the running cell, updated in place by the reports that it is given; pass it as the option
 * `progress` of whatever takes its time. Outside a notebook it prints a line now and then, and one at the end.
 *
 * @example await runStudy({ runs, progress: progressBar() })
 */
export function progressBar(): Progress {
  return notebookKernel()?.progress() ?? progressLines();
}

function progressLines(): Progress {
  let last = performance.now();
  return ({ label, done, total, note }) => {
    const ended = total !== undefined && done >= total;
    if (!ended && performance.now() - last < LINE_INTERVAL) return;
    last = performance.now();
    const of = total === undefined ? '' : ` of ${total}`;
    console.log(`${label}: ${done}${of}${note === undefined ? '' : ` · ${note}`}`);
  };
}
