export { alignmentHeatMaps, type AlignmentPanel } from './alignment.ts';
export { embeddingAnimation, type EmbeddingAnimationOptions } from './animation.ts';
export { classCountsFigure } from './classCounts.ts';
export { confusionMatrix, type Confusion } from './confusion.ts';
export { confusionComparison, type NamedConfusion } from './confusionPair.ts';
export { distanceHistograms } from './distances.ts';
export { forestPlot } from './forest.ts';
export { ablationGrid, gridHeatMap, type AblationGrid } from './grid.ts';
export { predictedPictures, worstMistakes, type Mistake, type PredictedPicture } from './mistakes.ts';
export { hasProbes, lossesBeside, lossTitle, saturationCurves, tapGradientCurves } from './probes.ts';
export { pullOfLosses } from './pull.ts';
export { gradientNormCurves, gradientNormsBySetting, learningCurves } from './curves.ts';
export { embeddingScatter, type EmbeddingPanel, type EmbeddingScatterOptions } from './embedding.ts';
export { liveCurves, liveText } from './live.ts';
export { axesOf, panelFigure, type Axis, type Panel, type PanelOptions } from './panels.ts';
export { featureProjection } from './projection.ts';
export { searchFigure } from './search.ts';
export { separabilityByStage } from './separability.ts';
export { testErrorBySeed } from './testError.ts';
export {
  ARM_COLOURS,
  armStyle,
  classStyle,
  PALE,
  PAPER,
  plotlyText,
  rounded,
  type Figure,
} from './theme.ts';
