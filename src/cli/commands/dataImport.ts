import { Command, InvalidArgumentError, Option } from '@commander-js/extra-typings';

import { type ImageSource, importImages, type ImportedHeader } from '../../data/imported/index.ts';
import { counted } from '../../engine/counted.ts';
import { UsageError } from '../../engine/errors.ts';
import { refuseIdle } from '../idleOptions.ts';
import { interruptible } from '../interrupt.ts';
import { columns, terminal } from '../output.ts';
import { showProgress } from '../progressBar.ts';

/** How many left-out images are named. */
const NAMED = 10;

/** `msl data import` */
export function dataImportCommand() {
  return new Command('import')
    .description('make a data set of a folder of images')
    .argument('<name>', 'what the set is to be called')
    .argument('<folder>', 'train/CLASS/… and test/CLASS/…, or CLASS/…; JPEG, PNG, WebP')
    .option(
      '--size <pixels>',
      'resize to N by N, or WIDTHxHEIGHT (default: as they are, all the same)',
      pixels,
    )
    .addOption(
      new Option(
        '--fit <how>',
        'with --size, other shapes: crop the middle (default), keep all between black bars, stretch',
      ).choices(['cover', 'contain', 'fill'] as const),
    )
    .option('--grey', 'one channel instead of three')
    .option('--csv <file>', 'take images and classes from a CSV: path, label, and part and group if wanted')
    .addOption(new Option('--names <kind>', 'take classes from the file names').choices(['utkface'] as const))
    .option('--label <name>', 'column of the CSV (default: label), or field of the names (default: gender)')
    .option('--group <regex>', 'file names with the same value of its one group stay in the same part')
    .option('--test <share>', 'share of the images to test with (default: 0.2)', number)
    .option('--seed <n>', 'decides which (default: 1)', number)
    .option('--title <text>', 'what tables and figures call the set (default: its name)')
    .option('--skip-bad', 'leave out images that cannot be used, and list them')
    .option('--force', 'replace an imported set of the same name')
    .option('--dir <folder>', 'folder of the data sets (default: MSL_DATA, else data/ of the project)')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  $ msl data import faces photographs --size 64
  $ msl data import utkface UTKFace --names utkface --size 64 --skip-bad
  $ msl data import people crops --csv crops.csv --size 64x48 --grey`,
    )
    .action(async (name, folder, { csv, names, label, json, ...options }) => {
      refuseIdle(
        { '--fit': options.fit !== undefined && options.size === undefined },
        'goes with --size: images that are not resized all have to be of one shape.',
      );
      const source = sourceOf({ csv, names, label });
      const display = showProgress();
      const result = await interruptible((signal) =>
        importImages({ ...options, name, folder, source, signal, progress: display.progress }),
      ).finally(() => {
        display.stop();
      });
      if (json) terminal.print(JSON.stringify(result, null, 2));
      else describe(result.folder, result.header);
    });
}

function sourceOf(options: {
  readonly csv: string | undefined;
  readonly names: 'utkface' | undefined;
  readonly label: string | undefined;
}): ImageSource {
  const { csv, names, label } = options;
  if (csv !== undefined && names !== undefined) {
    throw new UsageError('--csv and --names both say what the classes are. Leave one out.');
  }
  if (csv !== undefined) return { kind: 'csv', csv, label };
  if (names !== undefined) return { kind: names, label };
  if (label !== undefined) {
    throw new UsageError(
      '--label names a column of --csv or a field of --names. Without them folders are classes.',
    );
  }
  return { kind: 'class-folders' };
}

function describe(folder: string, { name, classes, image, train, test, imported }: ImportedHeader): void {
  terminal.print(
    columns([
      ['class', 'train', 'test'],
      ...classes.map((label, c) => [label, `${train.perClass[c]}`, `${test.perClass[c]}`]),
      ['all', `${train.n}`, `${test.n}`],
      ...groupsOf(imported),
    ]),
  );
  terminal.print(
    `${name} is in ${folder}: ${image.width} by ${image.height} pixels, ${image.channels === 1 ? 'grey' : 'colour'}.`,
  );
  const { skipped, ignored, duplicates } = imported;
  if (skipped.length > 0) terminal.note(`\nLeft out (${skipped.length}):`);
  for (const { file, reason } of skipped.slice(0, NAMED)) terminal.note(`  ${file}: ${reason}`);
  if (skipped.length > NAMED) terminal.note(`  and ${skipped.length - NAMED} more, all in dataset.json`);
  if (ignored.n > 0) {
    terminal.note(
      `\n${counted(ignored.n, 'file')} ${ignored.n === 1 ? 'is' : 'are'} no JPEG, PNG or WebP by name, e.g. ${ignored.first.slice(0, 3).join(', ')}.`,
    );
  }
  if (duplicates.n > 0) {
    terminal.note(
      `\n${counted(duplicates.n, 'test image')} ${duplicates.n === 1 ? 'has' : 'have'} the pixels of a training image, e.g.`,
    );
    for (const pair of duplicates.first.slice(0, 3)) terminal.note(`  ${pair.test} and ${pair.train}`);
  }
}

/** A row where whole groups were drawn: none is in both parts. */
function groupsOf({ split }: ImportedHeader['imported']): string[][] {
  if (split.rule !== 'grouped') return [];
  return [['groups', `${split.groups.train}`, `${split.groups.test}`]];
}

function number(value: string): number {
  const parsed = Number(value);
  if (value.trim() === '' || Number.isNaN(parsed)) throw new InvalidArgumentError('It has to be a number.');
  return parsed;
}

/** Reads `64` or `64x48`. */
function pixels(value: string): { width: number; height: number } {
  const [, width, height = width] = /^(\d{1,5})(?:x(\d{1,5}))?$/.exec(value) ?? [];
  if (width === undefined)
    throw new InvalidArgumentError('It has to be N or WIDTHxHEIGHT, e.g. 64 or 64x48.');
  return { width: Number(width), height: Number(height) };
}
