import assert from 'node:assert/strict';
import { test } from 'node:test';

import { align } from '../../../src/measures/index.ts';
import { assertClose } from '../close.ts';

const reference = Float64Array.of(1, 2, 4, 2, 1, 3, 0, 0);

test('align undoes a turn, a mirror image and a shift', () => {
  const [cos, sin] = [Math.cos(2), Math.sin(2)];
  for (const mirror of [1, -1]) {
    const moved = reference.map((_, at) => {
      const [x, y] = [reference[at & ~1]!, mirror * reference[at | 1]!];
      return at % 2 === 0 ? cos * x - sin * y + 7 : sin * x + cos * y - 5;
    });
    assertClose(align(moved, reference), reference, 1e-12);
  }
});

test('align: points that have no direction stay where the reference is', () => {
  assert.deepEqual([...align(new Float64Array(4), Float64Array.of(1, 1, 3, 3))], [2, 2, 2, 2]);
  assert.throws(() => align(new Float64Array(2), reference), /1 points and 4/);
});
