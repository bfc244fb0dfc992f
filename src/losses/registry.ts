/** The losses of a layer that a specification can name. */
import { unknownName, UsageError } from '../engine/index.ts';
import { CENTER } from './center.ts';
import { CONTRASTIVE } from './contrastive.ts';
import { CONTRASTIVE_CENTER } from './contrastiveCenter.ts';
import { DEEP_SUPERVISION } from './deepSupervision.ts';
import { ISLAND } from './island.ts';
import type { LayerLoss } from './layerLoss.ts';
import { MSL } from './mixtureSeparability.ts';
import { PAIRWISE_GAUSSIAN } from './pairwiseGaussian.ts';
import { PULL_PUSH } from './pullPush.ts';
import { SIMILARITY_MATCHING } from './similarityMatching.ts';
import { SOFT_NEAREST_NEIGHBOR } from './softNearestNeighbor.ts';
import { SUPERVISED_CONTRASTIVE } from './supervisedContrastive.ts';
import { VARIABILITY_SIMPLIFICATION } from './variabilitySimplification.ts';

/** The workbook's own. */
const LAYER_LOSSES: readonly LayerLoss[] = [
  MSL,
  CONTRASTIVE,
  SUPERVISED_CONTRASTIVE,
  SOFT_NEAREST_NEIGHBOR,
  SIMILARITY_MATCHING,
  PAIRWISE_GAUSSIAN,
  CENTER,
  CONTRASTIVE_CENTER,
  ISLAND,
  PULL_PUSH,
  VARIABILITY_SIMPLIFICATION,
  DEEP_SUPERVISION,
];

/** All that can be named. */
export function layerLosses(): readonly LayerLoss[] {
  return LAYER_LOSSES;
}

/** @throws {UsageError} for an unknown name, with the nearest */
export function findLayerLoss(name: string): LayerLoss {
  const loss = layerLosses().find((candidate) => candidate.name === name);
  if (loss !== undefined) return loss;
  const names = layerLosses().map((known) => known.name);
  throw new UsageError(unknownName('loss of a layer', name, names));
}
