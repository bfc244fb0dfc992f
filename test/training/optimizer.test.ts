import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import { tf } from '../../src/engine/tf.ts';
import { sgd, type SgdOptions } from '../../src/training/index.ts';
import { assertClose, engineUnderTest } from '../support/engine.ts';

describe('stochastic gradient descent', () => {
  before(engineUnderTest);

  /** Two steps from w = [1, -2], velocity 0, with the gradients [3, 4] (norm 5) and [0.3, 0.4], at rate 0.1. */
  const twoSteps = (options: SgdOptions): number[] =>
    tf.tidy(() => {
      const optimizer = sgd({ parameters: [{ name: 'w', decay: true }] }, options);
      let parameters = { w: tf.tensor1d([1, -2]) as tf.Tensor };
      let slots = optimizer.init(parameters);
      for (const gradient of [
        [3, 4],
        [0.3, 0.4],
      ]) {
        const learningRate = tf.scalar(0.1);
        const next = optimizer.update({
          ...{ parameters, slots, learningRate },
          gradients: { w: tf.tensor1d(gradient) },
        });
        parameters = next.parameters as typeof parameters;
        slots = next.slots;
      }
      return [...parameters.w.dataSync()];
    });

  test('momentum and weight decay', () => {
    // v1 = g1 = [3, 4], w1 = [0.7, -2.4]; v2 = 0.9 v1 + g2 = [3, 4], w2 = [0.4, -2.8].
    assertClose(twoSteps({ momentum: 0.9, weightDecay: 0 }), [0.4, -2.8], { absolute: 1e-6 });
    // v1 = g1 + 0.1 w0 = [3.1, 3.8], w1 = [0.69, -2.38]; v2 = 0.9 v1 + g2 + 0.1 w1 = [3.159, 3.582].
    assertClose(twoSteps({ momentum: 0.9, weightDecay: 0.1 }), [0.3741, -2.7382], { absolute: 1e-6 });
  });

  test("Nesterov's momentum", () => {
    // w1 = w0 - 0.1 (g1 + 0.9 v1) = [1 - 0.57, -2 - 0.76]; w2 = w1 - 0.1 (g2 + 0.9 [3, 4]) = w1 - [0.3, 0.4].
    assertClose(twoSteps({ momentum: 0.9, weightDecay: 0, nesterov: true }), [0.13, -3.16], {
      absolute: 1e-6,
    });
    // The pull of the weights is part of the gradient: steps [3.1, 3.8] 1.9, then with w1 = [0.411, -2.722].
    const pull = [0.3 + 0.0411, 0.4 - 0.2722];
    const velocity = [0.9 * 3.1 + pull[0]!, 0.9 * 3.8 + pull[1]!];
    const expected = [0.411, -2.722].map((w, i) => w - 0.1 * (pull[i]! + 0.9 * velocity[i]!));
    assertClose(twoSteps({ momentum: 0.9, weightDecay: 0.1, nesterov: true }), expected, { absolute: 1e-6 });
  });

  test('clipping scales what is too long, and nothing else', () => {
    // g1 has the norm 5 and becomes [0.6, 0.8]; g2 has 0.5 and stays.
    assertClose(twoSteps({ momentum: 0, weightDecay: 0, clipNorm: 1 }), [1 - 0.06 - 0.03, -2 - 0.08 - 0.04], {
      absolute: 1e-6,
    });
    assert.deepEqual(
      twoSteps({ momentum: 0.9, weightDecay: 0, clipNorm: 6 }),
      twoSteps({ momentum: 0.9, weightDecay: 0 }),
    );
  });
});
