import path from 'node:path';

import { Command } from '@commander-js/extra-typings';

import { loadDataset } from '../../data/index.ts';
import { loadEngine, UserError } from '../../engine/index.ts';
import {
  applySettings,
  findStudy,
  loadFilesOf,
  readRun,
  runStudy,
  STUDIES,
  studyProgress,
  studyRuns,
  type Study,
  type StudyRun,
} from '../../experiments/index.ts';
import { htmlReport, studyRecords, textReport } from '../../report/index.ts';
import { writeFileAtomic } from '../../training/index.ts';
import { ensureData } from '../ensureData.ts';
import { interruptible } from '../interrupt.ts';
import { columns, terminal } from '../output.ts';
import { settings } from '../settings.ts';
import { runsFolder, shortPath } from '../paths.ts';
import { duration, showProgress } from '../progressBar.ts';

/** The profile that runs where none is named. */
const DEFAULT_PROFILE = 'quick';
/** The one for engines that are slow. */
const LIGHT_PROFILE = 'light';

/** `msl study list | run | status | report` */
export function studyCommand(): Command {
  const study = new Command('study').description('comparisons over seeds: run them, look at them');

  study
    .command('list')
    .description('the studies and their profiles')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  $ msl study list')
    .action(({ json }) => {
      if (json === true) {
        terminal.print(JSON.stringify(STUDIES, null, 2));
        return;
      }
      for (const { name, title, question, arms, profiles } of STUDIES) {
        const rows = Object.entries(profiles).map(([profile, p]) => [`  --profile ${profile}`, p.title]);
        terminal.print(
          `${name}: ${title}\n${question}\nArms: ${arms.map((a) => a.title).join(', ')}\n${columns(rows)}`,
        );
      }
    });

  study
    .command('run')
    .description('run what is still missing of a study, then report')
    .argument('<name>', 'see msl study list')
    .option('--profile <name>', 'its size (default: quick, or light without TensorFlow)')
    .addOption(settings('change one value in every run; may be repeated'))
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  $ msl study run early-saturation
  $ msl study run early-saturation --profile plain
  $ msl study run early-saturation --set loss.msl.weight=0.3

A study that was stopped goes on when the same command is given again.`,
    )
    .action(async (name, options) => {
      const chosen = findStudy(name);
      const profile = options.profile ?? (await defaultProfile(chosen));
      const runs = await runsOf(chosen, profile, options.set);
      const began = performance.now();
      await interruptible(async (signal) => {
        for (const dataset of new Set(runs.map((run) => run.specification.dataset))) {
          await ensureData(dataset, signal);
        }
        const display = showProgress();
        try {
          const missing = studyProgress(runs).filter(
            ({ state }) => state === 'not begun' || state === 'begun',
          );
          terminal.note(
            missing.length === 0
              ? `All ${runs.length} runs of ${name} (${profile}) are complete.`
              : `${chosen.title}: ${chosen.profiles[profile]?.title ?? profile}. ${missing.length} of ${runs.length} runs to do.`,
          );
          await runStudy({
            runs,
            signal,
            progress: display.progress,
            onRun: (run, summary) => {
              if (!missing.some((m) => m.run === run)) return;
              display.note(
                `${run.arm.title}, seed ${run.seed}: test error ${(100 * summary.test.error).toFixed(2)} % ` +
                  `(${duration(summary.timing.seconds)}, ${Math.round(summary.timing.imagesPerSecond)} images/s)`,
              );
            },
          });
        } finally {
          display.stop();
        }
      });
      await report(chosen, profile, runs, options, performance.now() - began);
    });

  study
    .command('status')
    .description('which runs of a study are complete')
    .argument('<name>', 'see msl study list')
    .option('--profile <name>', 'its size', DEFAULT_PROFILE)
    .addOption(settings('as with msl study run'))
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  $ msl study status early-saturation')
    .action(async (name, { profile, set, json }) => {
      const progress = studyProgress(await runsOf(findStudy(name), profile, set));
      if (json === true) {
        const rows = progress.map(({ run, state, epochs }) => ({
          arm: run.arm.name,
          seed: run.seed,
          state,
          epochs,
          folder: run.folder,
        }));
        terminal.print(JSON.stringify(rows, null, 2));
        return;
      }
      const rows = progress.map(({ run, state, epochs }) => [
        run.arm.title,
        `seed ${run.seed}`,
        state,
        `${epochs} of ${run.specification.epochs} epochs`,
        shortPath(run.folder),
      ]);
      terminal.print(columns(rows));
    });

  study
    .command('report')
    .description('tables and pictures of the runs that are complete')
    .argument('<name>', 'see msl study list')
    .option('--profile <name>', 'its size', DEFAULT_PROFILE)
    .addOption(settings('as with msl study run'))
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  $ msl study report early-saturation')
    .action(async (name, options) => {
      const chosen = findStudy(name);
      const runs = await runsOf(chosen, options.profile, options.set);
      await report(chosen, options.profile, runs, options);
    });
  return study;
}

/** The runs of a study, with the files of custom parts that it names. */
async function runsOf(study: Study, profile: string, set: readonly string[]): Promise<StudyRun[]> {
  await loadFilesOf(applySettings(study.base, set));
  return studyRuns(study, profile, runsFolder(), set);
}

async function defaultProfile(study: Study): Promise<string> {
  const { name, reason } = await loadEngine();
  if (name === 'tensorflow' || study.profiles[LIGHT_PROFILE] === undefined) return DEFAULT_PROFILE;
  terminal.note(
    `The engine is ${name}${reason === undefined ? '' : ` (TensorFlow cannot be used: ${reason})`}, many times ` +
      `slower than TensorFlow, so the profile '${LIGHT_PROFILE}' is run: ${study.profiles[LIGHT_PROFILE].title}. ` +
      `For the whole study: --profile ${DEFAULT_PROFILE}.`,
  );
  return LIGHT_PROFILE;
}

/** Prints the report of the complete runs and writes it as a page beside them. */
async function report(
  study: Study,
  profile: string,
  runs: readonly StudyRun[],
  { set, json }: { readonly set: readonly string[]; readonly json?: true | undefined },
  elapsed?: number,
): Promise<void> {
  const complete = runs.map(readRun).filter((run) => run !== undefined);
  if (complete.length === 0) {
    throw new UserError(
      `No run of ${study.name} (${profile}) is complete. Run it with: npx msl study run ${study.name} --profile ${profile}`,
    );
  }
  const { train } = await loadDataset(complete[0]!.spec.dataset);
  const command = ['npx msl study run', study.name, '--profile', profile, ...set.map((s) => `--set ${s}`)];
  const records = studyRecords({ study, profile, runs, classes: train.classes, command: command.join(' ') });
  // Runs with settings of their own get a page of their own: their folders differ from the study's by the hash.
  const suffix = set.length === 0 ? '' : `-${path.basename(runs[0]!.folder).split('-').at(-1)!}`;
  const page = path.join(runsFolder(), study.name, profile, `report${suffix}.html`);
  writeFileAtomic(page, await htmlReport(records));
  if (json === true) {
    terminal.print(
      JSON.stringify(
        {
          study: study.name,
          profile,
          report: page,
          runs: complete.map(({ arm, seed, folder, summary }) => ({ arm, seed, folder, summary })),
        },
        null,
        2,
      ),
    );
    return;
  }
  terminal.print(await textReport(records));
  terminal.print(`\nPictures: ${shortPath(page)} (open it in a browser)`);
  if (elapsed !== undefined) terminal.note(`Time: ${duration(elapsed / 1000)}`);
}
