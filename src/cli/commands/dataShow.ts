import path from 'node:path';

import { Command, InvalidArgumentError, Option } from '@commander-js/extra-typings';

import { loadDataset } from '../../data/index.ts';
import { counted } from '../../engine/counted.ts';
import { imageGrid } from '../../notebook/images.ts';
import { interruptible } from '../interrupt.ts';
import { terminal } from '../output.ts';
import { shortPath } from '../paths.ts';
import { showProgress } from '../progressBar.ts';
import { writeOut } from '../writeOut.ts';

/** `msl data show` */
export function dataShowCommand() {
  return new Command('show')
    .description('write a picture of some images of a data set, each with its class')
    .argument('<name>', 'e.g. cifar10, see msl data list')
    .option('--out <file>', 'the PNG file to write (default: NAME-PART.png, here)', pngFile)
    .addOption(
      new Option('--part <part>', 'of which part')
        .choices(['train', 'test'] as const)
        .default('train' as const),
    )
    .option('--n <images>', 'how many, evenly spaced from first to last', positive, 40)
    .option('--columns <n>', 'how many in a row', positive, 10)
    .option(
      '--scale <n>',
      'pixels of the picture for each pixel (default: an image is about 96 wide)',
      positive,
    )
    .option('--dir <folder>', 'folder of the data sets (default: MSL_DATA, else data/ of the project)')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  $ msl data show cifar10                      writes cifar10-train.png
  $ msl data show svhn --part test --n 100 --columns 20 --scale 2 --out digits.png`,
    )
    .action(async (name, { out: file, part, n, columns, scale, dir, json }) => {
      const out = file ?? `${name}-${part}.png`;
      const display = showProgress();
      const dataset = await interruptible((signal) =>
        loadDataset(name, { dir, signal, progress: display.progress }),
      ).finally(() => {
        display.stop();
      });
      const set = dataset[part];
      const shown = Math.min(n, set.n);
      const indices = Array.from({ length: shown }, (_, i) => Math.floor((i * set.n) / shown));
      const png = imageGrid(set, { indices, columns, scale });
      await writeOut(out, png);
      if (json)
        terminal.print(JSON.stringify({ name, part, file: out, bytes: png.length, indices }, null, 2));
      else
        terminal.print(`${shown} of ${counted(set.n, 'image')} of ${name}, ${part} part: ${shortPath(out)}`);
    });
}

/** A name that does not say that the picture is of another kind. */
function pngFile(value: string): string {
  if (!['', '.png'].includes(path.extname(value).toLowerCase())) {
    throw new InvalidArgumentError('It has to end in .png, as a PNG is what is written.');
  }
  return value;
}

function positive(value: string): number {
  const parsed = Number(value);
  if (!Number.isInteger(parsed) || parsed < 1 || parsed > 10_000) {
    throw new InvalidArgumentError('It has to be a whole number from 1 to 10000.');
  }
  return parsed;
}
