export { align } from './align.ts';
export { lda, type Lda, type LdaOptions } from './lda.ts';
export { nearestNeighbours, type NeighbourOptions, type Neighbours } from './neighbours.ts';
export {
  continuity,
  neighbourAccuracy,
  trustworthiness,
  type TrustworthinessOptions,
} from './trustworthiness.ts';
export { tsne, TSNE_LEAST_ROWS, tsneNeighbours, type Tsne, type TsneOptions } from './tsne/tsne.ts';
export { umap, UMAP_LEAST_ROWS, umapNeighbours, type Umap, type UmapOptions } from './umap.ts';
