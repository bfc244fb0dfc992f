import path from 'node:path';

import { Command, InvalidArgumentError } from '@commander-js/extra-typings';

import {
  embedEpochs,
  EMBEDDING_METHODS,
  embedRuns,
  SHARED_SPACES,
  SPLITS,
  type EmbeddingMethod,
  type EmbeddingQuality,
  type EpochEmbeddings,
  type RunEmbeddings,
} from '../../analysis/index.ts';
import { loadDataset } from '../../data/index.ts';
import { makeFolder, unknownName, UsageError } from '../../engine/index.ts';
import { findRun } from '../../experiments/index.ts';
import {
  embeddingCsv,
  embeddingPage,
  epochsCsv,
  epochsPage,
  htmlPage,
  METHOD_TITLES,
  spriteSheet,
  type SpriteSheet,
} from '../../report/index.ts';
import { writeFileAtomic } from '../../training/index.ts';
import { commandText } from '../commandText.ts';
import { count } from '../count.ts';
import { refuseIdle } from '../idleOptions.ts';
import { interruptible } from '../interrupt.ts';
import { columns, terminal } from '../output.ts';
import { RUN_ARGUMENT, runsFolder, shortPath } from '../paths.ts';
import { drawPictures } from '../pictures.ts';
import { showProgress } from '../progressBar.ts';

/** `msl embed RUN...` */
export function embedCommand(): Command {
  return new Command('embed')
    .description('show the layers of a trained network in two dimensions')
    .argument('<runs...>', `${RUN_ARGUMENT}; several of one data set, e.g. one of each arm`)
    .option(
      '--layer <name>',
      'a layer, may be repeated (default: all, and what the classifier sees; with --epochs the last)',
      collected,
    )
    .option('--epochs', 'how the images move in training, from the weights that --keep-epochs kept')
    .option('--method <name>', `one of ${EMBEDDING_METHODS.join(', ')}`, 'tsne')
    .option('--split <name>', `images: one of ${SPLITS.join(', ')}`, 'test')
    .option(
      '--limit <n>',
      'how many images, of each class its share (default: 2000, with --epochs 500)',
      count,
    )
    .option(
      '--space <name>',
      'start: each layer (or epoch) starts at the one before; joint: runs (and epochs) in one fit; none',
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
  $ msl embed 0123abcd
  $ msl embed runs/train/cifar10-msl/seed-1-0123abcd --layer stage3 --method umap
  $ msl embed runs/early-saturation/quick/ce/seed-1-* runs/early-saturation/quick/msl/seed-1-* --out pictures
  $ msl train mine.yaml --keep-epochs 0,1,2,5,10,20,30     then:
  $ msl embed runs/train/mine/seed-1-0123abcd --epochs

Writes METHOD.html (METHOD-epochs.html), one file that needs no network, and METHOD.csv with the coordinates. More: docs/embeddings.md.`,
    )
    .action(async (names, options) => {
      const runs = names.map((name) => findRun(name, runsFolder()));
      const { layer: taps, limit, seed, perplexity, neighbours: nNeighbours, images, json } = options;
      const method = oneOf('method', options.method, EMBEDDING_METHODS);
      const split = oneOf('split', options.split, SPLITS);
      const space = oneOf('space', options.space, SHARED_SPACES);
      refuseIdle({ '--perplexity': perplexity !== undefined && method !== 'tsne' }, 'is for --method tsne.');
      refuseIdle({ '--neighbours': nNeighbours !== undefined && method !== 'umap' }, 'is for --method umap.');
      const folder = path.resolve(options.out ?? path.join(runs[0]!, 'embedding'));
      const how = { runs, method, taps, split, limit, space, seed, perplexity, nNeighbours };
      const embeddings = await interruptible(async (signal) => {
        const display = showProgress();
        try {
          const { progress } = display;
          return options.epochs === true
            ? await embedEpochs({ ...how, progress, signal })
            : await embedRuns({ ...how, progress, signal });
        } finally {
          display.stop();
        }
      });
      const sprites = images ? await sheetOf(embeddings) : undefined;
      makeFolder(folder);
      const look = { method, sprites, command: commandLine(runs, options) };
      const files = filesOf(folder, 'epochs' in embeddings ? `${method}-epochs` : method);
      const page = 'epochs' in embeddings ? epochsPage(embeddings, look) : embeddingPage(embeddings, look);
      writeFileAtomic(files.page, await htmlPage(page));
      writeFileAtomic(files.table, 'epochs' in embeddings ? epochsCsv(embeddings) : embeddingCsv(embeddings));
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

async function sheetOf({ dataset, split, indices }: RunEmbeddings | EpochEmbeddings): Promise<SpriteSheet> {
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
    limit?: number | undefined;
    epochs?: boolean | undefined;
    seed: number;
    layer?: readonly string[] | undefined;
    perplexity?: number | undefined;
    neighbours?: number | undefined;
  }>,
): string {
  const { method, split, space, limit, epochs, seed, layer, perplexity, neighbours } = options;
  const given: [string, string | number | undefined, unknown][] = [
    ['method', method, 'tsne'],
    ['split', split, 'test'],
    ['limit', limit, undefined],
    ['space', space, 'start'],
    ['seed', seed, 0],
    ['perplexity', perplexity, undefined],
    ['neighbours', neighbours, undefined],
  ];
  const words = given.flatMap(([name, value, usual]) =>
    value === undefined || value === usual ? [] : [`--${name}`, String(value)],
  );
  const layers = (layer ?? []).flatMap((name) => ['--layer', name]);
  const whole = epochs === true ? ['--epochs'] : [];
  return commandText(['npx', 'msl', 'embed', ...runs.map(shortPath), ...whole, ...layers, ...words]);
}

interface Files {
  readonly page: string;
  readonly table: string;
  /** A folder. */
  readonly pictures: string;
}

function filesOf(folder: string, name: string): Files {
  const file = (ending: string) => path.join(folder, `${name}${ending}`);
  return { page: file('.html'), table: file('.csv'), pictures: file('-figures') };
}

/** A line of the table: an embedding, and what it is of. */
interface Row {
  readonly run: string;
  readonly tap: string;
  readonly epoch?: number;
  readonly dim: number;
  readonly quality: EmbeddingQuality;
  readonly notes: readonly string[];
}

function rowsOf(embeddings: RunEmbeddings | EpochEmbeddings): Row[] {
  if (!('epochs' in embeddings)) {
    return embeddings.layers.map(({ run, tap, dim, embedding: { quality, notes } }) => ({
      ...{ run, tap, dim, quality, notes },
    }));
  }
  const { layers, epochs } = embeddings;
  return layers.flatMap(({ run, tap, dim, embeddings: frames }) =>
    frames.map(({ quality, notes }, at) => ({ run, tap, epoch: epochs[at]!, dim, quality, notes })),
  );
}

function describe(
  embeddings: RunEmbeddings | EpochEmbeddings,
  method: EmbeddingMethod,
  files: Files,
): string {
  const { labels, split, dataset } = embeddings;
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const epoch = (name: string | undefined) => ('epochs' in embeddings ? [name ?? ''] : []);
  return [
    `${METHOD_TITLES[method]} of ${labels.length} ${split} images of ${dataset}`,
    columns([
      [
        ...['run', 'layer', ...epoch('epoch'), 'features', 'trustworthiness'],
        ...['neighbours of one class', 'in the features', 'notes'],
      ],
      ...rowsOf(embeddings).map((row) => [
        ...[row.run, row.tap, ...epoch(row.epoch?.toString()), String(row.dim)],
        row.quality.trustworthiness?.toFixed(3) ?? '-',
        ...[percent(row.quality.neighbourAccuracy), percent(row.quality.featureAccuracy)],
        row.notes.join('; '),
      ]),
    ]),
    '',
    columns([
      ['page', shortPath(files.page)],
      ['coordinates', shortPath(files.table)],
    ]),
  ].join('\n');
}

function document(embeddings: RunEmbeddings | EpochEmbeddings, method: EmbeddingMethod, files: Files) {
  const { labels, split, dataset } = embeddings;
  return {
    ...{ method, dataset, split, images: labels.length, page: files.page, table: files.table },
    layers: rowsOf(embeddings).map(({ quality, notes, ...row }) => ({ ...row, ...quality, notes })),
  };
}
