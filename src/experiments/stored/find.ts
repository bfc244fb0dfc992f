import { existsSync } from 'node:fs';
import path from 'node:path';

import { nearest, UsageError } from '../../engine/index.ts';
import { runFolders } from './list.ts';

/**
 * The folder of a run that is named in one of these ways: by its folder; by its place below the folder of all runs, or the end
 * of it (`ce/seed-1-0123abcd`); by the beginning of its hash, at least four digits. A beginning has to be of one run alone.
 *
 * @param root folder of all runs
 * @throws {UsageError} where there is none, with the nearest, or where several are meant
 */
export function findRun(name: string, root: string): string {
  if (existsSync(path.join(name, 'spec.json'))) return path.resolve(name);
  const runs = runFolders(root).map((folder) => ({
    folder,
    id: path.relative(root, folder).split(path.sep).join('/'),
  }));
  const wanted = name.replace(/\/+$/, '');
  const ended = runs.filter(({ id }) => id === wanted || id.endsWith(`/${wanted}`));
  const begun = runs.filter(({ id }) => {
    const last = id.split('/').at(-1)!;
    const hash = last.split('-').at(-1)!;
    return (
      (/^[0-9a-f]{4,}$/.test(wanted) && hash.startsWith(wanted.slice(0, 8))) ||
      (wanted !== '' && last.startsWith(wanted))
    );
  });
  const found = ended.length > 0 ? ended : begun;
  if (found.length === 1) return found[0]!.folder;
  if (found.length > 1) {
    const some = found.slice(0, SHOWN).map(({ id }) => `  ${id}`);
    throw new UsageError(
      `'${name}' names ${found.length} runs; write more of it:\n${some.join('\n')}${found.length > SHOWN ? '\n  ...' : ''}`,
    );
  }
  const guess = nearest(
    wanted,
    runs.flatMap(({ id }) => [id, id.split('/').at(-1)!, id.split('-').at(-1)!]),
  );
  throw new UsageError(
    `There is no run '${name}' here or in ${root}.${guess === undefined ? '' : ` Did you mean '${guess}'?`} Expected the folder ` +
      'of a run, the end of it (ce/seed-1-0123abcd), or the beginning of its hash, four digits or more; msl runs list lists them.',
  );
}

/** How many of several are shown. */
const SHOWN = 10;
