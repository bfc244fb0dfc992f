import { Command } from '@commander-js/extra-typings';
import { stringify } from 'yaml';

import {
  readDocument,
  readSpecification,
  loadFilesOf,
  specificationHash,
  specificationJsonSchema,
  type Specification,
} from '../../experiments/index.ts';
import { terminal } from '../output.ts';
import { settings } from '../settings.ts';

/** `msl spec show | schema` */
export function specCommand(): Command {
  const spec = new Command('spec').description('specifications: complete, with their hash; and their schema');

  spec
    .command('show')
    .description('check a specification and show it complete, with all defaults and its hash')
    .argument('<spec>', 'a specification: a JSON, YAML or TypeScript file')
    .addOption(settings('change one value of it; may be repeated'))
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  $ msl spec show examples/cifar10-msl.json
  $ msl spec show examples/cifar10-msl.json --set loss.msl.margin=0.8 > mine.yaml`,
    )
    .action(async (file, { set, json }) => {
      const specification = await readSpecification(file, set);
      terminal.print(specificationText(specification, json === true));
    });

  spec
    .command('schema')
    .description('the JSON Schema of specifications, for editors')
    .argument('[spec]', 'one whose custom parts are to be known, too')
    .option('--json', 'it is one JSON document in any case')
    .addHelpText(
      'after',
      `
Examples:
  $ msl spec schema > specification.schema.json
  $ msl spec schema mine.yaml > mine.schema.json    with the losses and networks of the files that mine.yaml names

An editor completes a JSON file that says "$schema": "./specification.schema.json", and a YAML file whose first line is
# yaml-language-server: $schema=./specification.schema.json`,
    )
    .action(async (file) => {
      const value = file === undefined ? {} : await readDocument(file, 'specification');
      await loadFilesOf(value as { readonly custom?: unknown });
      terminal.print(JSON.stringify(specificationJsonSchema(value), null, 2));
    });
  return spec;
}

/** A complete specification with its hash: as YAML, which is a specification, too, or as JSON. */
export function specificationText(specification: Specification, json: boolean): string {
  const hash = specificationHash(specification);
  if (json) return JSON.stringify({ hash, specification }, null, 2);
  return `# hash ${hash}\n${stringify(specification).trimEnd()}`;
}
