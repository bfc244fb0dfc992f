import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';

import { applyJitter, drawJitter, type JitterFactors } from '../../src/data/jitter.ts';
import { createStream } from '../../src/engine/random.ts';

interface Fixture {
  readonly image: readonly number[];
  readonly cases: readonly { factors: JitterFactors; colour: readonly number[]; grey: readonly number[] }[];
}

const { image, cases } = JSON.parse(
  readFileSync(new URL('../fixtures/augmentation/jitter.json', import.meta.url), 'utf8'),
) as Fixture;

/** torchvision computes in float32, so a value just below a whole number may be cut to the next lower one. */
function assertNear(found: Uint8Array, expected: readonly number[]): void {
  assert.equal(found.length, expected.length);
  for (const [i, value] of expected.entries()) {
    assert.ok(Math.abs(found[i]! - value) <= 1, `value ${i}: ${found[i]} instead of ${value}`);
  }
}

describe('colour jitter', () => {
  for (const { factors, colour, grey } of cases) {
    it(`changes colours as torchvision does: ${Object.values(factors).join(', ')}`, () => {
      const pixels = Uint8Array.from(image);
      applyJitter(pixels, 3, factors);
      assertNear(pixels, colour);
      const single = Uint8Array.from(image.filter((_, i) => i % 3 === 0));
      applyJitter(single, 1, factors);
      assertNear(single, grey);
    });
  }

  it('changes nothing by factors of 1', () => {
    const pixels = Uint8Array.from(image);
    applyJitter(pixels, 3, { brightness: 1, contrast: 1, saturation: 1 });
    assert.deepEqual([...pixels], image);
  });

  it('draws factors evenly from their range, and none where none is asked for', () => {
    const stream = createStream(1, 'jitter');
    const drawn = Array.from({ length: 4000 }, () => drawJitter({ brightness: 0.5, contrast: 3 }, stream));
    const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;
    // Uniform in 0.5..1.5 and 0..4: deviations of the means are 0.0046 and 0.018.
    assert.ok(Math.abs(mean(drawn.map(({ brightness }) => brightness)) - 1) < 0.02);
    assert.ok(Math.abs(mean(drawn.map(({ contrast }) => contrast)) - 2) < 0.08);
    assert.ok(drawn.every(({ brightness }) => brightness >= 0.5 && brightness < 1.5));
    assert.ok(drawn.every(({ saturation }) => saturation === 1));
  });
});
