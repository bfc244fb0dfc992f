/** The losses of a layer that a specification can name. */
import { unknownName, UsageError } from '../engine/index.ts';
import { CENTER } from './center.ts';
import { CONTRASTIVE } from './contrastive.ts';
import { CONTRASTIVE_CENTER } from './contrastiveCenter.ts';
import { DEEP_SUPERVISION } from './deepSupervision.ts';
import { ISLAND } from './island.ts';
import { optionsOf, type LayerLoss } from './layerLoss.ts';
import { MSL } from './mixtureSeparability.ts';
import { ORTHOGONAL_LOW_RANK } from './orthogonalLowRank.ts';
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
  ORTHOGONAL_LOW_RANK,
  DEEP_SUPERVISION,
];

/** Those that were added in this process. */
const added = new Map<string, LayerLoss>();

/** Names that a specification has beside a loss's options. */
const RESERVED = ['name', 'weight', 'taps', 'side', 'pooling', 'schedule'];

/** All that can be named. */
export function layerLosses(): readonly LayerLoss[] {
  return [...LAYER_LOSSES, ...added.values()];
}

/** @throws {UsageError} for an unknown name, with the nearest */
export function findLayerLoss(name: string): LayerLoss {
  const loss = layerLosses().find((candidate) => candidate.name === name);
  if (loss !== undefined) return loss;
  const names = layerLosses().map((known) => known.name);
  throw new UsageError(unknownName('loss of a layer', name, names));
}

/**
 * Adds a loss, for this process; one that was added under the same name is replaced.
 *
 * @throws {UsageError} for a name or options that a specification could not tell apart, and for the workbook's own names
 */
export function addLayerLoss<Options extends object>(loss: LayerLoss<Options>): void {
  const { name, parts } = loss;
  if (!/^[A-Za-z][\w-]*$/.test(name)) {
    throw new UsageError(
      `A loss's name has letters, digits, - and _, and begins with a letter; '${name}' does not.`,
    );
  }
  if (LAYER_LOSSES.some((own) => own.name === name)) {
    throw new UsageError(`'${name}' is a loss of the workbook; give yours another name.`);
  }
  if (parts.length === 0 || new Set(parts).size < parts.length) {
    throw new UsageError(
      `The loss '${name}' has to name its parts, each once; it names: ${parts.join(', ')}.`,
    );
  }
  const taken = optionsOf(loss).find(([option]) => RESERVED.includes(option));
  if (taken !== undefined) {
    throw new UsageError(
      `The loss '${name}' has an option '${taken[0]}', which every loss has: ${RESERVED.join(', ')} are taken.`,
    );
  }
  added.set(name, loss);
}
