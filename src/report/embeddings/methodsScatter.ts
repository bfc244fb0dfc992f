import { EMBEDDING_METHODS, type RunEmbeddings } from '../../analysis/index.ts';
import { METHOD_TITLES } from './embeddingPage.ts';
import { embeddingScatter, type Figure } from '../figures/index.ts';
import type { SpriteSheet } from '../figures/sprites.ts';

/**
 * One layer by several methods: a row a run, a column a method, the same images everywhere.
 *
 * @param embeddings of the same images by each method
 * @throws RangeError where a run lacks the layer, or there is no embedding
 */
export function methodsScatter(
  embeddings: readonly RunEmbeddings[],
  tap: string,
  sprites?: SpriteSheet,
): Figure {
  const [first] = embeddings;
  if (first === undefined) throw new RangeError('methodsScatter: there is no embedding.');
  const { labels, classes, indices } = first;
  const runs = [...new Set(first.layers.map(({ run }) => run))];
  const panels = runs.flatMap((run) =>
    embeddings.map(({ layers }) => {
      const layer = layers.find((candidate) => candidate.run === run && candidate.tap === tap);
      if (layer === undefined) throw new RangeError(`methodsScatter: ${run} has no layer '${tap}'.`);
      const { method, points } = layer.embedding;
      return { title: `${run}, ${tap}, ${METHOD_TITLES[method]}`, points };
    }),
  );
  const columns = Math.min(EMBEDDING_METHODS.length, embeddings.length);
  return embeddingScatter({ panels, labels, classes, indices, sprites, columns });
}
