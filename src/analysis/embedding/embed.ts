import { newThread, UsageError, UserError, unknownName, type Progress } from '../../engine/index.ts';
import { TSNE_LEAST_ROWS, UMAP_LEAST_ROWS, type Labels } from '../../measures/index.ts';
import type { Rows } from '../rows.ts';
import { EMBEDDING_METHODS, type Embedding, type EmbeddingMethod, type MethodOptions } from './methods.ts';
import type { EmbeddingReply, EmbeddingRequest } from './thread/protocol.ts';

/** What {@link embed} needs. */
export interface EmbedOptions extends MethodOptions {
  /** `[n, dim]`, e.g. those of a tap. */
  readonly features: Rows;
  /** `[n]` class of each row: LDA needs it, the others' quality is told by it. */
  readonly labels: Labels;
  /** `[n, 2]` where t-SNE and UMAP start, e.g. the points of another embedding; default: the principal components. */
  readonly init?: Float64Array | undefined;
  /** Label of the reports; default the method. */
  readonly label?: string | undefined;
  readonly progress?: Progress | undefined;
  /** Ends the thread at once. */
  readonly signal?: AbortSignal | undefined;
}

/** The fewest images that a method can show; how good it is is told by the others that are near an image. */
const FEWEST: Readonly<Record<EmbeddingMethod, number>> = {
  ...{ pca: 2, lda: 2 },
  ...{ tsne: TSNE_LEAST_ROWS, umap: UMAP_LEAST_ROWS },
};

/**
 * Shows features in the plane, on a thread of its own, so that a notebook stays alive meanwhile. The same features, start
 * and seed give the same bits.
 *
 * - `pca`: the two directions of largest variance.
 * - `lda`: the two that tell the classes apart best; two classes lie on a line. It knows the labels.
 * - `tsne`, `umap`: neighbours stay neighbours; distances between groups, and their sizes, mean little.
 *
 * @throws {UsageError} for an unknown method, another number of labels than of rows, or fewer rows than the method needs
 * @throws {UserError} for features, labels or options that the method cannot work with
 */
export async function embed(options: EmbedOptions): Promise<Embedding> {
  const [embedding] = await embedStacked(options, 1);
  return embedding!;
}

/**
 * {@link embed} of several sets of features of the same images in one fit.
 *
 * @param options whose rows are those of one set after those of another
 * @returns one embedding a set, each with the quality that it has by itself
 */
export async function embedStacked(options: EmbedOptions, sets: number): Promise<Embedding[]> {
  const { method, features, labels, init, label = method, progress, signal } = options;
  if (!EMBEDDING_METHODS.includes(method)) {
    throw new UsageError(unknownName('method', method, EMBEDDING_METHODS));
  }
  requireLabels(label, features, labels);
  const n = labels.length / sets;
  if (n < FEWEST[method]) {
    throw new UsageError(
      `${label}: ${method} needs ${FEWEST[method]} images at least, and there ${n === 1 ? 'is' : 'are'} ${n}. Take more (limit).`,
    );
  }
  signal?.throwIfAborted();
  const { seed, perplexity, nNeighbours, minDist } = options;
  const request: EmbeddingRequest = {
    ...{ method, seed, perplexity, nNeighbours, minDist, init, sets },
    ...{ features: features.values, dim: features.dim, labels: Int32Array.from(labels) },
  };
  const thread = newThread(new URL('./thread/run.ts', import.meta.url));
  let stop: (() => void) | undefined;
  try {
    return await new Promise<Embedding[]>((resolve, reject) => {
      stop = () => {
        reject(signal?.reason as Error);
      };
      signal?.addEventListener('abort', stop);
      thread.on('error', reject);
      thread.on('exit', () => {
        reject(new Error(`The thread of the embedding ${label} has ended before its work was done.`));
      });
      thread.on('message', (reply: EmbeddingReply) => {
        if (reply.kind === 'done') {
          progress?.({ label, done: 100, total: 100, note: 'done' });
          resolve(reply.embeddings);
        } else if (reply.kind === 'refused') reject(new UserError(`${label}: ${reply.message}`));
        else progress?.({ label, done: reply.done, total: reply.total, note: reply.note });
      });
      thread.postMessage(request);
    });
  } finally {
    if (stop !== undefined) signal?.removeEventListener('abort', stop);
    await thread.terminate();
  }
}

/** @throws {UsageError} where rows and labels are not equally many */
export function requireLabels(name: string, { values, dim }: Rows, labels: Labels): void {
  const n = values.length / dim;
  if (n !== labels.length) {
    throw new UsageError(
      `${name}: ${n} rows of features and ${labels.length} labels; the images must be the same.`,
    );
  }
}
