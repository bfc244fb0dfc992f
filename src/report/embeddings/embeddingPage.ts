import type { Embedding, EmbeddingMethod, RunEmbeddings } from '../../analysis/index.ts';
import { frameHtml } from '../tables/html.ts';
import { escapeHtml } from '../escape.ts';
import { embeddingAnimation, embeddingScatter, type Figure } from '../figures/index.ts';
import { whole } from '../format.ts';
import { csv } from '../csv.ts';
import { figurePlace, type Page } from '../pages/page.ts';
import type { SpriteSheet } from '../figures/sprites.ts';
import { QUALITY_COLUMNS, qualityCells } from './quality.ts';

/** What the methods are called. */
export const METHOD_TITLES: Readonly<Record<EmbeddingMethod, string>> = {
  pca: 'PCA',
  lda: 'LDA',
  tsne: 't-SNE',
  umap: 'UMAP',
};

/** How a picture of a method is read. */
const READING: Readonly<Record<EmbeddingMethod, string>> = {
  pca: 'PCA shows the two directions in which features vary most; what varies along the others is not in the picture.',
  lda:
    'LDA shows the two directions that tell the classes apart best. It knows the labels of these very images, so that it ' +
    'shows them further apart than it would show others.',
  tsne:
    't-SNE keeps neighbours together. How far groups lie from each other, how large and how dense they are means little; ' +
    'axes mean nothing.',
  umap:
    'UMAP keeps neighbours together. How far groups lie from each other, how large and how dense they are means little; ' +
    'axes mean nothing.',
};

/** A panel a layer; where the runs have the same layers, a row of panels a run. */
export function runEmbeddingsFigure(embeddings: RunEmbeddings, sprites?: SpriteSheet): Figure {
  const { layers, labels, classes, indices } = embeddings;
  const runs = new Set(layers.map(({ run }) => run)).size;
  const most = Math.max(...layers.map((layer) => layers.filter(({ run }) => run === layer.run).length));
  return embeddingScatter({
    panels: layers.map(({ run, tap, embedding }) => ({
      ...{ title: runs === 1 ? tap : `${run}, ${tap}`, points: embedding.points, axes: axesOf(embedding) },
    })),
    ...{ labels, classes, indices, sprites },
    columns: runs === 1 || most === 1 ? undefined : Math.min(4, most),
  });
}

/** The way of the images through the layers; none where a run has one layer, or the runs have others. */
function layerAnimation({ layers, labels, classes, indices }: RunEmbeddings): Figure | undefined {
  const runs = [...new Set(layers.map(({ run }) => run))];
  const own = runs.map((run) => layers.filter((layer) => layer.run === run));
  const frames = own[0]!.map(({ tap }) => tap);
  const isSame = own.every((those) => those.map(({ tap }) => tap).join() === frames.join());
  if (frames.length < 2 || !isSame) return undefined;
  const panels = own.map((those, i) => ({
    ...{ title: runs[i]!, frames: those.map(({ embedding }) => embedding.points) },
  }));
  return embeddingAnimation({ panels, unit: 'layer', frames, labels, classes, indices });
}

/** What pages of embeddings have around their pictures: what is shown and how to read it, how far to trust it, how to make it again. */
export function embeddingBody(
  { dataset, split, labels }: Pick<RunEmbeddings, 'dataset' | 'split' | 'labels'>,
  content: {
    readonly title: string;
    readonly method: EmbeddingMethod;
    /** HTML, as is the table of their quality. */
    readonly pictures: readonly string[];
    readonly table: string;
    readonly command: string;
  },
): string[] {
  const { title, method, pictures, table, command } = content;
  return [
    '<header>',
    `<p class="kicker">${escapeHtml(dataset)}, ${whole(labels.length)} ${split} images</p>`,
    `<h1>${escapeHtml(title)}</h1>`,
    `<p>${escapeHtml(READING[method])}</p>`,
    '<noscript><p class="caveat">The figure needs JavaScript; the table does not.</p></noscript>',
    '</header>',
    ...pictures,
    '<h2>How far the picture can be trusted</h2>',
    `<div class="scroll">${table}</div>`,
    '<p class="note">Trustworthiness: whether neighbours in the picture are neighbours in the features (1 = all, about 0.5 = ' +
      'at random; 12 neighbours). Neighbours of one class: share of images whose 12 nearest others vote for their class, in ' +
      'the picture and in all dimensions of the features.</p>',
    '<h2>To make it again</h2>',
    `<pre><code>${escapeHtml(command)}</code></pre>`,
    '<footer>Drawn with plotly.js (MIT licence).</footer>',
  ];
}

export interface EmbeddingPageOptions {
  readonly method: EmbeddingMethod;
  readonly sprites?: SpriteSheet | undefined;
  /** The command that makes the page again. */
  readonly command: string;
}

/** The page of embeddings: the layers side by side, the way from layer to layer, and how far it can be trusted. */
export function embeddingPage(
  embeddings: RunEmbeddings,
  { method, sprites, command }: EmbeddingPageOptions,
): Page {
  const { layers } = embeddings;
  const figure = runEmbeddingsFigure(embeddings, sprites);
  const title = `${METHOD_TITLES[method]} of ${[...new Set(layers.map(({ run }) => run))].join(' and ')}`;
  const hover = sprites === undefined ? '' : 'Point at a mark to see its image.';
  const animation = layerAnimation(embeddings);
  const pictures = [
    figurePlace(
      'embedding',
      figure,
      layers.length === 1 ? hover : `The same images in every panel. ${hover}`,
    ),
    ...(animation === undefined
      ? []
      : [
          '<h2>From layer to layer</h2>',
          figurePlace(
            'layers',
            animation,
            'The images move from where one layer has them to where the next one has.',
          ),
        ]),
  ];
  const table = frameHtml(qualityTable(embeddings), 'layer');
  const body = embeddingBody(embeddings, { title, method, pictures, table, command });
  const figures = { embedding: figure, ...(animation === undefined ? {} : { layers: animation }) };
  return { title, body, figures };
}

function qualityTable({ layers }: RunEmbeddings) {
  const runs = new Set(layers.map(({ run }) => run)).size;
  // What there is to say of axes stands beside them.
  const hasNotes = layers.some(({ embedding }) => axesOf(embedding) === undefined);
  return {
    index: layers.map(({ run, tap }) => (runs === 1 ? tap : `${run}, ${tap}`)),
    columns: ['features', ...QUALITY_COLUMNS, ...(hasNotes ? ['notes'] : [])],
    values: layers.map(({ dim, embedding }) => [
      dim,
      ...qualityCells(embedding),
      ...(hasNotes ? [embedding.notes.join('; ')] : []),
    ]),
  };
}

/** The axes of a method that has some. */
function axesOf({ method, notes }: Embedding): readonly [string, string] | undefined {
  return method === 'pca' || method === 'lda' ? [notes[0] ?? '', notes[1] ?? ''] : undefined;
}

/** The coordinates of a point of `[n, 2]`, to seven digits. */
export function coordinatesOf(points: ArrayLike<number>, i: number): number[] {
  return [points[2 * i]!, points[2 * i + 1]!].map((value) => Number(value.toPrecision(7)));
}

/** The coordinates as text with a line a point: `run,layer,image,label,class,x,y`. */
export function embeddingCsv({ layers, indices, labels, classes }: RunEmbeddings): string {
  const rows = layers.flatMap(({ run, tap, embedding: { points } }) =>
    Array.from(indices, (image, i) => [
      ...[run, tap, image, labels[i]!, classes[labels[i]!]!],
      ...coordinatesOf(points, i),
    ]),
  );
  return csv([['run', 'layer', 'image', 'label', 'class', 'x', 'y'], ...rows]);
}
