export {
  brierScore,
  calibration,
  type Calibration,
  type CalibrationBin,
  type CalibrationOptions,
} from './calibration.ts';
export { linearCka, linearCkaTable, type CkaOptions, type Representation } from './cka.ts';
export { calinskiHarabasz, classDistanceNormalisedVariance, daviesBouldin } from './clusters.ts';
export { type DotProducts } from './dot/index.ts';
export * from './embedding/index.ts';
export { kMeans, type KMeans, type KMeansOptions } from './kMeans.ts';
export { knnAccuracy, knnLeaveOneOut, knnPredict, type KnnOptions } from './knn.ts';
export {
  linearProbe,
  linearProbeAccuracy,
  type LinearProbe,
  type LinearProbeOptions,
} from './linearProbe.ts';
export { accuracy, crossEntropy, gradientNormLogits } from './logits.ts';
export {
  nearestCentroidAccuracy,
  nearestCentroidLeaveOneOut,
  type NearestCentroidOptions,
} from './nearestCentroid.ts';
export { neuralCollapse, type NeuralCollapse, type NeuralCollapseOptions } from './neuralCollapse.ts';
export {
  pairDistances,
  type DistanceDistribution,
  type PairDistances,
  type PairDistancesOptions,
} from './pairDistances.ts';
export { adjustedRandIndex, normalizedMutualInformation } from './partitions.ts';
export { pca, type Pca } from './pca.ts';
export {
  confusionCounts,
  predictedClasses,
  predictedLabels,
  softmax,
  type PredictedClass,
} from './predictions.ts';
export { unitRows, type Labels, type UnitRows } from './rows.ts';
export { betweenWithinByDimension, betweenWithinRatio } from './scatter.ts';
export { silhouette, type Silhouette, type SilhouetteOptions } from './silhouette.ts';
export { EFFECTIVE_RANK_UP_TO, effectiveRank, singularValues } from './spectrum.ts';
export * from './statistics/index.ts';
