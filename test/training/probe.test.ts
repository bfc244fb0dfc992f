import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import { tf } from '../../src/engine/tf.ts';
import { createStream, graphFunction, tensorsOf } from '../../src/engine/index.ts';
import {
  evaluateObjective,
  gradientNormAtLogits,
  ISLAND,
  MSL,
  type Objective,
} from '../../src/losses/index.ts';
import { vgg, type Network } from '../../src/models/index.ts';
import {
  gradientProbe,
  initialState,
  probeRecord,
  sgd,
  valueAndGradients,
  type ProbeOutput,
  type ProbeRecord,
  type StepInput,
  type TrainingState,
} from '../../src/training/index.ts';
import { gradientCosine } from '../../src/training/probe.ts';
import { assertClose, engineUnderTest } from '../support/engine.ts';

const BATCH = 6;
const CLASSES = 3;

/** Without batch normalisation, so that samples have nothing to do with each other but for the losses of pairs. */
const network = vgg({
  widths: [3, 2],
  convolutions: 1,
  imageShape: [4, 4, 3],
  classes: CLASSES,
  batchNorm: false,
});

const objective: Objective = {
  terms: [
    { loss: MSL, tap: 'stage1', side: 'activation', weight: 0.7, options: { center: false } },
    { loss: MSL, tap: 'stage2', side: 'activation', weight: 0.4, options: { center: false } },
    { loss: ISLAND, tap: 'stage2', side: 'activation', weight: 0.3 },
  ],
};

describe('gradientProbe', () => {
  before(async () => {
    await engineUnderTest();
  });

  test('the gradients of the groups add up to that of the objective', () => {
    const input = inputOf(network, objective);
    const names = Object.keys(input.state.parameters);
    const whole = tf.tidy(() => {
      const { gradients } = valueAndGradients((parameters) => {
        const { logits, taps } = network.apply(parameters, {}, input.images, { training: true });
        const state = { state: input.state.losses };
        const { total } = evaluateObjective(objective, { logits, taps }, input.labels, state);
        return { loss: total, auxiliary: {} };
      }, input.state.parameters);
      return names.map((name) => gradients[name]!.dataSync().slice());
    });
    const { output, record } = probed(network, objective, input);
    for (const layer of ['stage1/conv1', 'stage2/conv1', 'dense']) {
      const own = names.flatMap((name, i) => (name.startsWith(`${layer}/`) ? [...whole[i]!] : []));
      const square = own.reduce((sum, value) => sum + value * value, 0);
      const products = output.names.flatMap((name, i) =>
        name.kind === 'product' && name.layer === layer ? [output.values[i]!] : [],
      );
      assertClose([products.reduce((sum, value) => sum + value, 0)], [square], { relative: 1e-4 }, layer);
      const shares = record.updateShares[layer]!;
      assert.deepEqual(Object.keys(shares), ['crossEntropy', 'msl', 'island']);
      assertClose([shares['crossEntropy']! + shares['msl']! + shares['island']!], [1], { absolute: 1e-5 });
      assert.equal(shares['msl'] === 0, layer === 'dense', 'the classifier lies behind every tap');
    }
    tf.dispose(tensorsOf(input));
  });

  test('at the logits and before the classifier: softmax - onehot, by hand', () => {
    const input = inputOf(network, objective);
    const { record, output } = probed(network, objective, input);
    const { logits, kernel } = tf.tidy(() => ({
      logits: network.apply(input.state.parameters, {}, input.images, { training: true }).logits.arraySync(),
      kernel: (input.state.parameters['dense/kernel'] as tf.Tensor2D).arraySync(),
    }));
    const labels = input.labels.arraySync();
    const residuals = logits.map((row, i) => {
      const total = row.reduce((sum, x) => sum + Math.exp(x), 0);
      return row.map((x, c) => Math.exp(x) / total - Number(c === labels[i]));
    });
    const lengths = residuals.map((row) => Math.hypot(...row));
    assertClose(output.lengthsAtLogits, lengths, { absolute: 1e-6 }, 'length');
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const before = residuals.map((row) => {
      return Math.hypot(...kernel.map((w) => w.reduce((sum, weight, c) => sum + weight * row[c]!, 0)));
    });
    const { logits: atLogits, penultimate } = record.gradientNorms;
    assertClose([atLogits!['crossEntropy']!, atLogits!['total']!], [mean(lengths), mean(lengths)], {
      relative: 1e-5,
    });
    assertClose([penultimate!['crossEntropy']!], [mean(before)], { relative: 1e-5 });
    assert.deepEqual([atLogits!['msl'], penultimate!['msl']], [0, 0]);
    const usual = tf.tidy(() => gradientNormAtLogits(tf.tensor2d(logits), input.labels).arraySync());
    assertClose([atLogits!['crossEntropy']!], [usual], { relative: 1e-5 }, 'as the training records it');
    const margins = logits.map(
      (row, i) => row[labels[i]!]! - Math.max(...row.filter((_, c) => c !== labels[i])),
    );
    assertClose(output.margins, margins, { absolute: 1e-6 }, 'margin');
    margins.sort((a, b) => a - b);
    assertClose([record.margins['0.5']!], [(margins[2]! + margins[3]!) / 2], { absolute: 1e-6 });
    tf.dispose(tensorsOf(input));
  });

  test('at a tap: central differences of each loss', () => {
    const input = inputOf(network, objective);
    const { record } = probed(network, objective, input);
    for (const tap of ['stage1', 'stage2']) {
      const shape = tf.tidy(() => {
        return network.apply(input.state.parameters, {}, input.images, { training: true }).taps[tap]!
          .activation.shape;
      });
      const size = shape.reduce((product, side) => product * side, 1) / BATCH;
      const lossesAt = (place: number, by: number) =>
        tf.tidy(() => {
          const delta = new Float32Array(size * BATCH);
          delta[place] = by;
          const observe = (name: string, x: tf.Tensor) =>
            name === tap ? tf.add(x, tf.tensor(delta, x.shape)) : x;
          const { logits, taps } = network.apply(input.state.parameters, {}, input.images, {
            training: true,
            observe,
          });
          const { addends } = evaluateObjective(objective, { logits, taps }, input.labels, {
            state: input.state.losses,
          });
          const values = Object.entries(addends).map(
            ([name, value]) => [name.split('/')[0]!, value.arraySync()] as const,
          );
          const sum = (group: string) =>
            values.reduce((total, [name, value]) => total + (name === group ? value : 0), 0);
          return [sum('crossEntropy'), sum('msl'), sum('island')];
        });
      const STEP = 5e-3;
      const squares = Array.from({ length: BATCH }, () => [0, 0, 0, 0]);
      for (let place = 0; place < size * BATCH; place++) {
        const [above, below] = [lossesAt(place, STEP), lossesAt(place, -STEP)];
        const slopes = above.map((value, g) => (BATCH * (value - below[g]!)) / (2 * STEP));
        const own = squares[Math.floor(place / size)]!;
        [...slopes, slopes.reduce((sum, slope) => sum + slope, 0)].forEach(
          (slope, g) => (own[g]! += slope ** 2),
        );
      }
      ['crossEntropy', 'msl', 'island', 'total'].forEach((group, g) => {
        const expected = squares.reduce((sum, own) => sum + Math.sqrt(own[g]!), 0) / BATCH;
        assertClose(
          [record.gradientNorms[tap]![group]!],
          [expected],
          { relative: 1e-2, absolute: 1e-3 },
          `${tap} ${group}`,
        );
        assert.ok(expected > 1e-3, `${tap} ${group} has a gradient`);
      });
    }
    tf.dispose(tensorsOf(input));
  });

  test('the same as a graph and eagerly; no tensor stays', () => {
    const input = inputOf(network, objective);
    const graph = graphFunction(gradientProbe(network, objective));
    const eager = read(eagerly(network, objective, input));
    const traced = read(graph(input));
    assert.deepEqual(traced.names, eager.names);
    assertClose(traced.values, eager.values, { absolute: 1e-6, relative: 1e-4 });
    const tensors = tf.memory().numTensors;
    read(graph(input));
    assert.equal(tf.memory().numTensors, tensors, 'tensors were leaked');
    graph.dispose();
    tf.dispose(tensorsOf(input));
  });

  test('cross-entropy alone is all there is', () => {
    const alone: Objective = { terms: [] };
    const input = inputOf(network, alone);
    const { record } = probed(network, alone, input);
    assert.deepEqual(record.cosines, {});
    for (const shares of Object.values(record.updateShares)) assert.deepEqual(shares, { crossEntropy: 1 });
    for (const norms of Object.values(record.gradientNorms))
      assert.equal(norms['total'], norms['crossEntropy']);
    tf.dispose(tensorsOf(input));
  });
});

test('the cosine of two gradients: by hand, and of small ones', () => {
  const tensors = tf.memory().numTensors;
  const cosineOf = (x: readonly number[], y: readonly number[], scale: number): number =>
    tf.tidy(() => {
      const of = (values: readonly number[]) => ({ w: tf.tensor1d(values.map((value) => value * scale)) });
      return gradientCosine({ ...of(x), own: tf.scalar(1) }, of(y)).dataSync()[0]!;
    });
  for (const scale of [1e15, 1, 1e-10, 1e-17]) {
    // (3, 4) and (4, 3): 24 / 25; ten equal entries: 1.
    assertClose([cosineOf([3, 4], [4, 3], scale)], [0.96], { relative: 1e-5 }, `scale ${scale}`);
    const equal = new Array<number>(10).fill(1);
    assertClose([cosineOf(equal, equal, scale)], [1], { relative: 1e-5 }, `scale ${scale}`);
  }
  assert.equal(cosineOf([0, 0], [1, 2], 1), 0);
  assert.equal(tf.memory().numTensors, tensors, 'tensors were leaked');
});

describe('probeRecord', () => {
  test('pools the samples of all probes and takes means of the rest', () => {
    const names = [
      { kind: 'norm', point: 'stage1', group: 'total' },
      { kind: 'product', layer: 'conv', group: 'crossEntropy' },
      { kind: 'product', layer: 'conv', group: 'msl' },
      { kind: 'product', layer: 'dead', group: 'crossEntropy' },
      { kind: 'cosine', group: 'msl' },
    ] as const;
    const probe = (values: number[], lengths: number[], margins: number[]) => ({
      names,
      values: Float32Array.from(values),
      lengthsAtLogits: Float32Array.from(lengths),
      margins: Float32Array.from(margins),
    });
    const record = probeRecord([
      probe([2, 4, -1, 0, 0.5], [0.5, 0.05], [1, -1]),
      probe([4, 2, 1, 0, -0.25], [0.005, 0.0005], [3, 5]),
    ]);
    const { margins, ...rest } = record;
    assert.deepEqual(rest, {
      steps: 2,
      gradientNorms: { stage1: { total: 3 } },
      saturated: { '0.1': 0.75, '0.01': 0.5, '0.001': 0.25 },
      cosines: { msl: 0.125 },
      updateShares: { conv: { crossEntropy: 1, msl: 0 } },
    });
    assert.deepEqual(Object.keys(margins), ['0.05', '0.25', '0.5', '0.75', '0.95']);
    assertClose(Object.values(margins), [-0.7, 0.5, 2, 3.5, 4.7], { absolute: 1e-12 });
  });
});

function inputOf(of: Network, losses: Objective): StepInput {
  const stream = createStream(3, 'probe');
  const optimizer = sgd(of, { momentum: 0.9, weightDecay: 0 });
  const state: TrainingState = initialState(of, optimizer, 3, losses);
  return {
    state,
    images: tf.tensor4d(
      Float32Array.from({ length: BATCH * 48 }, () => stream.normal()),
      [BATCH, 4, 4, 3],
    ),
    labels: tf.tensor1d([0, 0, 1, 1, 2, 2], 'int32'),
    learningRate: tf.scalar(0.1),
  };
}

function eagerly(of: Network, losses: Objective, input: StepInput): ProbeOutput {
  const probe = gradientProbe(of, losses);
  return tf.tidy(() => probe(input) as unknown as tf.TensorContainer) as unknown as ProbeOutput;
}

function read({ names, values, lengthsAtLogits, margins }: ProbeOutput) {
  const numbers = {
    names,
    values: values.dataSync<'float32'>().slice(),
    lengthsAtLogits: lengthsAtLogits.dataSync<'float32'>().slice(),
    margins: margins.dataSync<'float32'>().slice(),
  };
  tf.dispose([values, lengthsAtLogits, margins]);
  return numbers;
}

function probed(of: Network, losses: Objective, input: StepInput) {
  const output = read(eagerly(of, losses, input));
  const record: ProbeRecord = probeRecord([output]);
  return { output, record };
}
