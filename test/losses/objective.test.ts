/** An objective: cross-entropy and terms with weights, places and state. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import { tf } from '../../src/engine/tf.ts';
import {
  CENTER,
  classPairs,
  crossEntropy,
  evaluateObjective,
  mixtureSeparability,
  MSL,
  poolFeatures,
  updatedCenters,
  type LayerLoss,
  type Objective,
} from '../../src/losses/index.ts';
import { assertClose, engineUnderTest, withoutLeak } from '../support/engine.ts';

const values = (of: (x: number) => number, shape: number[]): tf.Tensor =>
  tf.tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => of(i)),
    shape,
  );

/** A network's output for six samples of three classes: maps of 4 x 4 and 2 channels at one tap. */
function output() {
  const maps = (of: (x: number) => number) => values(of, [6, 4, 4, 2]) as tf.Tensor4D;
  return {
    logits: values((i) => Math.sin(3 * i), [6, 3]) as tf.Tensor2D,
    taps: {
      stage1: { activation: maps((i) => Math.sin(1.3 * i)), preActivation: maps((i) => Math.cos(0.7 * i)) },
    },
  };
}
const LABELS = [0, 1, 2, 0, 1, 2];

describe('evaluateObjective', () => {
  before(async () => {
    await engineUnderTest();
  });

  test('the total is cross-entropy and the weighted totals of the terms, each of its own side and pooling', () => {
    withoutLeak(() => {
      tf.tidy(() => {
        const labels = tf.tensor1d(LABELS, 'int32');
        const { logits, taps } = output();
        const options = { margin: 1.2, betweenWeight: 2 };
        const objective: Objective = {
          labelSmoothing: 0.1,
          terms: [
            { loss: MSL, tap: 'stage1', side: 'preActivation', pooling: { grid: 2 }, weight: 0.3, options },
            { loss: CENTER, tap: 'stage1', side: 'activation', weight: 0.5 },
          ],
        };
        const centers = values((i) => 0.1 * i, [3, 2]) as tf.Tensor2D;
        const state = { 'center/stage1/centers': centers };
        const { total, parts, updated } = evaluateObjective(objective, { logits, taps }, labels, { state });
        const ce = crossEntropy(logits, labels, { labelSmoothing: 0.1 }).dataSync()[0]!;
        const msl = mixtureSeparability(
          poolFeatures(taps.stage1.preActivation, { grid: 2 }),
          classPairs(labels),
          options,
        );
        const own = poolFeatures(taps.stage1.activation, 'globalAverage');
        assert.deepEqual(Object.keys(parts), [
          ...[
            'crossEntropy',
            'msl/stage1/withinClass',
            'msl/stage1/betweenClass',
            'center/stage1/attraction',
          ],
        ]);
        const [attraction] = parts['center/stage1/attraction']!.dataSync();
        const expected = ce + 0.3 * msl.total.dataSync()[0]! + 0.5 * attraction!;
        assertClose(total.dataSync(), [expected], { relative: 1e-6 });
        assertClose(parts['crossEntropy']!.dataSync(), [ce], { relative: 1e-6 });
        assert.deepEqual(Object.keys(updated), ['center/stage1/centers']);
        assert.deepEqual(
          updated['center/stage1/centers']!.dataSync(),
          updatedCenters(centers, own, labels).dataSync(),
        );
      });
    });
  });

  test('what cannot be told apart is refused', () => {
    tf.tidy(() => {
      const labels = tf.tensor1d(LABELS, 'int32');
      const term = { loss: MSL, tap: 'stage1', side: 'activation', weight: 1 } as const;
      const evaluate = (...terms: Objective['terms']) =>
        evaluateObjective({ terms }, output(), labels, { state: { 'odd/stage1/same': tf.scalar(1) } });
      assert.throws(() => evaluate(term, { ...term, side: 'preActivation' }), /msl\/stage1 is there twice/);
      assert.throws(
        () => evaluate({ ...term, tap: 'stage2' }),
        /The network has no tap 'stage2'; it has stage1/,
      );
      const odd: LayerLoss = {
        ...{ name: 'odd', about: '', formula: '', source: '', parts: ['same'], options: {} },
        state: { init: () => ({}) },
        evaluate: ({ features }) => ({ total: tf.sum(features), parts: { same: tf.sum(features) } }),
      };
      assert.throws(
        () => evaluate({ ...term, loss: odd }),
        /'odd' calls a part and a tensor of its state 'same'/,
      );
    });
  });
});
