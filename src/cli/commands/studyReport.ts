import path from 'node:path';

import { Command } from '@commander-js/extra-typings';

import { describeDataset } from '../../data/index.ts';
import { UserError } from '../../engine/index.ts';
import { loadStudy, readRun, type Study, type StudyRun } from '../../experiments/index.ts';
import { htmlReport, studyRecords, textReport } from '../../report/index.ts';
import { writeFileAtomic } from '../../training/index.ts';
import { terminal } from '../output.ts';
import { runsFolder, shortPath } from '../paths.ts';
import { duration } from '../progressBar.ts';
import { settings } from '../settings.ts';
import { runsOf, STUDY_ARGUMENT, usualProfile } from './studyChoice.ts';

/** `msl study report` */
export function studyReportCommand() {
  return new Command('report')
    .description('tables and pictures of the runs that are complete')
    .argument('<study>', STUDY_ARGUMENT)
    .option('--profile <name>', 'its size (default: quick, else full)')
    .addOption(settings('as with msl study run'))
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  $ msl study report early-saturation')
    .action(async (name, options) => {
      const chosen = await loadStudy(name);
      const profile = options.profile ?? usualProfile(chosen);
      await reportStudy(chosen, profile, await runsOf(chosen, profile, options), options);
    });
}

/** Prints the report of the complete runs and writes it as a page beside them. */
export async function reportStudy(
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
  const { classes } = await describeDataset(complete[0]!.spec.dataset);
  const command = ['npx msl study run', study.name, '--profile', profile, ...set.map((s) => `--set ${s}`)];
  const records = studyRecords({ study, profile, runs, classes, command: command.join(' ') });
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
