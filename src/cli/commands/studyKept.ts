/** What `msl study report --save` kept of a study, e.g. in `results`. */
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';

import { counted, UsageError } from '../../engine/index.ts';
import type { Study, StudyRun } from '../../experiments/index.ts';
import { isKept, readExtract, withKept, type StudyRecords } from '../../report/index.ts';
import { commaList } from '../commaList.ts';
import { terminal } from '../output.ts';
import { shortPath } from '../paths.ts';
import { usualProfile } from './usualProfile.ts';

/**
 * What is kept of a study: in the folder itself, or below it.
 *
 * @param profile default: the one that is kept there, or the usual one
 * @throws {UsageError} where it is of another study or profile
 * @throws {UserError} where it is damaged, or not there
 */
export function keptIn(folder: string, study: Study, profile: string | undefined): StudyRecords {
  const isOne = isThere(folder);
  const records = readExtract(
    isOne ? folder : keptFolder(folder, study, profile ?? keptProfile(folder, study)),
  );
  if (records.name !== study.name || (profile !== undefined && records.profile !== profile)) {
    throw new UsageError(
      `${folder} keeps ${records.name}, profile ${records.profile}, and not ${study.name}` +
        (profile === undefined ? '.' : `, profile ${profile}.`),
    );
  }
  return records;
}

/** The usual profile of those that are kept of a study; where none is, that which is missed. */
function keptProfile(folder: string, study: Study): string {
  const kept = Object.keys(study.profiles).filter((name) => isThere(keptFolder(folder, study, name)));
  return usualProfile(study, kept.length === 0 ? undefined : kept);
}

/** Whether a folder has what `--save` keeps. */
function isThere(folder: string): boolean {
  return existsSync(path.join(folder, 'study.json'));
}

/** Where `--save` keeps a profile of a study. */
export function keptFolder(folder: string, { name }: Pick<Study, 'name'>, profile: string): string {
  return path.join(folder, name, profile);
}

/**
 * Those runs that are not kept there.
 *
 * @param folder that was given to `--save`, or the one in it of the study and profile
 * @throws {UsageError} where there is no such folder, or it is of another study or profile
 */
export function runsMissingIn(
  folder: string,
  study: Study,
  profile: string,
  runs: readonly StudyRun[],
): StudyRun[] {
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found?.isDirectory() !== true) {
    throw new UsageError(
      `--missing-in ${folder}: ${found === undefined ? 'there is no such folder' : 'it is a file'}. It is the folder that was ` +
        'given to --save, e.g. results.',
    );
  }
  if (!isThere(folder) && !isThere(keptFolder(folder, study, profile))) {
    terminal.note(
      `Nothing of ${study.name} (${profile}) is kept in ${folder}: all its runs are missing there.`,
    );
    return [...runs];
  }
  const kept = keptIn(folder, study, profile).runs;
  return runs.filter((run) => !kept.some((other) => isKept(run, other)));
}

/**
 * The records with those that are kept already of other runs of the study.
 *
 * @param options.runs all runs of the study
 * @param options.predictions arms whose networks are needed, separated by commas
 */
export function addedTo(
  save: string,
  records: StudyRecords,
  { runs, predictions }: { readonly runs: readonly StudyRun[]; readonly predictions: string | undefined },
): StudyRecords {
  const folder = keptFolder(save, records, records.profile);
  if (!isThere(folder)) return records;
  const where = shortPath(path.resolve(folder));
  const merged = withKept(records, readExtract(folder), { planned: runs, folder: where });
  const named = predictions === undefined ? [] : commaList(predictions);
  const absent = merged.kept.find(({ arm }) => named.includes(arm));
  if (absent !== undefined) {
    throw new UsageError(
      `--predictions ${absent.arm} needs the networks of all its runs, and seed ${absent.seed} is kept in ${where} without its ` +
        'network here. Leave the arm out, or run the seed here, too.',
    );
  }
  const { length: stay } = merged.kept;
  const { length: here } = records.runs;
  if (stay > 0) {
    terminal.note(
      `Of ${counted(merged.records.runs.length, 'run')} ${here} ${here === 1 ? 'is' : 'are'} from here; ${stay} ${stay === 1 ? 'was' : 'were'} kept in ` +
        `${where} and ${stay === 1 ? 'stays' : 'stay'}.`,
    );
  }
  if (merged.outdated.length > 0) {
    const arms = [...new Set(merged.outdated.map(({ arm }) => arm))].join(', ');
    terminal.note(
      `Left out of ${where}: runs that the study, as it is now, does not have (${merged.outdated.length}, of ${arms}).`,
    );
  }
  return merged.records;
}
