export { gradientNormCurves, learningCurves } from './curves.ts';
export { featureProjection } from './projection.ts';
export { separabilityByStage } from './separability.ts';
export { testErrorBySeed } from './testError.ts';
export { ARM_COLOURS, CLASS_COLOURS, type Figure } from './theme.ts';
