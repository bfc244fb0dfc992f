import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createStream } from '../../src/engine/index.ts';
import { fillDotProducts } from '../../src/measures/dot/index.ts';

/** The sum from the first product to the last, in sums of at most 256. */
function dot(a: Float64Array, b: Float64Array): number {
  let total = 0;
  for (let from = 0; from < a.length; from += 256) {
    let sum = 0;
    for (let j = from; j < Math.min(from + 256, a.length); j++) sum += a[j]! * b[j]!;
    total = from === 0 ? sum : total + sum;
  }
  return total;
}

// Below, at and above the tiles of four rows and the blocks of 128 rows, 256 columns and 256 values.
for (const [rows, columns, dim] of [
  [1, 1, 1],
  [3, 5, 7],
  [4, 4, 128],
  [129, 258, 3],
  [6, 7, 600],
] as const) {
  test(`dot products of ${rows} with ${columns} rows of ${dim}: the same to the bit as a loop`, () => {
    const stream = createStream(1, 'dot');
    const values = (count: number) => Float64Array.from({ length: count * dim }, () => stream.normal());
    // The ranges begin after the first row of their sets, and out is wider than what is filled.
    const [a, b] = [values(rows + 1), values(columns + 2)];
    const stride = columns + 3;
    const out = new Float64Array(rows * stride).fill(-7);
    const [left, right] = [
      { values: a, first: 1, count: rows },
      { values: b, first: 2, count: columns },
    ];
    fillDotProducts(left, right, dim, out, stride);
    for (let i = 0; i < rows; i++) {
      for (let k = 0; k < stride; k++) {
        const row = a.subarray((1 + i) * dim, (2 + i) * dim);
        const expected = k < columns ? dot(row, b.subarray((2 + k) * dim, (3 + k) * dim)) : -7;
        assert.equal(out[i * stride + k], expected, `row ${i}, column ${k}`);
      }
    }
  });
}
