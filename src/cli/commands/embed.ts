import { mkdirSync } from 'node:fs';
import path from 'node:path';

import { Command, InvalidArgumentError } from '@commander-js/extra-typings';

import {
  EMBEDDING_METHODS,
  embedRuns,
  SHARED_SPACES,
  SPLITS,
  type EmbeddingMethod,
  type RunEmbeddings,
} from '../../analysis/index.ts';
import { loadDataset } from '../../data/index.ts';
import { unknownName, UsageError } from '../../engine/index.ts';
import {
  embeddingCsv,
  embeddingPage,
  htmlPage,
  METHOD_TITLES,
  spriteSheet,
  type SpriteSheet,
} from '../../report/index.ts';
import { writeFileAtomic } from '../../training/index.ts';
import { count } from '../count.ts';
import { interruptible } from '../interrupt.ts';
import { columns, terminal } from '../output.ts';
import { shortPath } from '../paths.ts';
import { drawPictures } from '../pictures.ts';
import { showProgress } from '../progressBar.ts';

/** `msl embed RUN...` */
export function embedCommand(): Command {
  return new Command('embed')
    .description('show the layers of a trained network in two dimensions')
    .argument('<runs...>', 'folders of finished runs on one data set, e.g. one of each arm')
    .option(
      '--layer <name>',
      'a layer, may be repeated (default: all, and what the classifier sees)',
      collected,
    )
    .option('--method <name>', `one of ${EMBEDDING_METHODS.join(', ')}`, 'tsne')
    .option('--split <name>', `images: one of ${SPLITS.join(', ')}`, 'test')
    .option('--limit <n>', 'how many images, of each class its share', count, 2000)
    .option(
      '--space <name>',
      'start: each layer starts at the one before; joint: runs in one fit; none',
      'start',
    )
    .option('--seed <n>', 'of what is random', wholeNumber, 0)
    .option('--perplexity <n>', 't-SNE: about how many neighbours an image has (default: 30)', perplexityOf)
    .option('--neighbours <n>', 'UMAP: size of a neighbourhood (default: 15)', count)
    .option('--no-images', 'do not show the image of a point under the mouse')
    .option('--out <folder>', 'folder of the page and the coordinates (default: RUN/embedding)')
    .option('--png', 'draw the figures as PNG and SVG as well, into METHOD-figures/; needs Chromium')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  $ msl embed runs/train/cifar10-msl/seed-1-0123abcd
  $ msl embed runs/train/cifar10-msl/seed-1-0123abcd --layer stage3 --method umap
  $ msl embed runs/early-saturation/quick/ce/seed-1-* runs/early-saturation/quick/msl/seed-1-* --out pictures

Writes METHOD.html, one file that needs no network, and METHOD.csv with the coordinates. More: docs/embeddings.md.`,
    )
    .action(async (runs, options) => {
      const { layer: taps, limit, seed, perplexity, neighbours: nNeighbours, images, json } = options;
      const method = oneOf('method', options.method, EMBEDDING_METHODS);
      const split = oneOf('split', options.split, SPLITS);
      const space = oneOf('space', options.space, SHARED_SPACES);
      const folder = path.resolve(options.out ?? path.join(runs[0]!, 'embedding'));
      const embeddings = await interruptible(async (signal) => {
        const display = showProgress();
        try {
          const { progress } = display;
          const how = { method, taps, split, limit, space, seed, perplexity, nNeighbours };
          return await embedRuns({ runs, ...how, progress, signal });
        } finally {
          display.stop();
        }
      });
      const sprites = images ? await sheetOf(embeddings) : undefined;
      mkdirSync(folder, { recursive: true });
      const files = filesOf(folder, method);
      const command = commandLine(runs, options);
      const page = embeddingPage(embeddings, { method, sprites, command });
      writeFileAtomic(files.page, await htmlPage(page));
      writeFileAtomic(files.table, embeddingCsv(embeddings));
      const pictures = options.png === true ? await drawPictures(page.figures, files.pictures) : [];
      if (json === true) {
        terminal.print(JSON.stringify({ ...document(embeddings, method, files), pictures }, null, 2));
        return;
      }
      terminal.print(describe(embeddings, method, files));
      if (pictures.length > 0) {
        terminal.print(`pictures     ${pictures.length} files in ${shortPath(files.pictures)}`);
      }
    }) as unknown as Command;
}

function oneOf<T extends string>(kind: string, name: string, names: readonly T[]): T {
  const found = names.find((known) => known === name);
  if (found === undefined) throw new UsageError(unknownName(kind, name, names));
  return found;
}

function collected(name: string, names: readonly string[] = []): readonly string[] {
  return [...names, name];
}

function wholeNumber(value: string): number {
  if (!/^\d+$/.test(value)) throw new InvalidArgumentError('It has to be a whole number from 0.');
  return Number(value);
}

function perplexityOf(value: string): number {
  const number = Number(value);
  if (!(number >= 1 && Number.isFinite(number)))
    throw new InvalidArgumentError('It has to be a number from 1.');
  return number;
}

async function sheetOf({ dataset, split, indices }: RunEmbeddings): Promise<SpriteSheet> {
  const { train, test } = await loadDataset(dataset);
  return spriteSheet(split === 'test' ? test : train, indices);
}

/** The command that was given, with what differs from the defaults. */
function commandLine(
  runs: readonly string[],
  options: Readonly<{
    method: string;
    split: string;
    space: string;
    limit: number;
    seed: number;
    layer?: readonly string[] | undefined;
    perplexity?: number | undefined;
    neighbours?: number | undefined;
  }>,
): string {
  const { method, split, space, limit, seed, layer, perplexity, neighbours } = options;
  const given: [string, string | number | undefined, unknown][] = [
    ['method', method, 'tsne'],
    ['split', split, 'test'],
    ['limit', limit, 2000],
    ['space', space, 'start'],
    ['seed', seed, 0],
    ['perplexity', perplexity, undefined],
    ['neighbours', neighbours, undefined],
  ];
  const words = given.flatMap(([name, value, usual]) =>
    value === undefined || value === usual ? [] : [`--${name} ${value}`],
  );
  const layers = (layer ?? []).map((name) => `--layer ${name}`);
  return ['npx msl embed', ...runs.map(shortPath), ...layers, ...words].join(' ');
}

interface Files {
  readonly page: string;
  readonly table: string;
  /** A folder. */
  readonly pictures: string;
}

function filesOf(folder: string, method: EmbeddingMethod): Files {
  const file = (ending: string) => path.join(folder, `${method}${ending}`);
  return { page: file('.html'), table: file('.csv'), pictures: file('-figures') };
}

function describe(
  { layers, labels, split, dataset }: RunEmbeddings,
  method: EmbeddingMethod,
  files: Files,
): string {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  return [
    `${METHOD_TITLES[method]} of ${labels.length} ${split} images of ${dataset}`,
    columns([
      ['run', 'layer', 'features', 'trustworthiness', 'neighbours of one class', 'in the features', 'notes'],
      ...layers.map(({ run, tap, dim, embedding: { quality, notes } }) => [
        ...[run, tap, String(dim), quality.trustworthiness?.toFixed(3) ?? '-'],
        ...[percent(quality.neighbourAccuracy), percent(quality.featureAccuracy), notes.join('; ')],
      ]),
    ]),
    '',
    columns([
      ['page', shortPath(files.page)],
      ['coordinates', shortPath(files.table)],
    ]),
  ].join('\n');
}

function document({ layers, labels, split, dataset }: RunEmbeddings, method: EmbeddingMethod, files: Files) {
  return {
    ...{ method, dataset, split, images: labels.length, page: files.page, table: files.table },
    layers: layers.map(({ run, tap, dim, embedding: { quality, notes } }) => ({
      run,
      tap,
      dim,
      ...quality,
      notes,
    })),
  };
}
