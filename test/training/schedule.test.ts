import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { learningRateAt } from '../../src/training/index.ts';
import { assertClose } from '../support/engine.ts';

describe('learningRateAt', () => {
  test('rises and falls in straight lines, by hand', () => {
    // 10 steps, 4 of them rising: 1/5 to 4/5 of the peak, then from the peak down to 1/6 of it.
    const rates = Array.from({ length: 10 }, (_, i) =>
      learningRateAt(i, { peak: 1, warmup: 0.4, steps: 10 }),
    );
    assertClose(rates, [0.2, 0.4, 0.6, 0.8, 1, 5 / 6, 4 / 6, 3 / 6, 2 / 6, 1 / 6], { absolute: 1e-12 });
  });

  test('no step is without effect, whatever the warm-up', () => {
    for (const warmup of [0, 0.5, 1]) {
      for (let step = 0; step < 7; step++) {
        const rate = learningRateAt(step, { peak: 0.1, warmup, steps: 7 });
        assert.ok(rate > 0 && rate <= 0.1 * (1 + 1e-12), `${warmup}, ${step}: ${rate}`);
      }
    }
  });

  test('other falls after the same rise', () => {
    const rates = (shape: 'cosine' | 'step' | 'constant') =>
      Array.from({ length: 8 }, (_, step) =>
        learningRateAt(step, { peak: 1, warmup: 0.25, steps: 8, shape }),
      );
    // The rise takes two steps: thirds. Then six steps; half a cosine at 0, 1/6, ..., 5/6.
    const cosine = [0, 1, 2, 3, 4, 5].map((i) => (1 + Math.cos((Math.PI * i) / 6)) / 2);
    const close = (actual: number[], expected: number[]) =>
      actual.every((value, i) => Math.abs(value - expected[i]!) < 1e-12);
    assert.ok(close(rates('cosine'), [1 / 3, 2 / 3, ...cosine]));
    assert.ok(close(rates('step'), [1 / 3, 2 / 3, 1, 1, 0.1, 0.1, 0.01, 0.01]));
    assert.ok(close(rates('constant'), [1 / 3, 2 / 3, 1, 1, 1, 1, 1, 1]));
  });
});
