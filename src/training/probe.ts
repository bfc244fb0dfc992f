/** What drives a training: the gradients of each loss, where they arrive. */

import { tf } from '../engine/tf.ts';
import { fullPrecision } from '../engine/index.ts';
import { evaluateObjective, type Objective } from '../losses/index.ts';
import type { NamedTensors, Network } from '../models/index.ts';
import type { StepInput } from './step.ts';

/** What one probe gives back. */
export interface ProbeOutput {
  /** What each of `values` is. */
  readonly names: readonly ProbeName[];
  /** `[names.length] float32` */
  readonly values: tf.Tensor1D;
  /** `[batch] float32`: the length of each sample's gradient at the logits. */
  readonly lengthsAtLogits: tf.Tensor1D;
  /** `[batch] float32`: by how much the label's logit is above the largest other. */
  readonly margins: tf.Tensor1D;
}

/** A number that a probe measures. A group is `crossEntropy`, or a loss with all of its taps. */
export type ProbeName =
  /** Mean over the samples of the length of the gradient at a tap's activation, or at the logits. */
  | { readonly kind: 'norm'; readonly point: string; readonly group: string }
  /** Inner product of a group's gradient of a layer's weights with the whole gradient of them. */
  | { readonly kind: 'product'; readonly layer: string; readonly group: string }
  /** Cosine of a group's gradient and cross-entropy's, over the weights that both reach. */
  | { readonly kind: 'cosine'; readonly group: string };

/** The logits among the points. */
const LOGITS = 'logits';
/** The sum of all groups. */
const TOTAL = 'total';
const CROSS_ENTROPY = 'crossEntropy';

/** What the losses of an objective are grouped by: cross-entropy, and each loss with all of its taps. */
function lossGroups({ terms }: Objective): string[] {
  return [CROSS_ENTROPY, ...new Set(terms.map(({ loss }) => loss.name))];
}

/** The layer that a parameter belongs to: `stage1/conv1` of `stage1/conv1/kernel`. */
const layerOf = (parameter: string) => parameter.slice(0, parameter.lastIndexOf('/'));

/**
 * A look at the gradients of a training step before it is taken, a pure function that can run as a graph; nothing of the
 * training passes through it. Losses are means over the batch, so a sample's gradient is `batch` times its row's:
 * at the logits `softmax - target` for cross-entropy, whose target is the one-hot label or, with label smoothing, the smoothed one.
 *
 * Gradients are linear in the losses: that of the objective is the sum of those of the groups, which are computed one
 * by one. Weight decay and momentum are not in them.
 */
export function gradientProbe(network: Network, objective: Objective): (input: StepInput) => ProbeOutput {
  const groups = lossGroups(objective);
  const points = [...network.allTaps, LOGITS];
  return ({ state, images, labels, seed, weightFactors = {} }) => {
    const names: ProbeName[] = [];
    const values: tf.Tensor[] = [];
    const record = (name: ProbeName, value: tf.Tensor): void => {
      names.push(name);
      values.push(value);
    };
    let kept: tf.Tensor1D | undefined;
    const found = groups.map((group) =>
      gradientsAt(state.parameters, (parameters, observe) => {
        const output = network.apply(parameters, state.statistics, images, { training: true, seed, observe });
        tf.dispose(Object.values(output.batchStatistics));
        const seen = { logits: observe(LOGITS, output.logits) as tf.Tensor2D, taps: output.taps };
        const full = fullPrecision(seen);
        const { addends } = evaluateObjective(objective, full, labels, {
          state: state.losses,
          weightFactors,
        });
        kept ??= tf.keep(logitMargins(full.logits, labels));
        const own = Object.entries(addends).filter(([name]) => groupOf(name) === group);
        return own.map(([, addend]) => addend).reduce((sum, addend) => tf.add(sum, addend));
      }),
    );
    const batch = labels.shape[0];
    const lengths = (gradient: tf.Tensor | undefined): tf.Tensor1D =>
      gradient === undefined
        ? tf.zeros([batch])
        : tf.mul(tf.sqrt(tf.sum(tf.square(tf.reshape(gradient, [batch, -1])), 1)), batch);
    for (const point of points) {
      groups.forEach((group, g) => {
        record({ kind: 'norm', point, group }, tf.mean(lengths(found[g]!.points[point])));
      });
      const whole = sumOf(found.map((gradients) => gradients.points[point]));
      record({ kind: 'norm', point, group: TOTAL }, tf.mean(lengths(whole)));
    }
    const whole = Object.fromEntries(
      Object.keys(state.parameters).map((name) => [name, sumOf(found.map((g) => g.parameters[name]))]),
    );
    for (const layer of new Set(Object.keys(state.parameters).map(layerOf))) {
      const own = Object.keys(state.parameters).filter((name) => layerOf(name) === layer);
      groups.forEach((group, g) => {
        record({ kind: 'product', layer, group }, product(found[g]!.parameters, whole, own));
      });
    }
    const [ofCrossEntropy] = found;
    groups.forEach((group, g) => {
      if (g > 0) {
        record({ kind: 'cosine', group }, gradientCosine(ofCrossEntropy!.parameters, found[g]!.parameters));
      }
    });
    const atLogits = sumOf(found.map((gradients) => gradients.points[LOGITS]));
    const margins = kept!.clone();
    kept!.dispose();
    return { names, values: tf.stack(values) as tf.Tensor1D, lengthsAtLogits: lengths(atLogits), margins };
  };
}

const groupOf = (addend: string) => addend.split('/')[0]!;

type Observe = (point: string, x: tf.Tensor) => tf.Tensor;

/** Gradients of one loss; what it does not reach is not in them. */
interface Gradients {
  readonly parameters: Partial<NamedTensors>;
  readonly points: Partial<NamedTensors>;
}

/** The gradients of a loss by the parameters, and by what passes `observe` on the way. */
function gradientsAt(
  parameters: NamedTensors,
  loss: (parameters: NamedTensors, observe: Observe) => tf.Scalar,
): Gradients {
  const names = Object.keys(parameters);
  const seen: Record<string, tf.Tensor> = {};
  const observe: Observe = (point, x) =>
    tf.customGrad((x_) => ({
      value: (x_ as tf.Tensor).clone(),
      gradFunc: (dy: tf.Tensor) => {
        seen[point] = tf.keep(dy.clone());
        return dy;
      },
    }))(x);
  // tf.grads refuses what a loss does not reach, as a layer's loss does not reach the layers after it.
  const { value, grads } = tf.engine().gradients(
    () => loss(parameters, observe),
    names.map((name) => parameters[name]!),
    undefined,
    true,
  );
  value.dispose();
  const reached = names.flatMap((name, i) => {
    const gradient: tf.Tensor | null | undefined = grads[i];
    return gradient ? [[name, gradient] as const] : [];
  });
  const kept = Object.entries(seen).map(([point, gradient]) => {
    const own = gradient.clone();
    gradient.dispose();
    return [point, own] as const;
  });
  return { parameters: Object.fromEntries(reached), points: Object.fromEntries(kept) };
}

function sumOf(tensors: readonly (tf.Tensor | undefined)[]): tf.Tensor | undefined {
  const there = tensors.filter((tensor) => tensor !== undefined);
  return there.length === 0 ? undefined : there.reduce((sum, tensor) => tf.add(sum, tensor));
}

/** Sum over all entries of all tensors that both have. */
function product(a: Partial<NamedTensors>, b: Partial<NamedTensors>, names: readonly string[]): tf.Scalar {
  const products = names.flatMap((name) => {
    const [x, y] = [a[name], b[name]];
    return x === undefined || y === undefined ? [] : [tf.sum(tf.mul(x, y))];
  });
  return (sumOf(products) ?? tf.scalar(0)) as tf.Scalar;
}

/**
 * Cosine of two gradients over the tensors that both have; 0 where one vanishes. In float32 that is where all of its entries are
 * below about 1e-19 (1e-23 where an engine keeps subnormal numbers): their squares are 0.
 */
export function gradientCosine(a: Partial<NamedTensors>, b: Partial<NamedTensors>): tf.Scalar {
  const shared = Object.keys(a).filter((name) => name in b);
  const length = (x: Partial<NamedTensors>): tf.Scalar => tf.sqrt(product(x, x, shared));
  // One length after the other: the product of the squares of both is 0 long before they are.
  return tf.divNoNan(tf.divNoNan(product(a, b, shared), length(a)), length(b));
}

/** `x_label - max over the others`, `[batch] float32` */
function logitMargins(logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Tensor1D {
  const target = tf.cast(tf.oneHot(labels, logits.shape[1]), 'float32');
  const own: tf.Tensor1D = tf.sum(tf.mul(logits, target), 1);
  // Far below any logit, and finite, so that 0 times it is 0.
  const others: tf.Tensor1D = tf.max(tf.sub(logits, tf.mul(target, 1e30)), 1);
  return tf.sub(own, others);
}
