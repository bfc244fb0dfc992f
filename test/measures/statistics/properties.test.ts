import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createStream, permutation } from '../../../src/engine/index.ts';
import {
  holm,
  pairedTTest,
  signFlipTest,
  tInterval,
  wilcoxonSignedRank,
} from '../../../src/measures/index.ts';

/** Many lists of differences, short and long, with ties and zeros. */
function* lists(): Generator<number[]> {
  const stream = createStream(5, 'lists');
  for (let i = 0; i < 150; i++) {
    const n = 2 + stream.int(11);
    const coarse = 1 + stream.int(4);
    yield Array.from({ length: n }, () => Math.round((stream.normal() + 0.3) * coarse) / coarse);
  }
}

test('tests and intervals do not depend on the order, nor p on the sign', () => {
  const stream = createStream(6, 'orders');
  for (const values of lists()) {
    const shuffled = Array.from(permutation(values.length, stream), (i) => values[i]!);
    const flipped = values.map((value) => -value);
    for (const p of [
      (list: number[]) => signFlipTest(list).p,
      (list: number[]) => wilcoxonSignedRank(list).p,
      (list: number[]) => pairedTTest(list).p,
    ]) {
      const value = p(values);
      assert.ok(value >= 0 && value <= 1, String(value));
      assert.ok(Math.abs(p(shuffled) - value) < 1e-12);
      assert.ok(Math.abs(p(flipped) - value) < 1e-12);
    }
    assert.ok(Math.abs(tInterval(shuffled).low - tInterval(values).low) < 1e-12);
  }
});

test('the exact tests: p is a whole number of sign patterns, at least the smallest', () => {
  for (const values of lists()) {
    const { p, smallestP, n } = signFlipTest(values);
    assert.ok(p >= smallestP && Number.isInteger(p * 2 ** n));
    const ranked = wilcoxonSignedRank(values);
    assert.ok(Number.isInteger(ranked.p * 2 ** ranked.n));
  }
});

test('signFlipTest: as a visit of every pattern', () => {
  for (const values of lists()) {
    const sums = values.reduce((all, d) => all.flatMap((sum) => [sum - d, sum + d]), [0]);
    const observed = Math.abs(values.reduce((sum, d) => sum + d, 0));
    const extreme = sums.filter((sum) => Math.abs(sum) >= observed - 1e-9).length;
    assert.equal(signFlipTest(values).p, extreme / sums.length);
  }
});

test('holm: order kept, never below the p itself, at most Bonferroni, no matter how the family is ordered', () => {
  const stream = createStream(7, 'families');
  for (let i = 0; i < 200; i++) {
    const p = Array.from({ length: 1 + stream.int(8) }, () => Math.round(stream.next() ** 3 * 50) / 50);
    const adjusted = holm(p);
    p.forEach((own, a) => {
      assert.ok(adjusted[a]! >= own && adjusted[a]! <= Math.min(1, p.length * own) + 1e-15);
      p.forEach((other, b) => {
        if (own <= other) assert.ok(adjusted[a]! <= adjusted[b]!, `${own} and ${other}`);
      });
    });
    const order = permutation(p.length, stream);
    const shuffled = holm(Array.from(order, (at) => p[at]!));
    assert.deepEqual(
      shuffled,
      Array.from(order, (at) => adjusted[at]!),
    );
    // A smaller p makes no adjusted one larger.
    const smaller = holm(p.map((value, at) => (at === 0 ? value / 2 : value)));
    adjusted.forEach((value, at) => {
      assert.ok(smaller[at]! <= value);
    });
  }
});

test('holm and Wilcoxon: nothing, one, and what is no p-value', () => {
  assert.deepEqual(holm([]), []);
  assert.deepEqual(holm([0.2]), [0.2]);
  assert.throws(() => holm([0.1, 1.5]), /value 1 is 1\.5; a p-value lies within 0 to 1/);
  assert.throws(() => holm([NaN]), /value 0 is NaN/);
  assert.deepEqual(wilcoxonSignedRank([0, 0]), { p: 1, positiveRanks: 0, n: 0 });
  assert.deepEqual(wilcoxonSignedRank([0.5]), { p: 1, positiveRanks: 1, n: 1 });
  // 0.1 + 0.2 - 0.3 is no difference, and 0.3 - 0.2 ties with 0.1.
  assert.deepEqual(wilcoxonSignedRank([0.1 + 0.2 - 0.3, 0.3 - 0.2, -0.1]), {
    p: 1,
    positiveRanks: 1.5,
    n: 2,
  });
  assert.throws(() => wilcoxonSignedRank([]), /0 values/);
  assert.throws(() => wilcoxonSignedRank([NaN]), /value 0 is NaN/);
  assert.throws(() => wilcoxonSignedRank(new Array<number>(51).fill(1)), /51 differences; at most 50/);
});
