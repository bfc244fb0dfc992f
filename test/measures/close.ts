import assert from 'node:assert/strict';

/** Fails unless every number is within `tolerance * max(1, |expected|)` of the expected one. */
export function assertClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what = 'value',
): void {
  assert.equal(actual.length, expected.length, `number of ${what}s`);
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(actual[i]! - expected[i]!);
    assert.ok(
      error <= tolerance * Math.max(1, Math.abs(expected[i]!)),
      `${what} ${i}: ${actual[i]!} is not within ${tolerance} of ${expected[i]!}`,
    );
  }
}
