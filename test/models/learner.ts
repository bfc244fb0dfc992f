/** A network in training, without the machinery around it. */
import assert from 'node:assert/strict';

import { tf } from '../../src/engine/tf.ts';
import { createStream, graphFunction, tensorsOf } from '../../src/engine/index.ts';
import type { Network } from '../../src/models/index.ts';
import { initialState, sgd, trainingStep, type TrainingState } from '../../src/training/index.ts';

export interface BatchTensors {
  readonly images: tf.Tensor4D;
  readonly labels: tf.Tensor1D;
}

export interface Learner {
  /** One step; its measures. */
  step(batch: BatchTensors, number: number, rate: number): Record<string, number>;
  /** In evaluation. */
  accuracy(batch: BatchTensors): number;
  state(): TrainingState;
  dispose(): void;
}

/** A network in training, its step as a graph. */
export function learnerOf(network: Network): Learner {
  const optimizer = sgd(network, { momentum: 0.9, weightDecay: 0 });
  const step = graphFunction(trainingStep(network, { terms: [] }, optimizer));
  let state = initialState(network, optimizer, 1);
  return {
    step: (batch, number, rate) => {
      const learningRate = tf.scalar(rate);
      const seed = network.stochastic ? { seed: tf.tensor1d([1, number], 'int32') } : {};
      const output = step({ state, ...batch, learningRate, ...seed });
      tf.dispose(tensorsOf([state, learningRate, seed]));
      state = output.state;
      const values = output.measures.dataSync();
      output.measures.dispose();
      return Object.fromEntries(output.names.map((name, i) => [name, values[i]!]));
    },
    accuracy: ({ images, labels }) =>
      tf.tidy(() => {
        const { logits } = network.apply(state.parameters, state.statistics, images, { training: false });
        return tf.mean(tf.cast(tf.equal(tf.argMax(logits, 1), labels), 'float32')).dataSync()[0]!;
      }),
    state: () => state,
    dispose: () => {
      step.dispose();
      tf.dispose(tensorsOf(state));
    },
  };
}

/** One step on eight images: a plausible loss, and a finite gradient for every parameter that is not 0. */
export function checkFullStep(network: Network): void {
  const random = createStream(1, 'images');
  const images = tf.tensor4d(
    Float32Array.from({ length: 8 * 3072 }, () => random.normal()),
    [8, 32, 32, 3],
  );
  const labels = tf.tensor1d([0, 1, 2, 3, 4, 5, 6, 7], 'int32');
  const learner = learnerOf(network);
  const { crossEntropy } = learner.step({ images, labels }, 0, 0.05);
  assert.ok(crossEntropy! > 1 && crossEntropy! < 10, `cross-entropy ${crossEntropy}`);
  const { slots, parameters, statistics } = learner.state();
  for (const { name: parameter } of network.parameters) {
    // After one step from velocity 0 it is the gradient.
    const gradient = slots[parameter]!.dataSync();
    assert.ok(gradient.every(Number.isFinite), parameter);
    assert.ok(
      gradient.some((g) => g !== 0),
      `${parameter} has a gradient`,
    );
    assert.ok(parameters[parameter]!.dataSync().every(Number.isFinite), parameter);
  }
  for (const tensor of tensorsOf(statistics)) assert.ok(tensor.dataSync().every(Number.isFinite));
  learner.dispose();
  tf.dispose([images, labels]);
}
