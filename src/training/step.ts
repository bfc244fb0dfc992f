import { tf } from '../engine/tf.ts';
import { fullPrecision } from '../engine/index.ts';
import {
  evaluateObjective,
  gradientNormAtLogits,
  initialObjectiveState,
  trainedByOptimizer,
  type Objective,
} from '../losses/index.ts';
import { initialParameters, initialStatistics, type NamedTensors, type Network } from '../models/index.ts';
import { freeingOnFailure, valueAndGradients } from './gradients.ts';
import type { Optimizer } from './optimizer.ts';

/** Everything that a training step changes. */
export interface TrainingState {
  readonly parameters: NamedTensors;
  /** The optimizer's, by parameter. */
  readonly slots: NamedTensors;
  /** Running means and variances of batch normalisation. */
  readonly statistics: NamedTensors;
  /** What the losses of layers keep (centers, classifiers), by `<loss>/<tap>/<tensor>`. */
  readonly losses: NamedTensors;
}

/** What a training step reads. */
export interface StepInput {
  readonly state: TrainingState;
  /** `[batch, height, width, channels] float32`, normalised */
  readonly images: tf.Tensor4D;
  /** `[batch] int32` */
  readonly labels: tf.Tensor1D;
  /** `[] float32` */
  readonly learningRate: tf.Scalar;
  /** `[2] int32`, another one each step; of the dropout of a stochastic network, which needs it. */
  readonly seed?: tf.Tensor1D | undefined;
  /** `[] float32`, by `<loss>/<tap>`: the share of its weight that each loss with a schedule has now. */
  readonly weightFactors?: NamedTensors;
}

/** What a training step gives back. */
export interface StepOutput {
  readonly state: TrainingState;
  /** Names of the measures, in the order of `measures`. */
  readonly names: readonly string[];
  /** `[names.length] float32`: `total`, every part of the loss, `accuracy` and `gradientNormLogits`, of the batch. */
  readonly measures: tf.Tensor1D;
}

/** Share of a running statistic that is kept at each step; PyTorch's default (there written as 0.1). */
const STATISTICS_MOMENTUM = 0.9;

/** Running statistics after a step: nine parts of what they were, one of the batch's own. */
export function updatedStatistics(
  { statistics }: Pick<Network, 'statistics'>,
  running: NamedTensors,
  batch: NamedTensors,
): NamedTensors {
  return Object.fromEntries(
    statistics.map(({ name }) => {
      const kept = tf.mul(running[name]!, STATISTICS_MOMENTUM);
      return [name, tf.add(kept, tf.mul(batch[name]!, 1 - STATISTICS_MOMENTUM))];
    }),
  );
}

/**
 * The state before the first step: a pure function of the seed.
 *
 * @param objective whose losses may keep something; default: one that keeps nothing
 */
export function initialState(
  network: Network,
  optimizer: Optimizer,
  seed: number,
  objective: Objective = { terms: [] },
): TrainingState {
  const parameters = initialParameters(network, seed);
  const statistics = initialStatistics(network);
  const losses = initialObjectiveState(objective, network, { parameters, statistics }, seed);
  const slots = optimizer.init({ ...parameters, ...trainedOf(objective, losses) });
  return { parameters, slots, statistics, losses };
}

/** Of what the losses keep, the part that the optimizer trains. */
function trainedOf(objective: Objective, losses: NamedTensors): NamedTensors {
  return select(
    losses,
    trainedByOptimizer(objective).map(({ name }) => name),
  );
}

function select(tensors: NamedTensors, names: readonly string[]): NamedTensors {
  return Object.fromEntries(names.map((name) => [name, tensors[name]!]));
}

/**
 * The training step, a pure function `(state, batch) -> (state, measures)` that can run as a graph: gradients of
 * the objective, the optimizer's update, the running statistics, and what the losses keep.
 */
export function trainingStep(
  network: Network,
  objective: Objective,
  optimizer: Optimizer,
): (input: StepInput) => StepOutput {
  return ({ state, images, labels, learningRate, seed, weightFactors = {} }) => {
    const ofLosses = trainedOf(objective, state.losses);
    const trained = { ...state.parameters, ...ofLosses };
    const unmeasured = new Set([...network.statistics.map((s) => s.name), ...Object.keys(state.losses)]);
    const { loss, gradients, auxiliary } = valueAndGradients((parameters) => {
      const output = network.apply(parameters, state.statistics, images, { training: true, seed });
      // Softmax and distances need float32's 24 bits where the network computes with 8.
      const { logits, taps } = fullPrecision({ logits: output.logits, taps: output.taps });
      const now = { state: { ...state.losses, ...select(parameters, Object.keys(ofLosses)) }, weightFactors };
      const { total, parts, updated } = freeingOnFailure(output.batchStatistics, () =>
        evaluateObjective(objective, { logits, taps }, labels, now),
      );
      const hits = tf.equal(tf.argMax(logits, 1), labels);
      const measures: Record<string, tf.Tensor> = {
        ...parts,
        accuracy: tf.mean(tf.cast(hits, 'float32')),
        gradientNormLogits: gradientNormAtLogits(logits, labels),
      };
      const auxiliary: Record<string, tf.Tensor> = { ...measures, ...output.batchStatistics, ...updated };
      return { loss: total, auxiliary };
    }, trained);
    const { parameters: values, slots } = optimizer.update({
      parameters: trained,
      gradients,
      slots: state.slots,
      learningRate,
    });
    const statistics = updatedStatistics(network, state.statistics, auxiliary);
    // What is neither trained nor updated stays; what is trained is not in the auxiliary values.
    const losses = Object.fromEntries(
      Object.entries(state.losses).map(([name, last]) => [name, values[name] ?? auxiliary[name] ?? last]),
    );
    const parameters = select(values, Object.keys(state.parameters));
    const measured = Object.keys(auxiliary).filter((name) => !unmeasured.has(name));
    return {
      state: { parameters, slots, statistics, losses },
      names: ['total', ...measured],
      measures: tf.stack([loss, ...measured.map((name) => auxiliary[name]!)]) as tf.Tensor1D,
    };
  };
}
