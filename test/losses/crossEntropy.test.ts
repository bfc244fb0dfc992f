import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import { tf } from '../../src/engine/tf.ts';
import { crossEntropy, gradientNormAtLogits } from '../../src/losses/index.ts';
import { assertClose, engineUnderTest, withoutLeak } from '../support/engine.ts';

/** Value and gradient on the engine. */
function evaluate(logits: number[][], labels: number[]) {
  return withoutLeak(() =>
    tf.tidy(() => {
      const x = tf.tensor2d(logits);
      const y = tf.tensor1d(labels, 'int32');
      const { value, grad } = tf.valueAndGrad((u: tf.Tensor2D) => crossEntropy(u, y))(x);
      return {
        value: value.dataSync()[0]!,
        gradient: [...grad.dataSync()],
        norm: gradientNormAtLogits(x, y).dataSync()[0]!,
      };
    }),
  );
}

describe('crossEntropy', () => {
  before(async () => {
    await engineUnderTest();
  });

  test('equal logits, by hand', () => {
    // softmax = (1/4, 1/4, 1/4, 1/4): loss ln 4; gradient (1/4, 1/4, -3/4, 1/4); its length sqrt(12)/4.
    const { value, gradient, norm } = evaluate([[0, 0, 0, 0]], [2]);
    assertClose([value], [Math.log(4)], { relative: 1e-6 });
    assertClose(gradient, [0.25, 0.25, -0.75, 0.25], { absolute: 1e-6 });
    assertClose([norm], [Math.sqrt(12) / 4], { relative: 1e-6 });
  });

  test('mean over the batch, by hand', () => {
    // softmax(ln 3, 0) = (3/4, 1/4). Labels 0 and 1: losses ln(4/3) and ln 4; gradients (-1/4, 1/4)/2, (3/4, -3/4)/2;
    // lengths sqrt(2)/4 and 3 sqrt(2)/4, in the mean sqrt(2)/2.
    const { value, gradient, norm } = evaluate([[Math.log(3), 0], [Math.log(3), 0]], [0, 1]); // prettier-ignore
    assertClose([value], [(Math.log(4 / 3) + Math.log(4)) / 2], { relative: 1e-6 });
    assertClose(gradient, [-0.125, 0.125, 0.375, -0.375], { absolute: 1e-6 });
    assertClose([norm], [Math.SQRT2 / 2], { relative: 1e-6 });
  });

  test('a sample that is wrong with confidence keeps its whole gradient', () => {
    // Clipping probabilities to [1e-7, 1] would give a gradient of exactly 0 here.
    const { value, gradient, norm } = evaluate([[60, 0, 0]], [1]);
    assertClose([value], [60], { relative: 1e-6 });
    assertClose(gradient, [1, -1, 0], { absolute: 1e-6 });
    assertClose([norm], [Math.SQRT2], { relative: 1e-6 });
  });

  test('a sample that is right with confidence has none', () => {
    const { value, gradient, norm } = evaluate([[60, 0, 0]], [0]);
    assertClose([value, ...gradient, norm], [0, 0, 0, 0, 0], { absolute: 1e-6 });
  });

  test('label smoothing, by hand', () => {
    // softmax (3/4, 1/4), label 0, smoothing 0.2: target (0.9, 0.1); loss -0.9 ln(3/4) - 0.1 ln(1/4); gradient
    // (3/4 - 0.9, 1/4 - 0.1). With smoothing 1 the label does not count.
    withoutLeak(() => {
      tf.tidy(() => {
        const y = tf.tensor1d([0], 'int32');
        const x = tf.tensor2d([[Math.log(3), 0]]);
        const at = (labelSmoothing: number, label = y) =>
          tf.valueAndGrad((u: tf.Tensor2D) => crossEntropy(u, label, { labelSmoothing }))(x);
        const { value, grad } = at(0.2);
        assertClose(value.dataSync(), [-0.9 * Math.log(0.75) - 0.1 * Math.log(0.25)], { relative: 1e-6 });
        assertClose(grad.dataSync(), [-0.15, 0.15], { absolute: 1e-6 });
        const other = at(1, tf.tensor1d([1], 'int32')).value.dataSync();
        assertClose(at(1).value.dataSync(), other, { relative: 1e-6 });
        assert.throws(() => at(1.5), /labelSmoothing has to be from 0 to 1, it is 1\.5/);
      });
    });
  });

  test('large logits stay finite', () => {
    const { value, gradient } = evaluate([[1e4, -1e4]], [1]);
    assertClose([value], [2e4], { relative: 1e-6 });
    for (const g of gradient) assert.ok(Number.isFinite(g));
  });
});
