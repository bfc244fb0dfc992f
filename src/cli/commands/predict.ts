import { Command } from '@commander-js/extra-typings';

import { findRun, predictImages } from '../../experiments/index.ts';
import { count } from '../count.ts';
import { columns, percent, terminal } from '../output.ts';
import { RUN_ARGUMENT, runsFolder } from '../paths.ts';

/** Classes that are shown of each image. */
const TOP = 3;

/** `msl predict RUN IMAGE...` */
export function predictCommand(): Command {
  return new Command('predict')
    .description('what a trained run takes images for')
    .argument('<run>', RUN_ARGUMENT)
    .argument('<image...>', 'JPEG, PNG or WebP files')
    .option('--top <n>', 'so many classes of each image', count, TOP)
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  $ msl predict 0123abcd cat.jpg
  $ msl predict runs/train/faces/seed-1-0123abcd photos/*.png --top 1

An image of another size is brought to that of the run's images as msl data import does: as it did with
those (--fit), else its middle part.`,
    )
    .action(async (name, images, { top, json }) => {
      const predictions = await predictImages({ run: findRun(name, runsFolder()), images, top });
      if (json === true) {
        terminal.print(JSON.stringify(predictions, null, 2));
        return;
      }
      const rows = predictions.flatMap(({ image, classes }) =>
        classes.map((c, i) => [i === 0 ? image : '', c.name, percent(c.probability)]),
      );
      terminal.print(columns([['image', 'class', 'probability'], ...rows]));
    }) as unknown as Command;
}
