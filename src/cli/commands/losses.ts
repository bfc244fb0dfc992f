import { Command } from '@commander-js/extra-typings';

import { findLayerLoss, layerLosses, type LayerLoss } from '../../losses/index.ts';
import { lossesTable, lossOptionsTable, tableText, wrapped } from '../../report/index.ts';
import { terminal } from '../output.ts';

/** `msl losses [NAME]` */
export function lossesCommand(): Command {
  return new Command('losses')
    .description('the losses of layers that a specification can name, or all about one')
    .argument('[name]', 'show formula, options and source of this one')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  $ msl losses
  $ msl losses supervisedContrastive
  $ msl train examples/cifar10-msl.json --set loss.layers='[{"name":"center","weight":0.01}]'

In a specification: "loss": { "layers": [{ "name": "supervisedContrastive", "weight": 0.1, "taps": ["stage3"] }] }`,
    )
    .action(async (name, { json }) => {
      const chosen = name === undefined ? layerLosses() : [findLayerLoss(name)];
      if (json === true) {
        const documents = chosen.map(document);
        terminal.print(JSON.stringify(name === undefined ? documents : documents[0], null, 2));
        return;
      }
      if (name === undefined) {
        const table = lossesTable(chosen);
        terminal.print(`${await tableText(table)}\n${wrapped(table.note)}`);
        terminal.note('\nAll about one: npx msl losses supervisedContrastive');
        return;
      }
      terminal.print(await details(chosen[0]!));
    }) as unknown as Command;
}

async function details(loss: LayerLoss): Promise<string> {
  const { name, about, formula, source, parts } = loss;
  const table = lossOptionsTable(loss);
  return [
    name,
    wrapped(about),
    formula.replaceAll(/^/gm, '    '),
    `Parts: ${parts.join(', ')}`,
    table.rows.length === 0 ? 'It has no options of its own.' : await tableText(table),
    wrapped(table.note),
    wrapped(`Source: ${source}.`),
  ].join('\n\n');
}

const document = ({ name, about, formula, parts, options, state, source }: LayerLoss) => ({
  ...{ name, about, formula, parts, options, source },
  state: {
    trained: Object.keys(state?.trained ?? {}),
    updated: state?.update !== undefined,
  },
});
