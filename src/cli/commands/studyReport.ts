import path from 'node:path';

import { Command, Option } from '@commander-js/extra-typings';

import { PREDICTIONS, predictionsOf, predictionsText } from '../../analysis/index.ts';
import { makeFolder, UsageError } from '../../engine/index.ts';
import { chooseRuns, loadStudy, readRun, type Study, type StudyRun } from '../../experiments/index.ts';
import {
  extractFiles,
  htmlReport,
  REPORT_FORMATS,
  reportFiles,
  reportJson,
  textReport,
  withPublishedFamily,
  type ReportFile,
  type ReportFormat,
  type StudyRecords,
} from '../../report/index.ts';
import { writeFileAtomic } from '../../training/index.ts';
import { commaList } from '../commaList.ts';
import type { StudyCommand } from '../commandText.ts';
import { refuseIdle } from '../idleOptions.ts';
import { interruptible } from '../interrupt.ts';
import { terminal } from '../output.ts';
import { runsFolder, shortPath } from '../paths.ts';
import { duration, showProgress } from '../progressBar.ts';
import { settings } from '../settings.ts';
import { pageSuffix, recordsOf } from './reportRecords.ts';
import { chosenRuns, STUDY_ARGUMENT } from './studyChoice.ts';
import { usualProfile } from './usualProfile.ts';
import { addedTo, keptFolder, keptIn } from './studyKept.ts';

/** `msl study report` */
export function studyReportCommand() {
  return new Command('report')
    .description('tables and pictures of the runs that are complete')
    .argument('<study>', STUDY_ARGUMENT)
    .option('--profile <name>', 'its size (default: quick, else full)')
    .addOption(settings('as with msl study run'))
    .addOption(new Option('--format <form>', 'print it in a form').choices(REPORT_FORMATS))
    .option('--out <folder>', 'write it there, in every form or in that of --format')
    .option(
      '--save <folder>',
      'keep the numbers of all runs there, beside those of runs that are there already, e.g. results: a few small files for a repository',
    )
    .option(
      '--predictions <arms>',
      'with --save, of these arms (ce,msl) what their networks take the test images for, which evaluates them again',
    )
    .option('--from <folder>', 'report what --save kept there, without the runs')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  $ msl study report early-saturation
  $ msl study report early-saturation --format md
  $ msl study report early-saturation --out tables        text, Markdown, CSV, LaTeX, HTML, JSON
  $ msl study report early-saturation --save results
  $ msl study report early-saturation --save results --predictions ce,msl
  $ msl study report early-saturation --from results --format latex`,
    )
    .action(async (name, options) => {
      const chosen = await loadStudy(name);
      const profile = options.profile ?? usualProfile(chosen);
      const { format, out, save, from } = options;
      if (options.predictions !== undefined && save === undefined)
        throw new UsageError('--predictions goes with --save, which keeps them.');
      if (options.json === true && format !== undefined && out === undefined)
        throw new UsageError('--format and --json both say what is printed. Leave one out.');
      if (from !== undefined) {
        const given = {
          '--set': options.set.length > 0,
          '--predictions': options.predictions !== undefined,
          '--save': save !== undefined,
        };
        refuseIdle(given, 'is for runs: what --from reports was kept without them, and stays as it is.');
      }
      if (save !== undefined) {
        refuseIdle(
          { '--set': options.set.length > 0 },
          `does not go with --save: what is kept stands under the name of ${chosen.name}, as that study is written. Make a study of ` +
            'your own with these values (docs/studies.md), and keep that.',
        );
      }
      const runs = from === undefined ? await chosenRuns(chosen, profile, options) : [];
      if (format === undefined && out === undefined && save === undefined && from === undefined) {
        await reportStudy(chosen, runs, { ...options, named: name, profile });
        return;
      }
      const own =
        from === undefined
          ? recordsOf(chosen, runs, { ...options, named: name, profile })
          : withPublishedFamily(keptIn(from, chosen, options.profile));
      const records =
        save === undefined ? own : addedTo(save, own, { runs, predictions: options.predictions });
      if (save !== undefined) {
        const predictions =
          options.predictions === undefined ? [] : [await predictionsFile(chosen, runs, options.predictions)];
        write(keptFolder(save, records, records.profile), [
          ...extractFiles(withPublishedFamily(records, save)),
          ...predictions,
        ]);
      }
      if (out !== undefined) {
        for (const form of format === undefined ? REPORT_FORMATS : [format]) {
          write(out, await reportFiles(records, form));
        }
      }
      if (options.json === true) {
        terminal.print(JSON.stringify(reportJson(records), null, 2));
      } else if (out === undefined && format !== undefined) {
        terminal.print(await printed(records, format));
      } else if (out === undefined && save === undefined) {
        terminal.print(await textReport(records));
      }
    });
}

/** Of some arms, separated by commas. */
async function predictionsFile(study: Study, runs: readonly StudyRun[], arms: string): Promise<ReportFile> {
  const chosen = chooseRuns(study, runs, { arms: commaList(arms) });
  const predictions = await interruptible(async (signal) => {
    const display = showProgress();
    try {
      return await predictionsOf(chosen, { signal, progress: display.progress });
    } finally {
      display.stop();
    }
  });
  return { name: PREDICTIONS, text: predictionsText(predictions) };
}

/** The report in a form as one text; several tables of CSV stand under their titles. */
async function printed(records: StudyRecords, format: ReportFormat): Promise<string> {
  const files = await reportFiles(records, format);
  const titled = files.map(({ name, text }) => (format === 'csv' ? `# ${name}\n${text}` : text));
  return titled.join('\n').trimEnd();
}

function write(folder: string, files: readonly ReportFile[]): void {
  makeFolder(folder);
  for (const { name, text } of files) {
    const file = path.join(folder, name);
    writeFileAtomic(file, text);
    terminal.note(`Written: ${shortPath(path.resolve(file))}`);
  }
}

/** Prints the report of the complete runs and writes it as a page beside them. */
export async function reportStudy(
  study: Study,
  runs: readonly StudyRun[],
  { json, ...called }: StudyCommand & { readonly json?: true | undefined },
  elapsed?: number,
): Promise<void> {
  const { profile, set } = called;
  const records = recordsOf(study, runs, called);
  const page = path.join(runsFolder(), study.name, profile, `report${pageSuffix(runs, set)}.html`);
  // Printed first: where the folder is another user's, or its disk full, there is the report at least.
  if (json !== true) terminal.print(await textReport(records));
  writeFileAtomic(page, await htmlReport(records));
  if (json === true) {
    const folders = runs.filter((run) => readRun(run) !== undefined).map(({ folder }) => folder);
    const { runs: reported, ...report } = reportJson(records);
    const withFolders = reported.map((run, i) => ({ ...run, folder: folders[i] }));
    terminal.print(JSON.stringify({ ...report, report: page, runs: withFolders }, null, 2));
    return;
  }
  terminal.print(`\nPictures: ${shortPath(page)} (open it in a browser)`);
  if (elapsed !== undefined) terminal.note(`Time: ${duration(elapsed / 1000)}`);
}
