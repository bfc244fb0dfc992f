/** What is measured, in the order of the tables. */
export const MEASURE_NAMES = [
  ...[
    'silhouette',
    'silhouetteCosine',
    'betweenWithinRatio',
    'bestDimension',
    'daviesBouldin',
    'calinskiHarabasz',
  ],
  ...[
    'knnAccuracy',
    'nearestCentroidAccuracy',
    'linearProbeAccuracy',
    'kMeansNmi',
    'kMeansAri',
    'separation',
  ],
  ...['effectiveRank', 'nc1', 'nc1Quotient', 'nc2Equinorm', 'nc2Equiangular', 'nc2MaximalAngle'],
  ...['nc3SelfDuality', 'nc4Agreement', 'cdnv'],
] as const;

export type MeasureName = (typeof MEASURE_NAMES)[number];
