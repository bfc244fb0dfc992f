export { embed, type EmbedOptions } from './embed.ts';
export {
  embedEpochs,
  type EmbedEpochsOptions,
  type EpochEmbeddings,
  type EpochsOfLayer,
} from './embedEpochs.ts';
export { embedRuns, type EmbedRunsOptions, type LayerEmbedding, type RunEmbeddings } from './embedRuns.ts';
export {
  embedTogether,
  SHARED_SPACES,
  type EmbedTogetherOptions,
  type FeatureSet,
  type SharedSpace,
} from './embedTogether.ts';
export {
  EMBEDDING_METHODS,
  type Embedding,
  type EmbeddingMethod,
  type EmbeddingQuality,
  type MethodOptions,
} from './methods.ts';
