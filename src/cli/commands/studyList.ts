import path from 'node:path';

import { Command } from '@commander-js/extra-typings';

import {
  expectedTime,
  loadFilesOf,
  loadStudy,
  speedsIn,
  STUDIES,
  studyRuns,
  type ExpectedTime,
  type Speeds,
  type Study,
} from '../../experiments/index.ts';
import { columns, terminal } from '../output.ts';
import { runsFolder } from '../paths.ts';
import { duration } from '../progressBar.ts';
import { STUDY_ARGUMENT } from './studyChoice.ts';

/** `msl study list` */
export function studyListCommand() {
  return new Command('list')
    .description('the studies: what they ask, their arms and profiles, and how long they take here')
    .argument('[study]', `${STUDY_ARGUMENT}; default all`)
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  $ msl study list
  $ msl study list cifar10-5k

Times are those of this machine, one run after the other: from runs of the study where some are complete, else from the
images that a few steps of the network train in a second, measured once and kept in runs/speeds.json (remove it to measure
again). Networks of more than 200 million multiply-adds are estimated from those of the largest that was measured.`,
    )
    .action(async (name, { json }) => {
      const studies = await Promise.all(
        name === undefined ? STUDIES.map((study) => loadStudy(study.name)) : [loadStudy(name)],
      );
      const speeds = speedsIn(path.join(runsFolder(), 'speeds.json'), (network) => {
        terminal.note(`Measuring how fast this machine trains ${network} …`);
      });
      const listed: { study: Study; times: Record<string, ExpectedTime> }[] = [];
      for (const study of studies) listed.push({ study, times: await timesOf(study, speeds) });
      if (json === true) {
        const all = listed.map(({ study, times }) => ({ ...study, times }));
        terminal.print(JSON.stringify(all, null, 2));
        return;
      }
      terminal.print(listed.map(({ study, times }) => describe(study, times)).join('\n\n'));
    });
}

async function timesOf(study: Study, speeds: Speeds): Promise<Record<string, ExpectedTime>> {
  await loadFilesOf(study.base);
  const times: Record<string, ExpectedTime> = {};
  for (const profile of Object.keys(study.profiles)) {
    times[profile] = await expectedTime(studyRuns(study, profile, runsFolder()), speeds);
  }
  return times;
}

function describe(study: Study, times: Readonly<Record<string, ExpectedTime>>): string {
  const { name, title, question, arms, profiles, tuned } = study;
  const rows = Object.entries(profiles).map(([profile, { title }]) => {
    const time = times[profile]!;
    const complete = time.complete === 0 ? '' : `, ${time.complete} complete`;
    return [`  --profile ${profile}`, `${time.runs} runs${complete}`, timeWords(time), title];
  });
  const problem = Object.values(times).find((time) => time.problem !== undefined)?.problem;
  return [
    `${name}: ${title}`,
    ...(question === '' ? [] : [question]),
    `Arms: ${arms.map((arm) => arm.title).join('; ')}`,
    ...(tuned === undefined ? [] : [`Tuned: ${tuned.file}`]),
    ...(problem === undefined ? [] : [`No time can be said: ${problem}`]),
    columns(rows),
  ].join('\n');
}

function timeWords({ seconds, how, runs, complete }: ExpectedTime): string {
  if (seconds === null) return 'time unknown';
  if (runs === complete) return 'done';
  return `${how === 'estimated' ? 'about ' : ''}${duration(seconds)}${complete > 0 ? ' left' : ''}`;
}
