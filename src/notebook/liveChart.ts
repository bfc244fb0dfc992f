import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';

import type { EpochRecord, RunOptions, RunSummary } from '../experiments/index.ts';
import { notebookKernel } from './kernel.ts';

/** Milliseconds between two drawings, and between two looks at the records of another process. */
const INTERVAL = 1000;

export interface FollowOptions {
  /** Stops following; the run goes on. In a notebook an interrupt of the cell does so, where none is given. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Trains a run, or follows one that another process trains, and shows how it goes: the parts of its loss, accuracy, and the
 * gradient norm at the logits, drawn anew at most once a second. In a notebook it is a figure under the cell that changes
 * in place; in a terminal a small chart of text, which elsewhere is printed once, at the end.
 *
 * @example await liveChart({ specification, folder: 'runs/mine', progress: progressBar() })
 * @example await liveChart('runs/early-saturation/quick/ce/seed-1-0123abcd')
 *
 * @param run what `runExperiment` takes, or the folder of a run
 * @returns the run's summary, when it has ended
 * @throws as `runExperiment` does; {UserError} where the folder holds no run
 */
export async function liveChart(run: RunOptions | string, options: FollowOptions = {}): Promise<RunSummary> {
  // Only when it is used: a notebook that shows a table does not wait for the engine.
  const { RunFolder, runExperiment } = await import('../experiments/index.ts');
  const { UserError } = await import('../engine/index.ts');
  const { liveCurves, liveText } = await import('../report/index.ts');
  const folder = typeof run === 'string' ? run : run.folder;
  const records = new RunFolder(folder);
  const specification = typeof run === 'string' ? records.specification() : run.specification;
  if (specification === undefined) {
    throw new UserError(`There is no run in '${folder}' to follow: it has no spec.json.`);
  }
  const signal = options.signal ?? notebookKernel()?.signal;
  const chart = startChart((epochs) => ({
    figure: liveCurves(epochs, specification.epochs),
    text: liveText(epochs, specification.epochs),
  }));
  try {
    if (typeof run === 'string') {
      for (;;) {
        const summary = records.summary();
        chart.draw(records.epochs());
        if (summary !== undefined) return summary;
        await wait(INTERVAL, undefined, { signal }).catch((error: unknown) => {
          signal?.throwIfAborted(); // with the reason, which the kernel knows
          throw error;
        });
      }
    }
    // A run that goes on from a checkpoint writes the epochs after it anew.
    const onEpoch = (record: EpochRecord): void => {
      chart.draw(records.epochs());
      run.onEpoch?.(record);
    };
    return await runExperiment({ ...run, onEpoch });
  } finally {
    chart.end(records.epochs());
  }
}

/** Draws epochs: now and then, and at the end. */
interface Chart {
  readonly draw: (epochs: readonly EpochRecord[]) => void;
  readonly end: (epochs: readonly EpochRecord[]) => void;
}

interface Drawing {
  readonly figure: { readonly data: unknown; readonly layout: unknown; readonly narrowLayout: unknown };
  readonly text: string;
}

function startChart(drawingOf: (epochs: readonly EpochRecord[]) => Drawing): Chart {
  const put = notebookKernel() === undefined ? onTerminal() : inNotebook();
  let drawn = -Infinity;
  let last = '';
  const draw = (epochs: readonly EpochRecord[], isLast: boolean): void => {
    if (epochs.length === 0 || (!isLast && performance.now() - drawn < INTERVAL)) return;
    const drawing = drawingOf(epochs);
    if (!isLast && drawing.text === last) return;
    drawn = performance.now();
    last = drawing.text;
    put(drawing, isLast);
  };
  return {
    draw: (epochs) => {
      draw(epochs, false);
    },
    end: (epochs) => {
      draw(epochs, true);
    },
  };
}

type Put = (drawing: Drawing, isLast: boolean) => void;

function inNotebook(): Put {
  const kernel = notebookKernel()!;
  const id = randomUUID();
  let shown: string | undefined;
  return ({ figure: { data, layout, narrowLayout }, text }) => {
    if (text === shown) return;
    const config = { responsive: true, displayModeBar: false };
    const figure = { data, layout, narrowLayout, config };
    const bundle = { 'application/vnd.plotly.v1+json': figure, 'text/plain': text };
    if (shown === undefined) kernel.display(bundle, { id });
    else kernel.update(id, bundle);
    shown = text;
  };
}

function onTerminal(): Put {
  let lines = 0;
  return ({ text }, isLast) => {
    if (!process.stderr.isTTY) {
      if (isLast) process.stderr.write(`${text}\n`);
      return;
    }
    // Up to where the last one began, and everything below it away.
    const back = lines === 0 ? '' : `\u001B[${lines}F\u001B[J`;
    process.stderr.write(`${back}${text}\n`);
    lines = text.split('\n').length;
  };
}
