import type { Labels } from '../../../measures/index.ts';
import type { Embedding, MethodOptions } from '../methods.ts';

/** Asks a thread for one embedding. */
export interface EmbeddingRequest extends MethodOptions {
  /** `[n, dim]` */
  readonly features: Float32Array;
  readonly dim: number;
  /** `[n]` */
  readonly labels: Labels;
  /** `[n, 2]` where t-SNE and UMAP start; default: the principal components. */
  readonly init?: Float64Array | undefined;
}

/** What a thread says on the way and at the end. */
export type EmbeddingReply =
  | { readonly kind: 'progress'; readonly done: number; readonly total: number; readonly note: string }
  | { readonly kind: 'done'; readonly embedding: Embedding }
  /** The features, or an option, cannot be embedded so. */
  | { readonly kind: 'refused'; readonly message: string };
