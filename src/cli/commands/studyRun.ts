import { Command } from '@commander-js/extra-typings';

import { counted, loadEngine } from '../../engine/index.ts';
import {
  applySettings,
  loadStudy,
  parseSpecification,
  runStudy,
  studyProgress,
  type Study,
} from '../../experiments/index.ts';
import { count } from '../count.ts';
import { ensureData } from '../ensureData.ts';
import { interruptible } from '../interrupt.ts';
import { percent, terminal } from '../output.ts';
import { duration, showProgress } from '../progressBar.ts';
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
import { queueOf } from './studyQueue.ts';
import { reportStudy } from './studyReport.ts';

/** The profile for engines that are slow. */
const LIGHT_PROFILE = 'light';

/** `msl study run` */
export function studyRunCommand() {
  return new Command('run')
    .description('run what is still missing of a study, then report')
    .argument('<study>', STUDY_ARGUMENT)
    .option('--profile <name>', 'its size (default: quick, or light without TensorFlow)')
    .addOption(settings('change one value in every run; may be repeated'))
    .addOption(armOption())
    .addOption(seedOption())
    .addOption(missingInOption())
    .option('--workers <number>', 'runs at once, each in a process of its own (default: 1)', count)
    .option('--queue [url]', 'have the runs made by workers (msl worker); default address: MSL_QUEUE')
    .option('--shared <folder>', 'with --queue: for checkpoints of more than 8 MB; the same on every machine')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  $ msl study run early-saturation
  $ msl study run early-saturation-plain --profile full
  $ msl study run early-saturation --set loss.msl.weight=0.3
  $ msl study run early-saturation --arm msl --seed 2
  $ msl study run path/to/my-study.ts
  $ msl study run cifar10-5k --workers 2
  $ msl study run cifar10-50k --profile full --missing-in results
  $ msl study run cifar10-5k --queue redis://host:6379

A study that was stopped goes on when the same command is given again. The report is of all runs that are complete, also where
--arm or --seed chose some.`,
    )
    .action(async (name, options) => {
      const chosen = await loadStudy(name);
      const profile = options.profile ?? (await defaultProfile(chosen, options.set));
      const runs = await chosenRuns(chosen, profile, options);
      if (runs.length === 0) {
        terminal.note(noneMissing(chosen, profile, options.missingIn));
        if (options.json === true) {
          terminal.print(JSON.stringify({ name: chosen.name, profile, runs: [] }, null, 2));
        }
        return;
      }
      const executor = await queueOf(options);
      const began = performance.now();
      await interruptible(async (signal) => {
        const missing = studyProgress(runs).filter(({ state }) => state === 'not begun' || state === 'begun');
        // The workers of a queue have data of their own.
        for (const dataset of new Set(executor ? [] : missing.map(({ run }) => run.specification.dataset))) {
          await ensureData(dataset, signal);
        }
        const { title = '' } = chosen.profiles[profile] ?? {};
        const size = title === '' ? profile : title;
        const display = showProgress();
        try {
          terminal.note(
            missing.length === 0
              ? `${runs.length === 1 ? 'The run' : `All ${runs.length} runs`} of ${chosen.name} (${profile}) ${runs.length === 1 ? 'is' : 'are'} complete.`
              : `${chosen.title}: ${size}. ${missing.length} of ${counted(runs.length, 'run')} to do.`,
          );
          await runStudy({
            ...{ runs, signal, executor, workers: options.workers },
            progress: display.progress,
            onNote: display.note,
            onRun: (run, summary) => {
              if (!missing.some((m) => m.run === run)) return;
              display.note(
                `${run.arm.title}, seed ${run.seed}: test error ${percent(summary.test.error)} ` +
                  `(${duration(summary.timing.seconds)}, ${Math.round(summary.timing.imagesPerSecond)} images/s)`,
              );
            },
          });
        } finally {
          display.stop();
        }
      });
      // Of all that is complete: a page of the arms and seeds that were chosen would take the place of that of the study.
      const all = await chosenRuns(chosen, profile, { set: options.set });
      await reportStudy(chosen, all, { ...options, named: name, profile }, performance.now() - began);
    });
}

async function defaultProfile(study: Study, set: readonly string[]): Promise<string> {
  if (study.profiles[LIGHT_PROFILE] === undefined) return usualProfile(study);
  const { threads } = parseSpecification(applySettings(study.base, set), study.name);
  const { name, reason } = await loadEngine({ threads });
  if (name === 'tensorflow') return usualProfile(study);
  terminal.note(
    `The engine is ${name}${reason === undefined ? '' : ` (TensorFlow cannot be used: ${reason})`}, many times ` +
      `slower than TensorFlow, so the profile '${LIGHT_PROFILE}' is run: ${study.profiles[LIGHT_PROFILE].title}. ` +
      `For the whole study: --profile ${usualProfile(study)}.`,
  );
  return LIGHT_PROFILE;
}
