import { Command } from '@commander-js/extra-typings';

import { applySettings, listedNetworks, networkOf, parseSpecification } from '../../experiments/index.ts';
import { multiplyAdds, parameterCount, type Network } from '../../models/index.ts';
import { networksTable, networkTable, tableText, wrapped } from '../../report/index.ts';
import { count } from '../count.ts';
import { refuseIdle } from '../idleOptions.ts';
import { terminal } from '../output.ts';
import { settings } from '../settings.ts';

const COLOUR = 3;

/** `msl models [NAME]` */
export function modelsCommand(): Command {
  return new Command('models')
    .description('the networks that a specification can name, or the layers of one')
    .argument('[name]', 'show the layers of this one')
    .addOption(settings('change one of its sizes, e.g. depth=110; may be repeated'))
    .option('--image <size>', 'side of the images, in pixels', count, 32)
    .option('--classes <n>', 'number of classes', count, 10)
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  $ msl models
  $ msl models resnet --set depth=110
  $ msl models vgg --set widths=[32,64,128] --image 64 --classes 2

In a specification: "network": { "name": "resnet", "depth": 110 }`,
    )
    .action(async (name, { set, image, classes, json }) => {
      const of = (network: object, source: string): Network =>
        networkOf(parseSpecification({ network }, source), {
          train: { height: image, width: image, channels: COLOUR, classes: { length: classes } },
        });
      if (name === undefined) {
        refuseIdle(
          { '--set': set.length > 0 },
          'changes the sizes of one network: say which, e.g. msl models resnet.',
        );
        const networks = listedNetworks({ side: image, classes });
        if (json === true) {
          const rows = networks.map(({ label, network }) => ({ label, ...document(network) }));
          terminal.print(JSON.stringify(rows, null, 2));
          return;
        }
        const table = networksTable(networks);
        terminal.print(`${await tableText(table)}\n${wrapped(table.note)}`);
        terminal.note('\nThe layers of one: npx msl models resnet --set depth=20');
        return;
      }
      const sizes = applySettings({}, set.map((setting) => `network.${setting}`)); // prettier-ignore
      const network = of({ name, ...(sizes.network as object | undefined) }, `the network '${name}'`);
      if (json === true) {
        terminal.print(JSON.stringify({ ...document(network), layers: network.summary }, null, 2));
        return;
      }
      const table = networkTable(network);
      terminal.print(`${table.title}\n${await tableText(table)}\n${wrapped(table.note)}`);
    }) as unknown as Command;
}

const document = (network: Network) => ({
  name: network.name,
  imageShape: network.imageShape,
  classes: network.classes,
  taps: network.allTaps,
  parameters: parameterCount(network),
  multiplyAdds: multiplyAdds(network),
});
