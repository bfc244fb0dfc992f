/** Ways to show features in the plane. */
export const EMBEDDING_METHODS = ['pca', 'lda', 'tsne', 'umap'] as const;

export type EmbeddingMethod = (typeof EMBEDDING_METHODS)[number];

/** What the methods can be told. */
export interface MethodOptions {
  readonly method: EmbeddingMethod;
  /** Of what is random: a tiny displacement of t-SNE's start, and UMAP's choice of pairs; default 0. */
  readonly seed?: number | undefined;
  /** t-SNE: about how many neighbours a point has; default 30. */
  readonly perplexity?: number | undefined;
  /** UMAP: how many rows a neighbourhood has; default 15. */
  readonly nNeighbours?: number | undefined;
  /** UMAP: how near points of one place lie, 0 to 1; default 0.1. */
  readonly minDist?: number | undefined;
}

/** Features in the plane. */
export interface Embedding {
  readonly method: EmbeddingMethod;
  /** `[n, 2]`, row after row, in the order of the features. */
  readonly points: Float64Array;
  /** What there is to say of the two axes, or of how it was made: each a few words. */
  readonly notes: readonly string[];
  readonly quality: EmbeddingQuality;
}

/** How well a picture tells the truth. */
export interface EmbeddingQuality {
  /** Whether neighbours in the plane are neighbours in the features, at most 1 (k = 12); `null` below 25 rows. */
  readonly trustworthiness: number | null;
  /** Share of points whose 12 nearest vote for their class, 0 to 1. */
  readonly neighbourAccuracy: number;
  /** The same of the features. */
  readonly featureAccuracy: number;
}
