import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';

import { brierScore, calibration, linearCka, linearCkaTable, softmax } from '../../src/measures/index.ts';
import { assertClose } from './close.ts';

interface Binned {
  readonly expectedError: number;
  readonly maximumError: number;
  readonly bins: readonly { readonly n: number; readonly confidence?: number; readonly accuracy?: number }[];
}

interface Measured {
  readonly overconfidence: number;
  readonly brierScore: number;
  readonly equalWidth: Readonly<Record<string, Binned>>;
  readonly equalMass: Readonly<Record<string, Binned>>;
}

/** What calibration.py wrote. */
const expected = JSON.parse(
  readFileSync(new URL('../fixtures/measures/calibration.json', import.meta.url), 'utf8'),
) as {
  readonly classes: number;
  readonly logits: readonly number[];
  readonly labels: readonly number[];
  readonly ofLogits: Measured;
  readonly edges: readonly number[];
  readonly edgeLabels: readonly number[];
  readonly ofEdges: Measured;
  readonly alignment: readonly { readonly values: readonly number[]; readonly dim: number }[];
  readonly debiasedCka: readonly (readonly number[])[];
};

const TOLERANCE = 1e-12;

describe('calibration', () => {
  for (const [title, probabilities, labels, classes, wanted] of [
    [
      'softmax of logits',
      softmax(Float32Array.from(expected.logits), expected.classes),
      expected.labels,
      expected.classes,
      expected.ofLogits,
    ],
    ['confidences on edges', Float64Array.from(expected.edges), expected.edgeLabels, 2, expected.ofEdges],
  ] as const) {
    test(`agrees with NumPy: ${title}`, () => {
      assertClose([brierScore(probabilities, labels, classes)], [wanted.brierScore], TOLERANCE);
      for (const binning of ['equalWidth', 'equalMass'] as const) {
        for (const [bins, binned] of Object.entries(wanted[binning])) {
          const found = calibration({ probabilities, labels, classes, bins: Number(bins), binning });
          assert.deepEqual(
            found.bins.map(({ n }) => n),
            binned.bins.map(({ n }) => n),
            `${binning}, ${bins}`,
          );
          const filled = found.bins.filter(({ n }) => n > 0);
          assertClose(
            filled.flatMap(({ confidence, accuracy }) => [confidence, accuracy]),
            binned.bins.flatMap((bin) => (bin.n > 0 ? [bin.confidence!, bin.accuracy!] : [])),
            TOLERANCE,
          );
          assertClose(
            [found.expectedError, found.maximumError, found.overconfidence],
            [binned.expectedError, binned.maximumError, wanted.overconfidence],
            TOLERANCE,
          );
        }
      }
    });
  }

  test('by hand: four samples in two bins', () => {
    // Confidences 0.75 (right), 0.75 (wrong), 1 (right), 0.5 (of equals the lowest class, which is right).
    const probabilities = Float64Array.of(0.75, 0.25, 0.25, 0.75, 0, 1, 0.5, 0.5);
    const options = { probabilities, labels: [0, 0, 1, 0], classes: 2, bins: 2 };
    const { bins, ...found } = calibration(options);
    // 0.5 is on the edge: alone in the lower bin, off by 0.5. Above: 2 of 3 right, confidence 2.5 / 3, off by 1/6.
    assert.deepEqual(bins[0], { above: 0, upTo: 0.5, n: 1, confidence: 0.5, accuracy: 1 });
    assertClose(
      [found.expectedError, found.maximumError, found.overconfidence],
      [1 / 4 / 2 + (3 / 4) * (1 / 6), 0.5, 0],
      1e-15,
    );
    // (2 / 16 + 2 * 9 / 16 + 0 + 1 / 2) / 4
    assertClose([brierScore(probabilities, [0, 0, 1, 0], 2)], [(1 / 8 + 9 / 8 + 1 / 2) / 4], 1e-15);
    // Equally many: 0.5 and both 0.75, which stay together; then 1.
    const mass = calibration({ ...options, binning: 'equalMass' });
    assert.deepEqual(
      mass.bins.map(({ above, upTo, n }) => [above, upTo, n]),
      [
        [0, 0.75, 3],
        [0.75, 1, 1],
      ],
    );
    assertClose([mass.expectedError], [(3 / 4) * Math.abs(2 / 3 - 2 / 3)], 1e-15);
  });

  test('every edge of up to forty bins belongs to the bin below it, and what is just above to the next', () => {
    for (let bins = 1; bins <= 40; bins++) {
      for (let edge = Math.ceil(bins / 2); edge <= bins; edge++) {
        const on = edge / bins;
        if (on < 0.5) continue;
        const bin = (confidence: number) =>
          calibration({
            ...{ probabilities: Float64Array.of(confidence, 1 - confidence), labels: [0], classes: 2, bins },
          }).bins.findIndex(({ n }) => n === 1);
        assert.equal(bin(on), edge - 1, `${edge} of ${bins}`);
        if (edge < bins) assert.equal(bin(on * (1 + Number.EPSILON)), edge, `above ${edge} of ${bins}`);
      }
    }
  });

  test('bins of equally many do not depend on the order of samples that a network is equally sure of', () => {
    // Ten saturated ones, three of them wrong: cut in the middle, the bins would have the wrong ones on one side or another.
    const labels = [0, 0, 0, 0, 0, 0, 0, 1, 1, 1];
    const probabilities = Float64Array.from({ length: 20 }, (_, at) => (at % 2 === 0 ? 1 : 0));
    for (const order of [labels, labels.toReversed()]) {
      const found = calibration({ probabilities, labels: order, classes: 2, bins: 5, binning: 'equalMass' });
      assert.equal(found.bins.length, 1);
      assertClose([found.expectedError, found.overconfidence], [0.3, 0.3], 1e-15);
    }
  });

  test('one class; certain and wrong', () => {
    const one = calibration({ probabilities: Float64Array.of(1, 1), labels: [0, 0], classes: 1 });
    assert.deepEqual([one.expectedError, one.maximumError, one.overconfidence], [0, 0, 0]);
    assert.equal(one.bins.length, 15);
    assert.equal(one.bins.filter(({ n }) => n === 0).length, 14);
    assert.ok(Number.isNaN(one.bins[0]!.confidence));
    assert.equal(brierScore(Float64Array.of(1), [0], 1), 0);
    const wrong = { probabilities: softmax(Float32Array.of(0, 1000), 2), labels: [0], classes: 2 };
    assert.deepEqual([calibration(wrong).expectedError, brierScore(wrong.probabilities, [0], 2)], [1, 2]);
  });

  test('what is no probability is named', () => {
    const of = (...values: number[]) => Float64Array.from(values);
    const measures = [
      (probabilities: Float64Array, labels: number[]) => brierScore(probabilities, labels, 2),
      (probabilities: Float64Array, labels: number[]) => calibration({ probabilities, labels, classes: 2 }),
    ];
    for (const measure of measures) {
      assert.throws(() => measure(of(0.5, 0.5, 3, -2), [0, 0]), /value 0 of row 1 is 3; .*softmax/);
      assert.throws(() => measure(of(0.5, NaN), [0]), /value 1 of row 0 is NaN/);
      assert.throws(() => measure(of(0.5, 0.25), [0]), /row 0 sums to 0.75/);
      assert.throws(() => measure(of(0.5, 0.5), [2]), /label 0 is 2; with 2 classes the largest is 1/);
      assert.throws(() => measure(of(), []), /there is no row/);
      assert.throws(() => measure(of(0.5, 0.5), [0, 1]), /1 rows need 1 labels, not 2/);
    }
    const options = { probabilities: of(0.5, 0.5), labels: [0], classes: 2 };
    for (const bins of [0, 1.5]) assert.throws(() => calibration({ ...options, bins }), /bins is/);
  });
});

describe('debiased alignment', () => {
  const taps = expected.alignment.map(({ values, dim }) => ({ values: Float32Array.from(values), dim }));

  test('agrees with the unbiased HSIC of whole Gram matrices in NumPy, with fewer and with more features than rows', () => {
    const found = linearCkaTable(taps, taps, { debiased: true });
    assertClose(found.flat(), expected.debiasedCka.flat(), 1e-9);
    taps.forEach((x, i) => {
      taps.forEach((y, j) => {
        assertClose([linearCka(x, y, { debiased: true })], [found[i]![j]!], 1e-14);
        assertClose([linearCka(x, y)], [linearCkaTable(taps, taps)[i]![j]!], 1e-14);
      });
    });
  });

  test('tells features that have nothing in common from others where the plain one does not', () => {
    // Twelve rows, of 5 and of 30 features.
    assert.ok(linearCka(taps[0]!, taps[2]!) > 0.4);
    assert.ok(linearCka(taps[0]!, taps[2]!, { debiased: true }) < 0.2);
    assert.ok(linearCka(taps[0]!, taps[1]!, { debiased: true }) > 0.9);
  });

  test('too few rows are refused; equal rows are aligned with none', () => {
    const of = (...values: number[]) => ({ values, dim: 1 });
    assert.throws(() => linearCka(of(1, 2, 4), of(1, 2, 4), { debiased: true }), /3 rows; .* needs 4/);
    assert.equal(linearCka(of(1, 1, 1, 1), of(1, 2, 4, 9), { debiased: true }), 0);
    assert.equal(linearCka(of(1, 2, 4, 9, 16), of(1, 2, 4, 9, 16), { debiased: true }), 1);
  });
});
