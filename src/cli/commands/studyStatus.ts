import { setTimeout } from 'node:timers/promises';

import { Command } from '@commander-js/extra-typings';

import { describeDataset } from '../../data/index.ts';
import { counted, UsageError, UserError } from '../../engine/index.ts';
import {
  loadStudy,
  studyProgress,
  taskOf,
  type RunProgress,
  type StudyRun,
} from '../../experiments/index.ts';
import type { QueueState, QueueWatch } from '../../experiments/queue/index.ts';
import { interruptible, Interrupted } from '../interrupt.ts';
import { columns, terminal } from '../output.ts';
import { shortPath } from '../paths.ts';
import { settings } from '../settings.ts';
import {
  armOption,
  chosenRuns,
  missingInOption,
  noneMissing,
  seedOption,
  STUDY_ARGUMENT,
} from './studyChoice.ts';
import { usualProfile } from './usualProfile.ts';

/** Milliseconds between two looks. */
const INTERVAL = 2000;

/** `msl study status` */
export function studyStatusCommand() {
  return new Command('status')
    .description('where each run of a study stands')
    .argument('<study>', STUDY_ARGUMENT)
    .option('--profile <name>', 'its size (default: quick, else full)')
    .addOption(settings('as with msl study run'))
    .addOption(armOption())
    .addOption(seedOption())
    .addOption(missingInOption())
    .option('--queue [url]', 'look at a queue, too; default address: MSL_QUEUE')
    .option('--watch', 'look again every two seconds until all runs have ended')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  $ msl study status early-saturation
  $ msl study status cifar10-5k --profile full --queue redis://host:6379 --watch`,
    )
    .action(async (name, options) => {
      if (options.watch === true && options.json === true) {
        throw new UsageError(
          '--watch is for people who look on; --json prints one look. Leave one of them out.',
        );
      }
      const study = await loadStudy(name);
      const profile = options.profile ?? usualProfile(study);
      const runs = await chosenRuns(study, profile, options);
      if (runs.length === 0 && options.json !== true) {
        terminal.note(noneMissing(study, profile, options.missingIn));
        return;
      }
      await noteUnknownData(runs);
      const queue = await watchOf(options.queue);
      try {
        if (options.watch === true) await watch(runs, queue);
        else await once(runs, queue, options.json === true);
      } finally {
        await queue?.close();
      }
    });
}

/** Says which data sets of runs that have not ended are not known here. Workers of a queue may have them. */
async function noteUnknownData(runs: readonly StudyRun[]): Promise<void> {
  for (const dataset of new Set(runs.map(({ specification }) => specification.dataset))) {
    try {
      await describeDataset(dataset);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const own = runs.filter(({ specification }) => specification.dataset === dataset);
      const missing = studyProgress(own).some(({ state }) => state === 'not begun' || state === 'begun');
      if (missing) terminal.note(error.message);
    }
  }
}

async function watchOf(queue: string | true | undefined): Promise<QueueWatch | undefined> {
  if (queue === undefined) return undefined;
  const { queueAddress, watchQueue } = await import('../../experiments/queue/index.ts');
  return await watchQueue(queueAddress(queue === true ? undefined : queue));
}

interface View {
  readonly progress: readonly RunProgress[];
  readonly queued?: readonly QueueState[];
  readonly workers?: number;
}

async function look(runs: readonly StudyRun[], queue: QueueWatch | undefined): Promise<View> {
  const progress = studyProgress(runs);
  if (queue === undefined) return { progress };
  const { states, workers } = await queue.look(runs.map(taskOf));
  return { progress, queued: states, workers };
}

async function once(runs: readonly StudyRun[], queue: QueueWatch | undefined, json: boolean): Promise<void> {
  const view = await look(runs, queue);
  if (!json) {
    terminal.print(table(view));
    return;
  }
  const rows = view.progress.map(({ run, state, epochs }, i) => ({
    arm: run.arm.name,
    seed: run.seed,
    state,
    epochs,
    folder: run.folder,
    ...(view.queued === undefined ? {} : { queue: view.queued[i] }),
  }));
  terminal.print(JSON.stringify(rows, null, 2));
}

/** In a terminal the table stays in its place; elsewhere it is printed where it has changed. */
async function watch(runs: readonly StudyRun[], queue: QueueWatch | undefined): Promise<void> {
  const place = process.stdout.isTTY;
  let shown = '';
  await interruptible(async (signal) => {
    for (;;) {
      const view = await look(runs, queue);
      const text = place ? narrow(table(view), process.stdout.columns) : table(view);
      if (text !== shown) {
        const back = place && shown !== '' ? `\x1b[${shown.split('\n').length}A\x1b[0J` : '';
        process.stdout.write(`${back}${text}\n`);
        shown = text;
      }
      if (hasEnded(view)) return;
      await setTimeout(INTERVAL, undefined, { signal }).catch(() => undefined);
      signal.throwIfAborted();
    }
  }).catch((error: unknown) => {
    // Whoever has seen enough has not stopped anything.
    if (!(error instanceof Interrupted)) throw error;
  });
}

/** Lines that are not broken, so that it is known how many they are. */
const narrow = (text: string, width: number): string =>
  text
    .split('\n')
    .map((line) => line.slice(0, Math.max(1, width - 1)))
    .join('\n');

function hasEnded({ progress, queued }: View): boolean {
  return progress.every(
    ({ state }, i) => state === 'complete' || state === 'diverged' || queued?.[i]?.state === 'failed',
  );
}

function table({ progress, queued, workers }: View): string {
  const rows = progress.map(({ run, state, epochs }, i) => [
    run.arm.title,
    `seed ${run.seed}`,
    state,
    `${epochs} of ${counted(run.specification.epochs, 'epoch')}`,
    ...(queued === undefined ? [shortPath(run.folder)] : [queueWords(queued[i]!)]),
  ]);
  const complete = progress.filter(({ state }) => state === 'complete' || state === 'diverged').length;
  const at = workers === undefined ? '' : `; ${counted(workers, 'worker')} at the queue`;
  return `${columns(rows)}\n${complete} of ${counted(progress.length, 'run')} ${complete === 1 ? 'is' : 'are'} complete${at}`;
}

function queueWords({ state, worker, note, reason }: QueueState): string {
  if (state === 'absent') return '';
  const [first = ''] = (reason ?? note ?? '').split('\n');
  const by = worker === undefined ? '' : ` (${worker})`;
  return `in the queue: ${state}${by}${first === '' ? '' : `, ${first}`}`;
}
