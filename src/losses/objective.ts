import { tf } from '../engine/tf.ts';
import { UserError } from '../engine/index.ts';
import type { NamedTensors } from '../models/index.ts';
import { crossEntropy } from './crossEntropy.ts';
import type { LayerLoss, LayerLossInput } from './layerLoss.ts';
import { noState } from './noState.ts';
import { classPairs, type ClassPairs } from './pairs.ts';
import { poolFeatures, type Pooling } from './pooling.ts';
import type { LossValue } from './types.ts';
import type { WeightSchedule } from './weightSchedule.ts';

/** A loss at one layer of a network. */
export interface Term<Options extends object = object> {
  readonly loss: LayerLoss<Options>;
  /** Name of the layer, e.g. `stage1`. */
  readonly tap: string;
  /** Which side of the layer's last rectifier. */
  readonly side: TapSide;
  /** What becomes of its maps before they are pooled; default nothing. */
  readonly derived?: DerivedMaps;
  /** How its maps become features; default `globalAverage`. */
  readonly pooling?: Pooling;
  /** `lambda_l`, against cross-entropy's weight of 1. */
  readonly weight: number;
  /** How the weight changes over the training; default `constant`. */
  readonly schedule?: WeightSchedule;
  /** The loss's own; default all of its defaults. */
  readonly options?: Options;
}

export type TapSide = 'activation' | 'preActivation';

/** Maps that are computed from those of a network's layer. */
export interface DerivedMaps {
  /** The layer. */
  readonly from: string;
  /** `[batch, height, width, channels] float32` to any size and number of channels. */
  maps(maps: tf.Tensor4D): tf.Tensor4D;
}

/** What a training minimises: cross-entropy, and losses at any number of layers. */
export interface Objective {
  /** Of cross-entropy, see {@link crossEntropy}; default 0. */
  readonly labelSmoothing?: number;
  readonly terms: readonly Term[];
}

/** What the objective looks at; a network's output has it. */
export interface ObjectiveInput {
  readonly logits: tf.Tensor2D;
  readonly taps: Readonly<Record<string, Readonly<Record<TapSide, tf.Tensor4D>>>>;
}

/** What changes from step to step, beside the batch. */
export interface ObjectiveState {
  /** What the terms' losses keep, by `<loss>/<tap>/<tensor>`; default nothing. */
  readonly state?: NamedTensors;
  /** `[] float32` for each term that has a schedule, by its name: the share of its weight that it has now. */
  readonly weightFactors?: NamedTensors;
}

/** The value of an objective, and its losses' state after the step. */
export interface ObjectiveValue extends LossValue {
  /** What the total is the sum of: `crossEntropy` and each term by its name, weighted. */
  readonly addends: Readonly<Record<string, tf.Scalar>>;
  /** Of the state what has a rule of its own; what the optimizer trains is not in it. */
  readonly updated: NamedTensors;
}

/** `<loss>/<tap>`: what a term's parts and its state are called by. */
export function termName({ loss, tap }: Pick<Term, 'loss' | 'tap'>): string {
  return `${loss.name}/${tap}`;
}

/**
 * `L = CE + sum over the terms of weight * loss(pooled features of the tap)`
 *
 * @returns parts `crossEntropy`, and `<loss>/<tap>/<part>` for every part of every term, e.g. `msl/stage1/withinClass`;
 * parts are before weighting
 * @throws {Error} for a tap that the network does not have
 */
export function evaluateObjective(
  { labelSmoothing = 0, terms }: Objective,
  output: ObjectiveInput,
  labels: tf.Tensor1D,
  { state = {}, weightFactors = {} }: ObjectiveState = {},
): ObjectiveValue {
  const ce = crossEntropy(output.logits, labels, { labelSmoothing });
  let total = ce;
  const parts: Record<string, tf.Scalar> = { crossEntropy: ce };
  const addends: Record<string, tf.Scalar> = { crossEntropy: ce };
  const updated: Record<string, tf.Tensor> = {};
  if (terms.length === 0) return { total, parts, addends, updated };
  const batch = { labels, pairs: classPairs(labels), classes: output.logits.shape[1] };
  for (const term of terms) {
    const name = termName(term);
    const input = termInput(term, output, batch, state);
    const options = term.options ?? {};
    const loss = checked(term.loss, term.loss.evaluate(input, options), input.state);
    if (Object.keys(parts).some((part) => part.startsWith(`${name}/`))) {
      throw new Error(`${name} is there twice: a loss is attached to a tap once.`);
    }
    const addend = weighted(loss.total, term, weightFactors);
    addends[name] = addend;
    total = tf.add(total, addend);
    for (const [part, value] of Object.entries(loss.parts)) parts[`${name}/${part}`] = value;
    const after = checkedState(term.loss, term.loss.state?.update?.(input, options) ?? {}, input.state);
    for (const [tensor, value] of Object.entries(after)) updated[`${name}/${tensor}`] = value;
  }
  return { total, parts, addends, updated };
}

/** @throws {UserError} where a loss does not return what it says */
function checked({ name, parts: declared }: LayerLoss, value: LossValue, state: NamedTensors): LossValue {
  if (!isLossValue(value)) {
    throw new UserError(
      `The loss '${name}' returned no object of a total and parts: { total, parts: { … } }.`,
    );
  }
  const parts = Object.keys(value.parts);
  if (parts.join() !== declared.join()) {
    throw new UserError(
      `The loss '${name}' returned the parts ${parts.join(', ')}; it declares ${declared.join(', ')}.`,
    );
  }
  const both = parts.find((part) => part in state);
  if (both !== undefined)
    throw new UserError(`The loss '${name}' calls a part and a tensor of its state '${both}'.`);
  for (const [part, { shape }] of Object.entries({ total: value.total, ...value.parts })) {
    if (shape.length === 0) continue;
    throw new UserError(
      `The loss '${name}' returned ${part} of the shape [${shape.join()}]; it has to be a scalar.`,
    );
  }
  return value;
}

/** @throws {UserError} where a loss updates what it does not keep: what it keeps would stay as it was at the start */
function checkedState({ name, state }: LayerLoss, after: NamedTensors, before: NamedTensors): NamedTensors {
  for (const [tensor, { shape }] of Object.entries(after)) {
    const kept = before[tensor];
    if (kept === undefined) throw new UserError(`The loss '${name}' updates ${noState(tensor, before)}`);
    if (Object.hasOwn(state?.trained ?? {}, tensor)) {
      throw new UserError(
        `The loss '${name}' updates '${tensor}', which the optimizer trains; a tensor changes by one of both.`,
      );
    }
    if (shape.join() !== kept.shape.join()) {
      throw new UserError(
        `The loss '${name}' makes ${tensor} of the shape [${shape.join()}] of one of the shape [${kept.shape.join()}].`,
      );
    }
  }
  return after;
}

/** What the compiler does not see of a loss in JavaScript, or behind a cast. */
function isLossValue(value: Partial<LossValue> | undefined): boolean {
  return value?.total?.shape !== undefined && value.parts !== undefined;
}

/** The weight is a constant of the graph unless it has a schedule. */
function weighted(total: tf.Scalar, term: Term, factors: NamedTensors): tf.Scalar {
  const { weight, schedule = 'constant' } = term;
  if (schedule === 'constant') return tf.mul(total, weight);
  const factor = factors[termName(term)];
  if (factor === undefined) throw new Error(`The weight of ${termName(term)} has a schedule, but no factor.`);
  return tf.mul(total, tf.mul(factor, weight));
}

function termInput(
  term: Term,
  output: ObjectiveInput,
  batch: { readonly labels: tf.Tensor1D; readonly pairs: ClassPairs; readonly classes: number },
  state: NamedTensors,
): LayerLossInput {
  const prefix = `${termName(term)}/`;
  const own = Object.entries(state).filter(([name]) => name.startsWith(prefix));
  return {
    features: termFeatures(term, output.taps),
    ...batch,
    state: Object.fromEntries(own.map(([name, tensor]) => [name.slice(prefix.length), tensor])),
  };
}

/** `[batch, dim] float32`: what a term's loss sees of a network's output. @throws {Error} for an unknown tap */
export function termFeatures(
  { tap, side, derived, pooling = 'globalAverage' }: Pick<Term, 'tap' | 'side' | 'derived' | 'pooling'>,
  taps: ObjectiveInput['taps'],
): tf.Tensor2D {
  const layer = derived?.from ?? tap;
  const maps = taps[layer]?.[side];
  if (maps === undefined) {
    throw new Error(`The network has no tap '${layer}'; it has ${Object.keys(taps).join(', ')}.`);
  }
  return poolFeatures(derived === undefined ? maps : derived.maps(maps), pooling);
}
