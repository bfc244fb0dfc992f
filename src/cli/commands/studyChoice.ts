/** What the commands on studies have in common: which study, in which size, and which of its runs. */
import { InvalidArgumentError, Option } from '@commander-js/extra-typings';

import {
  applySettings,
  chooseRuns,
  loadFilesOf,
  refuseStale,
  studyRuns,
  type Study,
  type StudyRun,
} from '../../experiments/index.ts';
import { runsFolder } from '../paths.ts';
import { runsMissingIn } from './studyKept.ts';

/** What a study is named by. */
export const STUDY_ARGUMENT = 'a name of msl study list, or a file: .ts, .json, .yaml';

/** The option `--arm NAME`, which may be given several times. */
export function armOption() {
  return new Option('--arm <name>', 'only this arm; may be repeated')
    .argParser((value: string, previous: readonly string[]): string[] => [...previous, value])
    .default([] as string[], 'all');
}

/** The option `--seed NUMBER`, which may be given several times. */
export function seedOption() {
  return new Option('--seed <number>', 'only this seed; may be repeated')
    .argParser((value: string, previous: readonly number[]): number[] => {
      if (!/^\d+$/.test(value)) throw new InvalidArgumentError('It has to be a whole number from 0.');
      return [...previous, Number(value)];
    })
    .default([] as number[], 'all');
}

/** The option `--missing-in FOLDER`. */
export function missingInOption() {
  return new Option(
    '--missing-in <folder>',
    'only what msl study report --save has not kept there, e.g. results',
  );
}

/** The runs of a study, with the files of custom parts that it names. */
export async function chosenRuns(
  study: Study,
  profile: string,
  {
    set,
    arm = [],
    seed = [],
    missingIn,
  }: {
    readonly set: readonly string[];
    readonly arm?: readonly string[];
    readonly seed?: readonly number[];
    readonly missingIn?: string | undefined;
  },
): Promise<StudyRun[]> {
  await loadFilesOf(applySettings(study.base, set));
  refuseStale(study);
  const runs = chooseRuns(study, studyRuns(study, profile, runsFolder(), set), { arms: arm, seeds: seed });
  return missingIn === undefined ? runs : runsMissingIn(missingIn, study, profile, runs);
}

/** What is said where {@link chosenRuns} are none. */
export function noneMissing({ name }: Study, profile: string, folder: string | undefined): string {
  return `No run of ${name} (${profile}) is missing in ${folder}.`;
}
