import { Command } from '@commander-js/extra-typings';

import { loadStudy, STUDIES } from '../../experiments/index.ts';
import { columns, terminal } from '../output.ts';
import { STUDY_ARGUMENT } from './studyChoice.ts';

/** `msl study list` */
export function studyListCommand() {
  return new Command('list')
    .description('the studies: what they ask, their arms and profiles')
    .argument('[study]', `${STUDY_ARGUMENT}; default all`)
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExamples:\n  $ msl study list\n  $ msl study list cifar10-5k')
    .action(async (name, { json }) => {
      const studies = name === undefined ? STUDIES : [await loadStudy(name)];
      if (json === true) {
        terminal.print(JSON.stringify(studies, null, 2));
        return;
      }
      for (const { name, title, question, arms, profiles } of studies) {
        const rows = Object.entries(profiles).map(([profile, p]) => [`  --profile ${profile}`, p.title]);
        terminal.print(
          `${name}: ${title}\n${question}\nArms: ${arms.map((a) => a.title).join(', ')}\n${columns(rows)}\n`,
        );
      }
    });
}
