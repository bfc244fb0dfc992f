import type { EpochEmbeddings } from '../../analysis/index.ts';
import { frameHtml } from '../tables/html.ts';
import { coordinatesOf, embeddingBody, METHOD_TITLES, type EmbeddingPageOptions } from './embeddingPage.ts';
import { embeddingAnimation, embeddingScatter, type Figure } from '../figures/index.ts';
import { csv } from '../csv.ts';
import { figurePlace, type Page } from '../pages/page.ts';
import type { SpriteSheet } from '../figures/sprites.ts';
import { QUALITY_COLUMNS, qualityCells } from './quality.ts';

/** How the features of images come to be while networks train: a panel a layer and run, a frame an epoch. */
export function epochsAnimation(embeddings: EpochEmbeddings, sprites?: SpriteSheet): Figure {
  const { layers, epochs, labels, classes, indices } = embeddings;
  return embeddingAnimation({
    panels: layers.map((layer) => ({
      title: titleOf(layer),
      frames: layer.embeddings.map(({ points }) => points),
    })),
    ...{ unit: 'epoch', frames: epochs, labels, classes, indices, sprites },
  });
}

/**
 * The same for paper: a row a layer and run, of the first epoch, the last, and some between them.
 *
 * @param most epochs side by side; a narrow page has room for three
 */
export function epochsScatter(
  embeddings: EpochEmbeddings,
  { most = 4 }: { readonly most?: number } = {},
): Figure {
  const { layers, epochs, labels, classes, indices } = embeddings;
  const shown = Math.min(most, epochs.length);
  const isOneLayer = new Set(layers.map(({ tap }) => tap)).size === 1;
  const places = Array.from({ length: shown }, (_, i) =>
    Math.round((i * (epochs.length - 1)) / Math.max(1, shown - 1)),
  );
  return embeddingScatter({
    panels: layers.flatMap((layer) =>
      places.map((at) => ({
        title: `${isOneLayer ? layer.run : titleOf(layer)}, epoch ${epochs[at]!}`,
        points: layer.embeddings[at]!.points,
      })),
    ),
    ...{ labels, classes, indices, columns: shown },
  });
}

const titleOf = ({ run, tap }: { readonly run: string; readonly tap: string }) => `${run}, ${tap}`;

/** The page of embeddings at several epochs: the way, stills of it, and how far it can be trusted. */
export function epochsPage(
  embeddings: EpochEmbeddings,
  { method, sprites, command }: EmbeddingPageOptions,
): Page {
  const { layers, epochs } = embeddings;
  const figures = { epochs: epochsAnimation(embeddings, sprites), stills: epochsScatter(embeddings) };
  const title = `${METHOD_TITLES[method]} of ${[...new Set(layers.map(({ run }) => run))].join(' and ')} while training`;
  const hover = sprites === undefined ? '' : ' Point at a mark to see its image.';
  const begin = epochs[0] === 0 ? 'Epoch 0 is the network before its first step.' : '';
  const pictures = [
    figurePlace(
      'epochs',
      figures.epochs,
      `The same images in every epoch. ${begin} What lies between two epochs is drawn, not measured.${hover}`,
    ),
    '<h2>Side by side</h2>',
    figurePlace('stills', figures.stills, 'The same images in every panel.'),
  ];
  const table = frameHtml(qualityTable(embeddings), 'epoch');
  const body = embeddingBody(embeddings, { title, method, pictures, table, command });
  return { title, body, figures };
}

function qualityTable({ layers, epochs }: EpochEmbeddings) {
  return {
    index: layers.flatMap((layer) => epochs.map((epoch) => `${titleOf(layer)}, epoch ${epoch}`)),
    columns: QUALITY_COLUMNS,
    values: layers.flatMap(({ embeddings }) => embeddings.map(qualityCells)),
  };
}

/** The coordinates as text with a line a point: `run,layer,epoch,image,label,class,x,y`. */
export function epochsCsv({ layers, epochs, indices, labels, classes }: EpochEmbeddings): string {
  const rows = layers.flatMap(({ run, tap, embeddings }) =>
    embeddings.flatMap(({ points }, at) =>
      Array.from(indices, (image, i) => [
        ...[run, tap, epochs[at]!, image, labels[i]!, classes[labels[i]!]!],
        ...coordinatesOf(points, i),
      ]),
    ),
  );
  return csv([['run', 'layer', 'epoch', 'image', 'label', 'class', 'x', 'y'], ...rows]);
}
