import os from 'node:os';
import path from 'node:path';

import { dataFolder } from '../data/folders.ts';
import { resultsFolder, runsFolder } from '../experiments/index.ts';

/** A file or folder that the system refused, in its own words where they say enough, and what can be done about it. */
export function explainSystemError({ code, syscall, path: place, message }: NodeJS.ErrnoException): string {
  const isInTheWay = code === 'ENOTDIR' || (code === 'EEXIST' && syscall === 'mkdir');
  if (isInTheWay && place !== undefined) {
    return `${place} is a file, or lies below one, where a folder should be; choose another place`;
  }
  switch (code) {
    case 'EISDIR':
      return place === undefined
        ? message
        : `${place} is a folder, where a file should be; choose another name`;
    case 'ENOSPC':
    case 'EDQUOT':
      return `${message}. Free some space there, or ${another(place, 'on another disk')}`;
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return `${message}. Have its permissions changed, or ${another(place, 'of your own')}`;
    case 'ENOENT':
      return syscall === 'mkdtemp'
        ? `${message}. Make that folder, or ${another(place, 'that is there')}`
        : message;
    default:
      return message;
  }
}

/** What names the folder that a file lies in. */
function another(place: string | undefined, which: string): string {
  const folders: readonly (readonly [variable: string, start: string])[] = [
    ['MSL_RUNS', `${runsFolder()}${path.sep}`],
    ['MSL_DATA', `${dataFolder()}${path.sep}`],
    ['MSL_RESULTS', `${resultsFolder()}${path.sep}`],
    // Of the workbook's own: what else lies there was named by the user.
    ['TMPDIR', path.join(os.tmpdir(), 'msl-')],
  ];
  const file = place === undefined ? '' : `${path.resolve(place)}${path.sep}`;
  const [variable] = folders.find(([, start]) => file.startsWith(start)) ?? [];
  if (variable === undefined) return `choose a place ${which}`;
  const out = variable === 'MSL_RUNS' ? ', or with --out where the command has it' : '';
  return `name a folder ${which} in ${variable}${out}`;
}
