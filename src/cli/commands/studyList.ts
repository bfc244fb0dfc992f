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
  type StudyArm,
} from '../../experiments/index.ts';
import { counted } from '../../engine/counted.ts';
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
      const listed: Listed[] = [];
      for (const study of studies) listed.push(await look(study, speeds));
      if (json === true) {
        const all = listed.map(({ study, arms, times }) => ({ ...study, arms, times }));
        terminal.print(JSON.stringify(all, null, 2));
        return;
      }
      terminal.print(listed.map(describe).join('\n\n'));
    });
}

interface Listed {
  readonly study: Study;
  /** Those that have runs: not one with tuned values of others that is the same as another arm. */
  readonly arms: readonly StudyArm[];
  /** By profile. */
  readonly times: Readonly<Record<string, ExpectedTime>>;
}

async function look(study: Study, speeds: Speeds): Promise<Listed> {
  await loadFilesOf(study.base);
  const times: Record<string, ExpectedTime> = {};
  const run = new Set<StudyArm>();
  for (const profile of Object.keys(study.profiles)) {
    const runs = studyRuns(study, profile, runsFolder());
    for (const { arm } of runs) run.add(arm);
    times[profile] = await expectedTime(runs, speeds);
  }
  return { study, arms: study.arms.filter((arm) => run.has(arm)), times };
}

function describe({ study, arms, times }: Listed): string {
  const { name, title, question, profiles, tuned } = study;
  const twins = study.arms.filter((arm) => !arms.includes(arm));
  const rows = Object.entries(profiles).map(([profile, { title }]) => {
    const time = times[profile]!;
    const complete = time.complete === 0 ? '' : `, ${time.complete} complete`;
    return [`  --profile ${profile}`, `${counted(time.runs, 'run')}${complete}`, timeWords(time), title];
  });
  const problem = Object.values(times).find((time) => time.problem !== undefined)?.problem;
  return [
    `${name}: ${title}`,
    ...(question === '' ? [] : [question]),
    `Arms: ${titles(arms)}`,
    ...(twins.length === 0
      ? []
      : [`Without a run, as the search makes them the same as others: ${titles(twins)}`]),
    ...(tuned === undefined ? [] : [`Tuned: ${tuned.file}`]),
    ...(problem === undefined ? [] : [`No time can be said: ${problem}`]),
    columns(rows),
  ].join('\n');
}

const titles = (arms: readonly StudyArm[]): string => arms.map(({ title }) => title).join('; ');

function timeWords({ seconds, how, runs, complete }: ExpectedTime): string {
  if (seconds === null) return 'time unknown';
  if (runs === complete) return 'done';
  return `${how === 'estimated' ? 'about ' : ''}${duration(seconds)}${complete > 0 ? ' left' : ''}`;
}
