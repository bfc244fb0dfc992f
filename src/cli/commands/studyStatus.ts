import { Command } from '@commander-js/extra-typings';

import { loadStudy, studyProgress } from '../../experiments/index.ts';
import { columns, terminal } from '../output.ts';
import { shortPath } from '../paths.ts';
import { settings } from '../settings.ts';
import { runsOf, STUDY_ARGUMENT, usualProfile } from './studyChoice.ts';

/** `msl study status` */
export function studyStatusCommand() {
  return new Command('status')
    .description('which runs of a study are complete')
    .argument('<study>', STUDY_ARGUMENT)
    .option('--profile <name>', 'its size (default: quick, else full)')
    .addOption(settings('as with msl study run'))
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  $ msl study status early-saturation')
    .action(async (name, { profile, set, json }) => {
      const study = await loadStudy(name);
      const progress = studyProgress(await runsOf(study, profile ?? usualProfile(study), { set }));
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
}
