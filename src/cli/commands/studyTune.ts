import { Command, Option } from '@commander-js/extra-typings';

import { loadFilesOf, loadStudy, trialsOf, tuneStudy } from '../../experiments/index.ts';
import { count } from '../count.ts';
import { ensureData } from '../ensureData.ts';
import { interruptible } from '../interrupt.ts';
import { columns, percent, terminal } from '../output.ts';
import { runsFolder, shortPath } from '../paths.ts';
import { showProgress } from '../progressBar.ts';
import { STUDY_ARGUMENT } from './studyChoice.ts';
import { queueOf } from './studyQueue.ts';

/** `msl study tune` */
export function studyTuneCommand() {
  return new Command('tune')
    .description(
      'search the hyper-parameters of every arm on validation images, with the same budget for each',
    )
    .argument('<study>', STUDY_ARGUMENT)
    .option('--trials <number>', 'of each arm (default: what the study says)', count)
    .addOption(
      new Option('--search <kind>', 'default: what the study says').choices(['random', 'grid'] as const),
    )
    .option('--workers <number>', 'runs at once, each in a process of its own (default: 1)', count)
    .option('--queue [url]', 'have the runs made by workers (msl worker); default address: MSL_QUEUE')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  $ msl study tune cifar10-5k
  $ msl study tune cifar10-5k --trials 6 --workers 2

No test image is looked at, and the seeds are none of the study's. The whole search is recorded in results/tuning; the study
takes the best values from there. A search that was stopped goes on when the same command is given again. There is no --set: what
was found for other arms would be refused by the study. What makes a trial shorter stands in the study itself (tune.set).`,
    )
    .action(async (name, options) => {
      const { trials, search, workers, json } = options;
      const study = await loadStudy(name);
      await loadFilesOf(study.base);
      const executor = await queueOf(options);
      const settings = {
        ...(trials === undefined ? {} : { trials }),
        ...(search === undefined ? {} : { search }),
      };
      const planned = trialsOf(study, runsFolder(), settings);
      const { file, record } = await interruptible(async (signal) => {
        for (const dataset of new Set(
          executor
            ? []
            : planned.flatMap(({ runs }) => runs.map(({ specification }) => specification.dataset)),
        )) {
          await ensureData(dataset, signal);
        }
        const display = showProgress();
        try {
          return await tuneStudy({
            ...{ study, root: runsFolder(), workers, executor, signal, ...settings },
            progress: display.progress,
            onNote: display.note,
            onTrial: ({ arm, number, values }, { accuracy }) => {
              display.note(
                `${arm}, trial ${number}: ${reached(accuracy)} of the validation images; ${words(values)}`,
              );
            },
          });
        } finally {
          display.stop();
        }
      });
      if (json === true) {
        terminal.print(JSON.stringify({ file, ...record }, null, 2));
        return;
      }
      const rows = Object.entries(record.arms).map(([arm, { best, trials }]) => [
        arm,
        reached(trials.find(({ trial }) => trial === best.trial)!.accuracy),
        reached(trials[0]!.accuracy),
        words(best.values),
      ]);
      terminal.print(columns([['arm', 'best', 'as written', 'best values'], ...rows]));
      terminal.print(
        `\nShares of the validation images, means over the seeds. The search: ${shortPath(file)}`,
      );
    });
}

/** An accuracy of a trial. */
const reached = (share: number | null): string => percent(share, 'diverged');

function words(values: Readonly<Record<string, unknown>>): string {
  const entries = Object.entries(values);
  return entries.length === 0
    ? 'as it is written'
    : entries.map(([at, value]) => `${at}=${JSON.stringify(value)}`).join(' ');
}
