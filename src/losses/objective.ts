import * as tf from '@tensorflow/tfjs';

import { globalAverage } from '../engine/index.ts';
import { crossEntropy } from './crossEntropy.ts';
import { mixtureSeparability, type MixtureSeparabilityOptions } from './mixtureSeparability.ts';
import { classPairs } from './pairs.ts';
import type { LossValue } from './types.ts';

/** The mixture separability loss at one layer of a network. */
export interface SeparabilityTerm extends MixtureSeparabilityOptions {
  /** Name of the layer, e.g. `stage1`. */
  readonly tap: string;
  /** Which side of the layer's last rectifier. */
  readonly side: 'activation' | 'preActivation';
  /** `lambda_l`, against cross-entropy's weight of 1. */
  readonly weight: number;
}

/** What a training minimises: cross-entropy, and MSL at any number of layers. */
export interface Objective {
  readonly separability: readonly SeparabilityTerm[];
}

/** What the objective looks at; a network's output has it. */
export interface ObjectiveInput {
  readonly logits: tf.Tensor2D;
  readonly taps: Readonly<Record<string, Readonly<Record<SeparabilityTerm['side'], tf.Tensor4D>>>>;
}

/**
 * `L = CE + sum_l lambda_l (W_l + eta B_l)`, each layer's features pooled by their global average.
 *
 * @returns parts `crossEntropy`, and `msl/<tap>/withinClass`, `msl/<tap>/betweenClass` for every term
 */
export function evaluateObjective(
  objective: Objective,
  output: ObjectiveInput,
  labels: tf.Tensor1D,
): LossValue {
  const ce = crossEntropy(output.logits, labels);
  let total = ce;
  const parts: Record<string, tf.Scalar> = { crossEntropy: ce };
  if (objective.separability.length === 0) return { total, parts };
  const pairs = classPairs(labels);
  for (const { tap, side, weight, ...options } of objective.separability) {
    const maps = output.taps[tap]?.[side];
    if (maps === undefined) {
      throw new Error(`The network has no tap '${tap}'; it has ${Object.keys(output.taps).join(', ')}.`);
    }
    const loss = mixtureSeparability(globalAverage(maps), pairs, options);
    total = tf.add(total, tf.mul(loss.total, weight));
    parts[`msl/${tap}/withinClass`] = loss.parts.withinClass;
    parts[`msl/${tap}/betweenClass`] = loss.parts.betweenClass;
  }
  return { total, parts };
}
