import { Command } from '@commander-js/extra-typings';

import { dataFolder, listDatasets, verifyDataset } from '../../data/index.ts';
import { counted } from '../../engine/counted.ts';
import { fetchWithProgress } from '../fetchWithProgress.ts';
import { interruptible } from '../interrupt.ts';
import { columns, terminal } from '../output.ts';
import { showProgress } from '../progressBar.ts';
import { dataImportCommand } from './dataImport.ts';
import { dataImagesCommand, dataPartCommand } from './dataPart.ts';
import { dataShowCommand } from './dataShow.ts';

/** `msl data list | fetch | verify | import | show | images | part` */
export function dataCommand(): Command {
  const data = new Command('data').description('list, fetch, verify, import, look at and divide data sets');

  data
    .command('list')
    .description('the data sets, and which of them are on disk')
    .option('--dir <folder>', 'folder of the data sets (default: MSL_DATA, else data/ of the project)')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  $ msl data list')
    .action(async ({ dir, json }) => {
      const sets = await listDatasets(dir === undefined ? {} : { dir });
      if (json) {
        terminal.print(JSON.stringify(sets, null, 2));
        return;
      }
      const rows = sets.map((set) => [
        set.name,
        set.state,
        `${set.n.train ?? '?'} + ${set.n.test ?? '?'} images`,
        `${set.classes} classes`,
        `${(set.bytes / 1e6).toFixed(set.bytes < 1e6 ? 3 : 0)} MB`,
        set.description,
      ]);
      terminal.print(columns([['name', 'state', 'train + test', 'classes', 'size', ''], ...rows]));
      terminal.note(`\nFolder: ${dir ?? dataFolder()}. Fetch one with: npx msl data fetch NAME`);
    });

  data
    .command('fetch')
    .description('download a data set and check it')
    .argument('<name>', 'e.g. cifar10, see msl data list')
    .option('--dir <folder>', 'folder of the data sets (default: MSL_DATA, else data/ of the project)')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExample:\n  $ msl data fetch cifar10\n\nStopped in the middle, it goes on where it was.',
    )
    .action(async (name, { dir, json }) => {
      const result = await fetchWithProgress(name, dir);
      if (json) terminal.print(JSON.stringify(result, null, 2));
      else if (result.source === 'present') terminal.print(`${name} is there already: ${result.folder}`);
      else terminal.print(`${name} is in ${result.folder} (checked against its published sha256).`);
    });

  data
    .command('verify')
    .description('compare a data set on disk with what its authors published, or with what was imported')
    .argument('<name>', 'e.g. cifar10, see msl data list')
    .option('--dir <folder>', 'folder of the data sets (default: MSL_DATA, else data/ of the project)')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExample:\n  $ msl data verify cifar10\n\nExit status: 0 all is as published, 1 it is not.',
    )
    .action(async (name, { dir, json }) => {
      const display = showProgress();
      const result = await interruptible((signal) =>
        verifyDataset(name, { signal, progress: display.progress, ...(dir === undefined ? {} : { dir }) }),
      ).finally(() => {
        display.stop();
      });
      if (!result.ok) process.exitCode = 1;
      if (json) {
        terminal.print(JSON.stringify(result, null, 2));
        return;
      }
      const checks = [...result.files, ...result.arrays];
      if (checks.length > 0) {
        terminal.print(columns(checks.map(({ what, ok }) => [what, ok ? 'ok' : 'differs'])));
      }
      for (const { what, ok, expected, found } of checks) {
        if (!ok) terminal.note(`${result.folder}, ${what}:\n  expected ${expected}\n  found    ${found}`);
      }
      if (result.problem !== undefined) terminal.note(result.problem);
      const [first, ...more] = result.duplicates ?? [];
      if (first !== undefined) {
        terminal.note(
          `${counted(more.length + 1, 'test image')} ${more.length === 0 ? 'has' : 'have'} the pixels of a training image; the first: ` +
            `test image ${first.test}, training image ${first.train}.`,
        );
      }
      const expected = checks.length > 0 ? 'published' : 'imported';
      terminal.print(`${name} is ${result.ok ? '' : 'not '}as ${expected}.`);
    });
  data.addCommand(dataImportCommand());
  data.addCommand(dataShowCommand());
  data.addCommand(dataImagesCommand());
  data.addCommand(dataPartCommand());
  return data;
}
