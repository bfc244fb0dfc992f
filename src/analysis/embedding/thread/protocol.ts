import type { Labels } from '../../../measures/index.ts';
import type { Embedding, MethodOptions } from '../methods.ts';

/** Asks a thread for one fit. */
export interface EmbeddingRequest extends MethodOptions {
  /** `[n, dim]` */
  readonly features: Float32Array;
  readonly dim: number;
  /** `[n]` */
  readonly labels: Labels;
  /**
   * How many sets of features of the same images the rows are, one set after the other; default 1. Each becomes an embedding of
   * its own part of the points, and its quality is told by its own rows: an image in another set is no neighbour that
   * could tell its class.
   */
  readonly sets?: number | undefined;
  /** `[n, 2]` where t-SNE and UMAP start; default: the principal components. */
  readonly init?: Float64Array | undefined;
}

/** What a thread says on the way and at the end. */
export type EmbeddingReply =
  | { readonly kind: 'progress'; readonly done: number; readonly total: number; readonly note: string }
  /** One embedding a set. */
  | { readonly kind: 'done'; readonly embeddings: Embedding[] }
  /** The features, or an option, cannot be embedded so. */
  | { readonly kind: 'refused'; readonly message: string };
