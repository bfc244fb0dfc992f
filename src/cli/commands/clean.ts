import { Command } from '@commander-js/extra-typings';

import { counted } from '../../engine/counted.ts';
import { UserError } from '../../engine/errors.ts';
import { findClutter, removeClutter, type Clutter, type Removal } from '../../experiments/index.ts';
import { columns, terminal } from '../output.ts';
import { runsFolder, shortPath } from '../paths.ts';

/** `msl clean` */
export function cleanCommand(): Command {
  return new Command('clean')
    .description('remove what is of no use: half-written files, runs without an epoch, caches')
    .option('--dry-run', 'only say what would be removed')
    .option('--unfinished', 'also runs that were stopped and could go on')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  $ msl clean --dry-run
  $ msl clean --unfinished

Runs that have ended are never removed; msl runs rm does.`,
    )
    .action(({ dryRun, unfinished, json }) => {
      const options = { unfinished: unfinished === true };
      const found = findClutter(runsFolder(), options);
      const { removed: clutter, refused }: Removal =
        dryRun === true ? { removed: found, refused: [] } : removeClutter(found, options);
      const bytes = clutter.reduce((sum, item) => sum + item.bytes, 0);
      if (json === true) {
        terminal.print(JSON.stringify({ removed: dryRun !== true, bytes, items: clutter }, null, 2));
      } else tell(clutter, bytes, dryRun === true);
      if (refused.length > 0) {
        const lines = refused.map(({ clutter, error }) => `  ${shortPath(clutter.path)} (${error.message})`);
        throw new UserError(`The system refused to remove what follows; its owner can.\n${lines.join('\n')}`);
      }
    });
}

function tell(clutter: readonly Clutter[], bytes: number, dryRun: boolean): void {
  if (clutter.length === 0) {
    terminal.note(`There is nothing to remove in ${shortPath(runsFolder())}.`);
    return;
  }
  const rows = clutter.map((item) => [item.kind, megabytes(item.bytes), shortPath(item.path)]);
  terminal.print(columns([['what', 'size', 'where'], ...rows]));
  const much = `${counted(clutter.length, 'thing')}, ${megabytes(bytes)}`;
  terminal.note(dryRun ? `${much} would be removed; leave out --dry-run to do it.` : `Removed ${much}.`);
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(bytes < 1e6 ? 3 : 1)} MB`;
