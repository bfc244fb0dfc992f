import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

import { Command } from '@commander-js/extra-typings';

import { formatImageList, listImages, loadDataset, parseImageList, takePart } from '../../data/index.ts';
import { UserError } from '../../engine/errors.ts';
import { unreadable } from '../../engine/unreadable.ts';
import { interruptible } from '../interrupt.ts';
import { terminal } from '../output.ts';
import { shortPath } from '../paths.ts';
import { showProgress } from '../progressBar.ts';
import { writeOut } from '../writeOut.ts';

/** `msl data images` */
export function dataImagesCommand() {
  return new Command('images')
    .description('list the images of a data set by their hashes, so that others can take the same part')
    .argument('<name>', 'e.g. cifar100, see msl data list')
    .option('--out <file>', 'the CSV file to write (default: NAME-images.csv, here)')
    .option('--dir <folder>', 'folder of the data sets (default: MSL_DATA, else data/ of the project)')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Example:
  $ msl data images cifar100 --out my-part.csv

The file has a line for each image and holds no pixels. Whoever has the whole set makes the part again of it:
  $ msl data part cifar100 --list my-part.csv --to parts`,
    )
    .action(async (name, { out: file, dir, json }) => {
      const out = file ?? `${name}-images.csv`;
      const display = showProgress();
      const dataset = await interruptible((signal) =>
        loadDataset(name, { dir, signal, progress: display.progress }),
      ).finally(() => {
        display.stop();
      });
      const list = listImages(dataset);
      await writeOut(out, formatImageList(list));
      const counts = { train: list.train.length, test: list.test.length };
      if (json)
        terminal.print(JSON.stringify({ name, file: out, ...counts, sha256: dataset.digest }, null, 2));
      else
        terminal.print(`${counts.train} + ${counts.test} images of ${name} are listed in ${shortPath(out)}.`);
    });
}

/** `msl data part` */
export function dataPartCommand() {
  return new Command('part')
    .description('take the listed images of a data set, into another data folder')
    .argument('<name>', 'the whole set, e.g. cifar100, see msl data list')
    .requiredOption('--list <file>', 'which images: a CSV that msl data images wrote')
    .requiredOption('--to <folder>', 'the other data folder')
    .option('--dir <folder>', 'folder of the data sets (default: MSL_DATA, else data/ of the project)')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Example, a row of the published results on the very images of it:
  $ msl data fetch cifar100
  $ msl data part cifar100 --list results/images/cifar100.csv --to parts
  $ MSL_DATA=parts msl study run cifar100 --profile full --arm msl --seed 1`,
    )
    .action(async (name, { list: file, to, dir, json }) => {
      const text = await readFile(file, 'utf8').catch((error: unknown) => {
        throw new UserError(`${file} cannot be read: ${unreadable(error)}.`, { cause: error });
      });
      const list = parseImageList(text, file);
      const display = showProgress();
      const { folder, digest } = await interruptible(async (signal) => {
        const options = { signal, progress: display.progress };
        const taken = await takePart(name, { ...options, list, to: resolve(to), dir });
        return { folder: taken, digest: (await loadDataset(name, { ...options, dir: to })).digest };
      }).finally(() => {
        display.stop();
      });
      const counts = { train: list.train.length, test: list.test.length };
      if (json) terminal.print(JSON.stringify({ name, folder, ...counts, sha256: digest }, null, 2));
      else {
        terminal.print(`${counts.train} + ${counts.test} images of ${name} are in ${shortPath(folder)}.`);
        terminal.note(`SHA-256 of all: ${digest}. Use them with: MSL_DATA=${shortPath(resolve(to))}`);
      }
    });
}
