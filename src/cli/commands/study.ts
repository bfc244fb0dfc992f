import { Command } from '@commander-js/extra-typings';

import { studyListCommand } from './studyList.ts';
import { studyReportCommand } from './studyReport.ts';
import { studyRunCommand } from './studyRun.ts';
import { studyStatusCommand } from './studyStatus.ts';
import { studyTuneCommand } from './studyTune.ts';

/** `msl study list | run | status | report | tune` */
export function studyCommand(): Command {
  return new Command('study')
    .description('comparisons over seeds: run them, look at them')
    .addCommand(studyListCommand())
    .addCommand(studyRunCommand())
    .addCommand(studyStatusCommand())
    .addCommand(studyReportCommand())
    .addCommand(studyTuneCommand());
}
