/** How well the losses of layers agree with an independent implementation, and what they do where batches are degenerate. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { tf } from '../engine/tf.ts';
import { projectRoot } from '../data/index.ts';
import { UserError } from '../engine/index.ts';
import { classPairs, defaultsOf, layerLosses, type LayerLoss, type LayerLossInput } from '../losses/index.ts';

type Rows = readonly (readonly number[])[];

/** A part of a loss by PyTorch, in float64. */
interface ExpectedPart {
  readonly value: number;
  readonly gradient: Rows;
  /** How far the gradient is from central differences, as a share of its largest entry. */
  readonly differences: number;
  /** `<state>Gradient`, where the loss keeps something. */
  readonly [gradient: `${string}Gradient`]: Rows | readonly number[];
}

/** A batch of test/fixtures/losses/losses.json. */
export interface LossFixture {
  readonly features: Rows;
  readonly labels: readonly number[];
  readonly centers: Rows;
  readonly losses: Readonly<
    Record<string, { readonly options: object; readonly parts: Readonly<Record<string, ExpectedPart>> }>
  >;
}

/** A loss beside its reference. */
export interface LossAgreement {
  readonly name: string;
  /** How often it was compared: batches, times the variants of its options. */
  readonly batches: number;
  /** Largest error of a part's value: relative, or of {@link SMALLEST} where that is more. */
  readonly value: number;
  /** Largest error of an entry of a part's gradient, by the features or the state, as a share of the largest entry. */
  readonly gradient: number;
  /** Largest difference of the reference's gradient from central differences, as a share of the largest entry. */
  readonly differences: number;
  /** Degenerate batches with a value or a gradient that is not finite. */
  readonly notFinite: readonly string[];
}

/** What a value's error is relative to at least: a hinge that nothing reaches has value 0. */
const SMALLEST = 1e-2;

/** A loss's variants in the fixtures; one that is not listed has its own name there. */
const VARIANTS: Readonly<Record<string, readonly string[]>> = {
  msl: ['msl', 'mslCentered'],
  softNearestNeighbor: ['softNearestNeighbor', 'softNearestNeighborEuclidean'],
};

/** Batches without pairs, without samples, without distances, or without a scale. */
export const DEGENERATE: Readonly<Record<string, { readonly features: Rows; readonly labels: readonly number[] }>> = {
  'no samples': { features: [], labels: [] },
  'one sample': { features: [[1, 2, 3]], labels: [1] },
  'one class': { features: [[1, 2, 3], [2, 1, 0], [0, 1, 1]], labels: [1, 1, 1] },
  'each class once': { features: [[1, 2, 3], [2, 1, 0], [0, 1, 1]], labels: [0, 1, 2] },
  'rows of zeros': { features: [[0, 0, 0], [0, 0, 0], [0, 0, 0]], labels: [0, 0, 1] },
  'equal rows': { features: [[1, 2, 3], [1, 2, 3], [1, 2, 3], [1, 2, 3]], labels: [0, 0, 1, 1] },
  'rows of length 1e-8': { features: [[1e-8, 0, 0], [0, 1e-8, 0], [0, 0, 2e-8]], labels: [0, 0, 1] },
  'rows of length 1e4': { features: [[1e4, 0, 0], [0, 1e4, 0], [1e4, 1e4, 2e4]], labels: [0, 0, 1] },
  'rows from 1e-8 to 1e4': { features: [[1e4, 0, 0], [0, 1e-8, 0], [1, 1, 2]], labels: [0, 0, 1] },
}; // prettier-ignore

/** @throws {UserError} outside of a clone, which has no fixtures */
export function lossFixtures(): LossFixture[] {
  const file = path.join(projectRoot(), 'test', 'fixtures', 'losses', 'losses.json');
  if (!existsSync(file)) throw new UserError(`${file} is missing: agreement is measured in a clone.`);
  return JSON.parse(readFileSync(file, 'utf8')) as LossFixture[];
}

/** Every loss against the fixtures, on the engine that is loaded. */
export function lossAgreements(fixtures: readonly LossFixture[]): LossAgreement[] {
  return layerLosses().map((loss) => {
    const errors = fixtures.flatMap((fixture) =>
      (VARIANTS[loss.name] ?? [loss.name]).map((variant) => errorsOn(loss, fixture, variant)),
    );
    const largest = (of: (error: (typeof errors)[number]) => number) => Math.max(...errors.map(of));
    return {
      name: loss.name,
      batches: errors.length,
      value: largest(({ value }) => value),
      gradient: largest(({ gradient }) => gradient),
      differences: largest(({ differences }) => differences),
      notFinite: Object.keys(DEGENERATE).filter((kind) => !isFiniteOn(loss, kind)),
    };
  });
}

function errorsOn(
  loss: LayerLoss,
  { features, labels, centers, losses }: LossFixture,
  variant: string,
): Pick<LossAgreement, 'value' | 'gradient' | 'differences'> {
  const { options, parts } = losses[variant]!;
  const actual = evaluate(
    loss,
    { features, labels, state: stateOf(loss, centers), classes: centers.length },
    options,
  );
  let [value, gradient, differences] = [0, 0, 0];
  for (const [part, expected] of Object.entries(parts)) {
    const found = actual[part]!;
    value = Math.max(
      value,
      Math.abs(found.value - expected.value) / Math.max(SMALLEST, Math.abs(expected.value)),
    );
    const wanted = [
      expected.gradient,
      ...Object.keys(found.state).map((name) => expected[`${name}Gradient`]!),
    ];
    const entries = wanted.map((rows) => (rows as readonly (number | readonly number[])[]).flat());
    [found.features, ...Object.values(found.state)].forEach((values, i) => {
      const scale = Math.max(...entries[i]!.map(Math.abs));
      // A gradient of 0 (a hinge that nothing reaches) has to be 0.
      const error = Math.max(...values.map((g, k) => Math.abs(g - entries[i]![k]!)));
      gradient = Math.max(gradient, error === 0 ? 0 : error / scale);
    });
    differences = Math.max(differences, expected.differences);
  }
  return { value, gradient, differences };
}

/** As in test/fixtures/losses/make.py. */
function stateOf(loss: LayerLoss, centers: Rows): Readonly<Record<string, Rows | readonly number[]>> {
  if (loss.state === undefined) return {};
  if (loss.state.trained === undefined) return { centers };
  const classes = centers.length;
  return {
    kernel: centers[0]!.map((_, k) => centers.map((row) => row[k]!)),
    bias: centers.map((_, j) => j / (classes - 1) - 0.5),
  };
}

interface EvaluatedPart {
  readonly value: number;
  /** Gradients. */
  readonly features: number[];
  readonly state: Readonly<Record<string, number[]>>;
}

interface Given {
  readonly features: Rows;
  readonly labels: readonly number[];
  readonly state: Readonly<Record<string, Rows | readonly number[]>>;
  readonly classes: number;
}

/** Value and gradients of each part. */
function evaluate(loss: LayerLoss, given: Given, changed: object): Readonly<Record<string, EvaluatedPart>> {
  const options = { ...defaultsOf(loss), ...changed };
  const names = Object.keys(given.state);
  return tf.tidy(() => {
    const dim = given.features[0]?.length ?? 3;
    const labels = tf.tensor1d(given.labels as number[], 'int32');
    const common = { labels, pairs: classPairs(labels), classes: given.classes };
    const at = ([features, ...state]: tf.Tensor[]): LayerLossInput => ({
      ...common,
      features: features as tf.Tensor2D,
      state: Object.fromEntries(names.map((name, i) => [name, state[i]!])),
    });
    const tensors = [
      tf.tensor2d(given.features as number[][], [given.features.length, dim]),
      ...names.map((name) => tf.tensor(given.state[name] as number[][])),
    ];
    const parts = Object.keys(loss.evaluate(at(tensors), options).parts).map((part) => {
      // What a part does not depend on has gradient 0.
      const nothing = (inputs: tf.Tensor[]) => tf.addN(inputs.map((x) => tf.mul(tf.sum(x), 0)));
      const { value, grads } = tf.valueAndGrads((...inputs: tf.Tensor[]) =>
        tf.add<tf.Scalar>(loss.evaluate(at(inputs), options).parts[part]!, nothing(inputs)),
      )(tensors);
      const [features, ...state] = grads.map((gradient) => Array.from(gradient.dataSync()));
      return [
        part,
        {
          value: value.dataSync()[0]!,
          features: features!,
          state: Object.fromEntries(names.map((name, i) => [name, state[i]!])),
        },
      ] as const;
    });
    return Object.fromEntries(parts);
  });
}

/** Whether all values and gradients are finite, with an ordinary state and with one of zeros. */
function isFiniteOn(loss: LayerLoss, kind: string): boolean {
  const ordinary = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]; // prettier-ignore
  return [ordinary, ordinary.map((row) => row.map(() => 0))].every((centers) => {
    const given = { ...DEGENERATE[kind]!, state: stateOf(loss, centers), classes: centers.length };
    return Object.values(evaluate(loss, given, {})).every(({ value, features, state }) =>
      [value, ...features, ...Object.values(state).flat()].every(Number.isFinite),
    );
  });
}
