export { type DotProducts } from './dotBlocks.ts';
export * from './embedding/index.ts';
export { knnAccuracy, knnPredict, type KnnOptions } from './knn.ts';
export { accuracy, crossEntropy, gradientNormLogits } from './logits.ts';
export { pca, type Pca } from './pca.ts';
export { type Labels } from './rows.ts';
export { betweenWithinRatio } from './scatter.ts';
export * from './statistics/index.ts';
