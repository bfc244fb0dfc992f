/** Losses with state in a training: exact after a stop, the same as a graph, decayed where they should be. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { tf } from '../../src/engine/tf.ts';
import { epochBatches, type ImageSet } from '../../src/data/index.ts';
import { createStream, graphFunction, mapTensors, tensorsOf } from '../../src/engine/index.ts';
import {
  defaultsOf,
  findLayerLoss,
  layerLosses,
  trainedByOptimizer,
  weightFactor,
  type Objective,
  type WeightSchedule,
} from '../../src/losses/index.ts';
import { vgg } from '../../src/models/index.ts';
import {
  initialState,
  loadCheckpoint,
  saveCheckpoint,
  sgd,
  trainEpochs,
  trainingStep,
  type EpochResult,
  type TrainingState,
} from '../../src/training/index.ts';
import { assertClose, engineUnderTest, withoutLeak } from '../support/engine.ts';

const CLASSES = 3;
const random = createStream(1, 'images');
const SET: ImageSet = {
  ...{ n: 24, height: 6, width: 6, channels: 1, classes: ['a', 'b', 'c'] },
  images: Uint8Array.from({ length: 24 * 36 }, () => random.int(256)),
  labels: Uint8Array.from({ length: 24 }, (_, i) => i % CLASSES),
};
const EPOCHS = 3;
const RATE = 0.05;
const network = vgg({ widths: [4, 6], convolutions: 1, imageShape: [6, 6, 1], classes: CLASSES });

/** Losses at the second stage, which has 6 channels, and at the first one in four cells. */
const objectiveOf = (...names: string[]): Objective => ({
  terms: names.flatMap((name) => {
    const loss = findLayerLoss(name);
    const options = defaultsOf(loss);
    const common = { loss, side: 'activation', weight: 0.1, options } as const;
    return [
      { ...common, tap: 'stage2' },
      { ...common, tap: 'stage1', pooling: { grid: 2 } },
    ];
  }),
});
const optimizerOf = (objective: Objective, weightDecay = 0) =>
  sgd(
    { parameters: [...network.parameters, ...trainedByOptimizer(objective)] },
    { momentum: 0.9, weightDecay },
  );
const stateOf = (objective: Objective, seed = 1) =>
  initialState(network, optimizerOf(objective), seed, objective);

/** Trains the epochs `from` to `to`; the last state's tensors are the caller's. */
async function train(
  objective: Objective,
  state: TrainingState,
  from: number,
  to: number,
  onEpoch: (result: EpochResult) => void = () => undefined,
): Promise<TrainingState> {
  let last: TrainingState | undefined;
  const training = trainEpochs({
    ...{ network, optimizer: optimizerOf(objective), objective, state },
    schedule: { peak: RATE, warmup: 0, steps: 100 },
    ...{ firstEpoch: from, epochs: to, stepsPerEpoch: 2 },
    batches: (epoch) =>
      epochBatches({
        ...{ set: SET, batchSize: 12, dropLast: true, stream: createStream(1, 'shuffle', epoch) },
        normalisation: { mean: [128], std: [64] },
      }),
  });
  for await (const result of training) {
    onEpoch(result);
    if (result.epoch === to) last = mapTensors(result.state, (t) => t.clone());
  }
  return last!;
}

const valuesOf = (state: TrainingState) =>
  Object.entries(state).map(([part, tensors]) => [
    part,
    Object.entries(tensors as TrainingState['losses']).map(([name, t]) => [name, t.shape, [...t.dataSync()]]),
  ]);
const dispose = (...states: TrainingState[]) => {
  tf.dispose(states.flatMap((state) => tensorsOf(state)));
};

function batch() {
  const stream = createStream(5, 'batch');
  return {
    images: tf.tensor4d(Float32Array.from({ length: 12 * 36 }, () => stream.normal()), [12, 6, 6, 1]),
    labels: tf.tensor1d(Array.from({ length: 12 }, (_, i) => i % CLASSES), 'int32'),
    learningRate: tf.scalar(RATE),
  }; // prettier-ignore
}

describe('losses with state', () => {
  let root: string;
  before(async () => {
    await engineUnderTest();
    root = mkdtempSync(path.join(os.tmpdir(), 'msl-loss-state-'));
  });
  after(() => {
    rmSync(root, { recursive: true });
  });

  for (const { name } of layerLosses()) {
    const objective = objectiveOf(name);

    test(`${name}: a graph gives what eager code gives`, () => {
      withoutLeak(() => {
        const step = trainingStep(network, objective, optimizerOf(objective, 5e-4));
        const graph = graphFunction(step);
        const run = (asGraph: boolean) => {
          let state = stateOf(objective);
          const measures: number[][] = [];
          for (let i = 0; i < 3; i++) {
            const input = { state, ...batch() };
            const output = asGraph
              ? graph(input)
              : (tf.tidy(() => step(input) as never) as ReturnType<typeof step>);
            measures.push([...output.measures.dataSync()]);
            tf.dispose([output.measures, ...tensorsOf(input)]);
            state = output.state;
          }
          const losses = Object.values(state.losses).flatMap((t) => [...t.dataSync()]);
          dispose(state);
          return [...measures.flat(), ...losses];
        };
        assertClose(run(true), run(false), { relative: 1e-5, absolute: 1e-5 });
        graph.dispose();
      });
    });
  }

  for (const name of ['center', 'contrastiveCenter', 'island', 'deepSupervision']) {
    const objective = objectiveOf(name);

    test(`${name}: after a stop the training goes on as if there had been none, bit for bit`, async () => {
      const tensors = tf.memory().numTensors;
      const whole = await train(objective, stateOf(objective), 1, EPOCHS);
      const begun = await train(objective, stateOf(objective), 1, 1);
      const folder = path.join(root, name);
      saveCheckpoint(folder, 1, begun);
      const loaded = loadCheckpoint(folder)!.state;
      assert.deepEqual(valuesOf(loaded), valuesOf(begun));
      const resumed = await train(objective, loaded, 2, EPOCHS);
      assert.deepEqual(valuesOf(resumed), valuesOf(whole));
      // And the losses' tensors have moved, all of them.
      const start = stateOf(objective);
      const expected = name === 'deepSupervision' ? ['kernel', 'bias'] : ['centers'];
      assert.deepEqual(
        Object.keys(start.losses).sort(),
        ['stage1', 'stage2'].flatMap((tap) => expected.map((tensor) => `${name}/${tap}/${tensor}`)).sort(),
      );
      for (const [tensor, first] of Object.entries(start.losses)) {
        assert.notDeepEqual([...whole.losses[tensor]!.dataSync()], [...first.dataSync()], tensor);
      }
      dispose(whole, begun, resumed, start);
      assert.equal(tf.memory().numTensors, tensors, 'no tensor is left');
    });
  }

  for (const precision of ['float32', 'bfloat16'] as const) {
    test(`all losses at once train in ${precision}, with finite parts and state`, (t) => {
      if (precision === 'bfloat16' && tf.getBackend() !== 'tensorflow') {
        t.skip('this engine has no bfloat16');
        return;
      }
      withoutLeak(() => {
        const all = objectiveOf(...layerLosses().map(({ name }) => name));
        const step = graphFunction(trainingStep(network, all, optimizerOf(all, 5e-4)), { precision });
        let state = stateOf(all);
        for (let i = 0; i < 3; i++) {
          const input = { state, ...batch() };
          const output = step(input);
          const measures = output.measures.dataSync();
          output.names.forEach((name, m) => { assert.ok(Number.isFinite(measures[m]), name); }); // prettier-ignore
          assert.equal(
            output.names.length,
            4 + all.terms.reduce((sum, { loss }) => sum + loss.parts.length, 0),
          );
          tf.dispose([output.measures, ...tensorsOf(input)]);
          state = output.state;
        }
        for (const [name, tensor] of Object.entries({ ...state.losses, ...state.parameters })) {
          assert.ok(tensor.dataSync().every(Number.isFinite), name);
        }
        dispose(state);
        step.dispose();
      });
    });
  }

  test('the seed decides the first values; the shape is that of the pooled features', () => {
    withoutLeak(() => {
      const objective = objectiveOf('center', 'deepSupervision');
      const states = [1, 1, 2].map((seed) => stateOf(objective, seed));
      const [a, b, c] = states.map((state) => state.losses);
      assert.deepEqual(
        Object.entries(a!).map(([name, { shape }]) => [name, shape]),
        [
          ['center/stage2/centers', [3, 6]],
          ['center/stage1/centers', [3, 16]],
          ['deepSupervision/stage2/kernel', [6, 3]],
          ['deepSupervision/stage2/bias', [3]],
          ['deepSupervision/stage1/kernel', [16, 3]],
          ['deepSupervision/stage1/bias', [3]],
        ],
      );
      const values = (of: TrainingState['losses']) => of['center/stage1/centers']!.dataSync();
      assert.deepEqual(values(a!), values(b!));
      assert.notDeepEqual(values(a!), values(c!));
      dispose(...states);
    });
  });

  test('weight decay pulls a classifier’s kernel, not its bias and no centers; heads have slots, centers none', () => {
    withoutLeak(() => {
      const objective = objectiveOf('center', 'deepSupervision');
      const decay = 0.01;
      const [with_, without] = [decay, 0].map((weightDecay) => {
        const input = { state: stateOf(objective), ...batch() };
        const step = trainingStep(network, objective, optimizerOf(objective, weightDecay));
        const output = tf.tidy(() => step(input) as never) as ReturnType<typeof step>;
        const read = (tensors: TrainingState['losses']) =>
          Object.fromEntries(Object.entries(tensors).map(([name, t]) => [name, [...t.dataSync()]]));
        const result = {
          start: read(input.state.losses),
          end: read(output.state.losses),
          slots: Object.keys(output.state.slots),
          names: output.names,
        };
        tf.dispose([...tensorsOf(input), ...tensorsOf(output)]);
        return result;
      });
      for (const [name, values] of Object.entries(without!.end)) {
        // w <- w - rate (g + decay w), against w - rate g.
        const pull = name.endsWith('/kernel') ? RATE * decay : 0;
        const expected = values.map((value, i) => value - pull * without!.start[name]![i]!);
        assertClose(with_!.end[name]!, expected, { absolute: 1e-6 }, name);
      }
      const slots = with_!.slots.filter((name) => name in with_!.start);
      assert.deepEqual(
        slots,
        Object.keys(with_!.start).filter((name) => name.startsWith('deepSupervision/')),
      );
      // Measures are of losses; what they keep is none.
      assert.deepEqual(with_!.names, [
        'total',
        'crossEntropy',
        ...['center/stage2/attraction', 'center/stage1/attraction'],
        ...['deepSupervision/stage2/crossEntropy', 'deepSupervision/stage1/crossEntropy'],
        ...['accuracy', 'gradientNormLogits'],
      ]);
    });
  });

  for (const schedule of ['constant', 'linearRamp', 'cosineToZero'] satisfies WeightSchedule[]) {
    test(`a weight's schedule: ${schedule}`, async () => {
      const loss = findLayerLoss('msl');
      const objective: Objective = {
        terms: [{ loss, tap: 'stage2', side: 'activation', weight: 0.5, schedule, options: {} }],
      };
      const factors: number[] = [];
      const state = await train(objective, stateOf(objective), 1, EPOCHS, ({ measures }) => {
        const { total, crossEntropy } = measures;
        const own = measures['msl/stage2/withinClass']! + measures['msl/stage2/betweenClass']!;
        factors.push((total! - crossEntropy!) / (0.5 * own));
      });
      dispose(state);
      // By hand for three epochs: thirds; and (1 + cos(0, 60, 120 degrees)) / 2.
      const expected = { constant: [1, 1, 1], linearRamp: [1 / 3, 2 / 3, 1], cosineToZero: [1, 0.75, 0.25] }[
        schedule
      ];
      assertClose(factors, expected, { absolute: 1e-4 });
      assertClose([1, 2, 3].map((epoch) => weightFactor(schedule, epoch, EPOCHS)), expected, { absolute: 1e-12 }); // prettier-ignore
      assert.equal(weightFactor(schedule, 1, 1), 1, 'one epoch has all of it');
    });
  }

  test('a weight that changes in every epoch needs no new trace', async () => {
    // After 8 traces there is a warning; as a number the weight would be traced in each of the 10 epochs.
    const warnings: Error[] = [];
    const listen = (warning: Error) => warnings.push(warning);
    process.on('warning', listen);
    const loss = findLayerLoss('msl');
    const objective: Objective = {
      terms: [{ loss, tap: 'stage2', side: 'activation', weight: 0.5, schedule: 'linearRamp', options: {} }],
    };
    dispose(await train(objective, stateOf(objective), 1, 10));
    await new Promise(setImmediate);
    process.off('warning', listen);
    assert.deepEqual(warnings, []);
  });

  test('a schedule without its factor is refused', () => {
    const loss = findLayerLoss('msl');
    const objective: Objective = {
      terms: [{ loss, tap: 'stage2', side: 'activation', weight: 0.5, schedule: 'linearRamp', options: {} }],
    };
    const input = { state: stateOf(objective), ...batch() };
    const step = trainingStep(network, objective, optimizerOf(objective));
    assert.throws(() => tf.tidy(() => step(input) as never), /msl\/stage2 has a schedule, but no factor/);
    tf.dispose(tensorsOf(input));
  });
});
