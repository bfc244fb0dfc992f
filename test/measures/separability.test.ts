import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { EigenvalueDecomposition, Matrix } from 'ml-matrix';

import { createStream } from '../../src/engine/random.ts';
import {
  adjustedRandIndex,
  betweenWithinByDimension,
  betweenWithinRatio,
  calinskiHarabasz,
  classDistanceNormalisedVariance,
  daviesBouldin,
  effectiveRank,
  kMeans,
  knnLeaveOneOut,
  linearCka,
  linearProbe,
  linearProbeAccuracy,
  nearestCentroidAccuracy,
  nearestCentroidLeaveOneOut,
  neuralCollapse,
  normalizedMutualInformation,
  pairDistances,
  pca,
  silhouette,
  singularValues,
  unitRows,
  type DotProducts,
} from '../../src/measures/index.ts';
import { symmetricEigenvalues } from '../../src/measures/symmetricEigenvalues.ts';
import { assertClose } from './close.ts';
import { expected, test as held, train } from './separabilityFixtures.ts';

const { dim, trainLabels: labels, testLabels } = expected;
const TOLERANCE = 1e-9;
const stream = () => createStream(1, 'test');

/** Whether so many bits are set as make an odd number. */
function isOdd(bits: number): boolean {
  let count = 0;
  for (let rest = bits; rest > 0; rest >>= 1) count += rest & 1;
  return count % 2 === 1;
}

/** As an engine forms them: in float32. */
const singleDots: DotProducts = (a, b, d) => {
  const [m, n] = [a.length / d, b.length / d];
  return Float32Array.from({ length: m * n }, (_, pair) => {
    let dot = 0;
    for (let j = 0; j < d; j++) dot += a[Math.floor(pair / n) * d + j]! * b[(pair % n) * d + j]!;
    return dot;
  });
};

describe('agreement with scikit-learn, SciPy and NumPy', () => {
  for (const metric of ['euclidean', 'cosine'] as const) {
    test(`silhouette, ${metric}`, () => {
      const wanted = expected.silhouette[metric];
      const options = { features: train, labels, dim, metric };
      const found = silhouette(options);
      assertClose([found.mean], [wanted.mean], TOLERANCE);
      assertClose(found.perClass, wanted.perClass, TOLERANCE);
      assertClose(found.perSample, wanted.perSample, TOLERANCE);
      const single = silhouette({ ...options, dotProducts: singleDots });
      assertClose(single.perSample, wanted.perSample, 1e-5);
      assert.notDeepEqual(single.perSample, found.perSample, 'the products that were given are used');
    });
  }

  test('scatter by dimension', () => {
    assertClose(betweenWithinByDimension(train, labels, dim), expected.betweenWithinByDimension, TOLERANCE);
  });

  test('nearest centroid and neighbours', () => {
    const options = { train, trainLabels: labels, test: held, testLabels, dim };
    assert.equal(nearestCentroidAccuracy(options), expected.nearestCentroid);
    assert.equal(nearestCentroidLeaveOneOut(train, labels, dim), expected.nearestCentroidLeaveOneOut);
    const { k, accuracy } = expected.knnLeaveOneOut;
    assert.equal(knnLeaveOneOut({ features: train, labels, dim, k }), accuracy);
    assert.equal(knnLeaveOneOut({ features: train, labels, dim, k, dotProducts: singleDots }), accuracy);
  });

  test('indices of clusters', () => {
    const found = [daviesBouldin, calinskiHarabasz, classDistanceNormalisedVariance].map((f) =>
      f(train, labels, dim),
    );
    const { daviesBouldin: db, calinskiHarabasz: ch, classDistanceNormalisedVariance: cdnv } = expected;
    assertClose(found, [db, ch, cdnv], TOLERANCE);
  });

  test('partitions', () => {
    for (const { a, b, nmi, ari } of expected.partitions) {
      assertClose([normalizedMutualInformation(a, b), adjustedRandIndex(a, b)], [nmi, ari], TOLERANCE);
      assertClose([normalizedMutualInformation(b, a), adjustedRandIndex(b, a)], [nmi, ari], TOLERANCE);
    }
  });

  test('k-means finds the clusters of 200 starts of scikit-learn', () => {
    const { inertia, clusters } = kMeans({
      features: Float32Array.from(expected.apart),
      dim,
      clusters: 4,
      stream: stream(),
      starts: 200,
    });
    assertClose([inertia], [expected.kMeansInertia], TOLERANCE);
    assert.equal(new Set(clusters).size, 4);
  });

  test('distances of pairs', () => {
    const found = pairDistances({ features: train, labels, dim, stream: stream() });
    assert.equal(found.exact, true);
    for (const kind of ['same', 'different'] as const) {
      const wanted = expected.pairDistances[kind];
      const { pairs, mean, quantiles, histogram } = found[kind]!;
      assert.equal(pairs, wanted.pairs);
      assertClose([mean, ...quantiles], [wanted.mean, ...wanted.quantiles], TOLERANCE);
      assert.deepEqual(histogram, wanted.histogram);
    }
    assertClose([found.separation], [expected.pairDistances.separation], TOLERANCE);
  });

  test('alignment and rank', () => {
    const other = { values: Float32Array.from(expected.other), dim: expected.otherDim };
    assertClose([linearCka({ values: train, dim }, other)], [expected.linearCka], TOLERANCE);
    assertClose(singularValues(train, dim), expected.singularValues, TOLERANCE);
    assertClose([effectiveRank(train, dim)], [expected.effectiveRank], TOLERANCE);
  });

  test('neural collapse', () => {
    const classifier = Float32Array.from(expected.kernel);
    const logits = Float32Array.from(expected.logits);
    const found = neuralCollapse({ features: train, labels, dim, classifier, logits });
    assert.deepEqual(Object.keys(found), Object.keys(expected.neuralCollapse));
    assertClose(Object.values(found), Object.values(expected.neuralCollapse), TOLERANCE);
  });

  test('linear probe', () => {
    const options = { train, trainLabels: labels, dim, tolerance: 1e-9 };
    const probe = linearProbe(options);
    assert.ok(probe.converged);
    assertClose([probe.loss], [expected.linearProbe.loss], TOLERANCE);
    assert.deepEqual([...probe.predict(held)], expected.linearProbe.predictions);
    assert.equal(
      linearProbeAccuracy({ train, trainLabels: labels, dim, test: held, testLabels }),
      expected.linearProbe.accuracy,
      'with the default tolerance, too',
    );
  });
});

describe('by hand', () => {
  test('silhouette of two pairs on a line', () => {
    // 0, 1 | 4, 6: of 0: a = 1, b = 5, 4/5; of 1: a = 1, b = 4, 3/4; of 4: a = 2, b = 3.5, 3/7; of 6: a = 2, b = 5.5, 7/11.
    const { perSample, perClass } = silhouette({ features: [0, 1, 4, 6], labels: [0, 0, 2, 2], dim: 1 });
    assertClose(perSample, [4 / 5, 3 / 4, 3 / 7, 7 / 11], 1e-15);
    assertClose([perClass[0]!, perClass[2]!], [31 / 40, (3 / 7 + 7 / 11) / 2], 1e-15);
    assert.ok(Number.isNaN(perClass[1]), 'no sample, no mean');
  });

  test('blocks leave no pair out, whatever the number of rows', () => {
    const random = createStream(2, 'blocks');
    for (const n of [2, 127, 128, 129, 256, 257, 385]) {
      const features = Float64Array.from({ length: n * 3 }, () => random.normal());
      const classes = Array.from({ length: n }, () => random.int(3));
      const plain = plainSilhouette(features, classes, 3);
      assertClose(
        silhouette({ features, labels: classes, dim: 3 }).perSample,
        plain,
        TOLERANCE,
        `sample of ${n},`,
      );
      const viaEngine = silhouette({ features, labels: classes, dim: 3, dotProducts: singleDots });
      assertClose(viaEngine.perSample, plain, 1e-5, `sample of ${n},`);
    }
  });

  test('near rows far from the origin keep their distance', () => {
    const features = [1e6, 1e6 + 1e-3, 1e6 + 3e-3, 1e6 + 4e-3];
    const { perSample } = silhouette({ features, labels: [0, 0, 1, 1], dim: 1 });
    // a = 1, b = 3.5 and a = 1, b = 2.5 (in 1e-3, of which the numbers themselves hold seven digits).
    assertClose(perSample, [5 / 7, 3 / 5, 3 / 5, 5 / 7], 1e-6);
  });

  test('collapsed to a simplex: every neural collapse measure at its end', () => {
    // Three class means at 120 degrees, each twice; the classifier is the means.
    const at = [0, 120, 240].flatMap((d) => [Math.cos((d * Math.PI) / 180), Math.sin((d * Math.PI) / 180)]);
    const features = [...at, ...at];
    const classes = [0, 1, 2, 0, 1, 2];
    const classifier = [at[0]!, at[2]!, at[4]!, at[1]!, at[3]!, at[5]!].map((weight) => 7 * weight);
    const logits = [3, 0, 0, 0, 3, 0, 0, 0, 3, 3, 0, 0, 0, 3, 0, 9, 0, 3];
    const found = neuralCollapse({ features, labels: classes, dim: 2, classifier, logits });
    const { nearestCentreAgreement, ...others } = found;
    assertClose(Object.values(others), [0, 0, 0, 0, 0, 0], 1e-12);
    assert.equal(nearestCentreAgreement, 5 / 6, 'the last sample is said to be of class 0');
  });

  test('neural collapse does not change where all rows are moved, however far', () => {
    // Class means that differ by little of what they are: untrained networks have such, whose rounding is no direction.
    const { withinOverBetween } = neuralCollapse({ features: train, labels, dim });
    for (const shift of [10, 1e3, 1e5]) {
      const moved = Float64Array.from(train, (value, at) => value + shift * (1 + (at % dim) / 7));
      const found = neuralCollapse({ features: moved, labels, dim });
      assertClose([found.withinOverBetween], [withinOverBetween], 1e-6, `shift of ${shift},`);
    }
    // More classes than features, of which one is the same in all rows: by it nothing varies, within or between.
    const means = [0, 1, 2, 3, 4].map((c) => [Math.cos(c), Math.sin(c), 1e4 + 0.1] as const);
    const rows = means.flatMap(([x, y, z]) => [x - 0.1, y, z, x + 0.1, y, z, x, y - 0.2, z, x, y + 0.2, z]);
    const classes = means.flatMap((_, c) => [c, c, c, c]);
    const flat = rows.filter((_, at) => at % 3 < 2);
    assertClose(
      [neuralCollapse({ features: rows, labels: classes, dim: 3 }).withinOverBetween],
      [neuralCollapse({ features: flat, labels: classes, dim: 2 }).withinOverBetween],
      1e-9,
    );
  });

  test("an engine's products of tiny and huge rows keep their digits", () => {
    const { mean } = silhouette({ features: train, labels, dim });
    for (const scale of [1e-30, 1e-23, 1e20, 1e30]) {
      const features = Float64Array.from(train, (value) => value * scale);
      const found = silhouette({ features, labels, dim, dotProducts: singleDots });
      assertClose([found.mean], [mean], 1e-5, `scale of ${scale},`);
    }
  });

  test('separation of distances: ties count half', () => {
    // Same: |0-1| = 1, |3-4| = 1; different: 3, 4, 2, 3. All are farther.
    const apart = pairDistances({ features: [0, 1, 3, 4], labels: [0, 0, 1, 1], dim: 1, stream: stream() });
    assert.equal(apart.separation, 1);
    // Same: 2, 2; different: 1, 3, 1, 1: one of four is farther.
    const mixed = pairDistances({ features: [0, 2, 1, 3], labels: [0, 0, 1, 1], dim: 1, stream: stream() });
    assert.equal(mixed.separation, 1 / 4);
    const equal = pairDistances({ features: [0, 0, 0, 0], labels: [0, 0, 1, 1], dim: 1, stream: stream() });
    assert.equal(equal.separation, 1 / 2);
    assert.deepEqual(equal.same!.histogram[0], 2);
  });

  test('drawn pairs tell the same as all pairs, and are repeatable', () => {
    const options = { features: train, labels, dim };
    const all = pairDistances({ ...options, stream: stream() });
    const drawn = pairDistances({ ...options, stream: stream(), exactUpTo: 10, samples: 50_000 });
    assert.equal(drawn.exact, false);
    assert.equal(drawn.same!.pairs, 50_000);
    assertClose([drawn.separation], [all.separation], 0.01);
    assertClose(drawn.different!.quantiles, all.different!.quantiles, 0.03);
    assertClose([drawn.same!.mean, drawn.different!.mean], [all.same!.mean, all.different!.mean], 0.01);
    assert.deepEqual(pairDistances({ ...options, stream: stream(), exactUpTo: 10, samples: 50_000 }), drawn);
  });

  test('drawn pairs where nearly all rows are of one class: each pair of two classes as often as another', () => {
    // Rows 0 and 1 are of classes of their own, all others of one class, at 1 to 2,998: row 0 lies at -10,000, row 1 at 10,000.
    const n = 3000;
    const features = Array.from({ length: n }, (_, i) => [-10_000, 10_000][i] ?? i - 1);
    const classes = Array.from({ length: n }, (_, i) => [2, 1][i] ?? 0);
    let draws = 0;
    const counted = stream();
    const counting = { ...counted, int: (most: number) => (draws++, counted.int(most)) };
    const samples = 20_000;
    const drawn = pairDistances({ features, labels: classes, dim: 1, stream: counting, samples });
    assert.ok(draws <= 4 * samples, `${draws} numbers were drawn for ${samples} pairs of each kind`);
    const all = pairDistances({ features, labels: classes, dim: 1, stream: stream(), exactUpTo: n });
    // Far pairs: those of row 0 are 10,001 to 12,998 apart, those of row 1 7,002 to 9,999.
    assertClose(
      drawn.different!.quantiles.map((value) => value / 1000),
      all.different!.quantiles.map((value) => value / 1000),
      0.02,
    );
    assertClose([drawn.different!.mean / all.different!.mean, drawn.separation], [1, 1], 0.01);
  });

  test('distances of pairs refuse what they cannot count', () => {
    const of = (options: object) => () =>
      pairDistances({ features: train, labels, dim, stream: stream(), ...options });
    assert.throws(of({ bins: 0 }), /bins is 0; it must be a whole number from 1/);
    assert.throws(of({ bins: 1.5 }), /bins is 1.5/);
    assert.throws(of({ samples: 0 }), /samples is 0/);
    assert.throws(of({ probabilities: [0.5, 5] }), /a probability is 5; it must lie within 0 to 1/);
  });

  test('alignment does not change by rotation, scale or shift', () => {
    const turned = Float64Array.from(train, (value, i) =>
      i % dim === 0 ? 3 * train[i + 1]! + 5 : i % dim === 1 ? -3 * train[i - 1]! : 3 * value,
    );
    assertClose([linearCka({ values: train, dim }, { values: turned, dim })], [1], 1e-12);
  });

  test('alignment of more features than rows is that of fewer with the same dot products', () => {
    // 300 rows are more than a block.
    const random = createStream(6, 'wide');
    const n = 300;
    const x = { values: Float64Array.from({ length: n * 3 }, () => random.normal()), dim: 3 };
    const y = { values: x.values.map((value) => value ** 2 + random.normal()), dim: 3 };
    // A feature divided by sqrt(m) and there m times has the same dot products.
    const wide = ({ values }: typeof x, dim: number) => ({
      values: Float64Array.from({ length: n * dim }, (_, at) => {
        const [row, j] = [Math.floor(at / dim), at % dim];
        return values[row * 3 + (j % 3)]! / Math.sqrt(Math.ceil((dim - (j % 3)) / 3));
      }),
      dim,
    });
    const narrow = linearCka(x, y);
    assert.ok(narrow > 0.01 && narrow < 0.99);
    assertClose([linearCka(wide(x, 310), wide(y, 320)), linearCka(wide(x, 310), y)], [narrow, narrow], 1e-12);
    assert.equal(linearCka(wide(x, 310), wide(x, 310)), 1);
    const equal = { values: new Float64Array(n * 310).fill(0.1), dim: 310 };
    assert.equal(linearCka(equal, x), 0);
  });

  test('a dead channel adds nothing to the rank', () => {
    const n = labels.length;
    const wider = Float64Array.from({ length: n * (dim + 1) }, (_, at) =>
      at % (dim + 1) === dim ? 2.5 : train[Math.floor(at / (dim + 1)) * dim + (at % (dim + 1))]!,
    );
    assertClose([effectiveRank(wider, dim + 1)], [expected.effectiveRank], TOLERANCE);
    assertClose([effectiveRank([1, 0, 0, 1, -1, 0, 0, -1], 2)], [2], 1e-12, 'two equal directions');
    assertClose([effectiveRank([1, 2, 2, 4, 3, 6], 2)], [1], 1e-6, 'one direction');
    // Two rows are their mean and half their difference on either side.
    assertClose(singularValues([1, 2, 3, 4, 5, 6, 0, 0], 4), [Math.sqrt(57 / 2), 0], 1e-12);
  });

  test('effective rank of more than 1,024 rows and features, whose singular values are known', () => {
    // Columns 1 to 1,028 of a Hadamard matrix are orthogonal, of mean 0 and length sqrt(n). Scaled by d_j and reflected by
    // I - 2 v v^T, they have the singular values sqrt(n) d_j; twenty of them are 0.
    const [n, dim] = [2048, 1028];
    const scales = Array.from({ length: dim }, (_, j) => (j % 51 === 50 ? 0 : 1 / (1 + j / 20)));
    const direction = Array.from({ length: dim }, (_, j) => Math.sin(1 + j));
    const length = Math.hypot(...direction);
    const features = new Float64Array(n * dim);
    for (let i = 0; i < n; i++) {
      const row = features.subarray(i * dim, (i + 1) * dim);
      for (let j = 0; j < dim; j++) row[j] = (isOdd(i & (j + 1)) ? -1 : 1) * scales[j]!;
      const along = row.reduce((sum, value, j) => sum + (value * direction[j]!) / length, 0);
      for (let j = 0; j < dim; j++) row[j] = row[j]! - (2 * along * direction[j]!) / length + j / 7;
    }
    const total = scales.reduce((sum, scale) => sum + scale, 0);
    const entropy = scales.reduce((sum, d) => (d === 0 ? sum : sum - (d / total) * Math.log(d / total)), 0);
    const relative = (rows: Float64Array, d: number) => effectiveRank(rows, d) / Math.exp(entropy) - 1;
    assertClose([relative(features, dim)], [0], 1e-10);
    // More features than rows. Unit vectors minus their mean: one direction is gone, the others are equally strong.
    const unit = Float32Array.from({ length: 1030 * 1031 }, (_, at) => (at % 1032 === 0 ? 1 : 0));
    assertClose([effectiveRank(unit, 1031) / 1029], [1], 1e-12);
    assert.throws(
      () => effectiveRank(new Float32Array(4097 ** 2), 4097),
      /4097 rows of 4097; one of the two is at most 4096/,
    );
  });

  test('eigenvalues of symmetric matrices', () => {
    // A path: 2 cos(pi j / (k + 1)); only the half below the diagonal is read.
    const k = 9;
    const path = Float64Array.from({ length: k * k }, (_, at) =>
      Math.floor(at / k) - (at % k) === 1 ? 1 : 0,
    );
    const wanted = Array.from({ length: k }, (_, j) => 2 * Math.cos((Math.PI * (j + 1)) / (k + 1)));
    assertClose(symmetricEigenvalues(path, k), wanted, 1e-14);
    // Ones: k, and 0 as often as not. A diagonal, with equal values and a zero. One value.
    assertClose(symmetricEigenvalues(new Float64Array(16).fill(1), 4), [4, 0, 0, 0], 1e-14);
    assert.deepEqual([...symmetricEigenvalues(Float64Array.of(2, 0, 0, 0, 0, 0, 0, 0, 2), 3)], [2, 2, 0]);
    assert.deepEqual([...symmetricEigenvalues(Float64Array.of(-3), 1)], [-3]);
    const draw = stream();
    for (const size of [2, 3, 40]) {
      const matrix = Matrix.zeros(size, size);
      for (let i = 0; i < size; i++) {
        for (let j = 0; j <= i; j++) {
          const value = draw.normal() * 10 ** -(j % 5);
          matrix.set(i, j, value);
          matrix.set(j, i, value);
        }
      }
      const peer = new EigenvalueDecomposition(matrix, { assumeSymmetric: true }).realEigenvalues;
      assertClose(symmetricEigenvalues(Float64Array.from(matrix.to1DArray()), size), peer.sort((a, b) => b - a), 1e-12); // prettier-ignore
    }
  });

  test('k-means is repeatable and finds far clusters', () => {
    const random = createStream(5, 'far');
    const features = Array.from({ length: 90 }, (_, i) => (i % 3) * 100 + random.next());
    const classes = Array.from({ length: 90 }, (_, i) => i % 3);
    const found = kMeans({ features, dim: 1, clusters: 3, stream: stream() });
    assert.equal(adjustedRandIndex(classes, found.clusters), 1);
    assert.deepEqual(kMeans({ features, dim: 1, clusters: 3, stream: stream() }), found);
  });

  test('k-means gives a cluster that loses its last row the farthest one', () => {
    // From this stream's centers a cluster does lose it. Were it given the nearest row, the start would end at 52.8.
    const features = [
      7, 9, 1, 10, 2, 9, 2, 3, 8, 5, 2, 2, 7, 5, 2, 0, 7, 10, 3, 8, 6, 9, 7, 3, 9, 2, 9, 0, 11, 7,
    ];
    const found = kMeans({ features, dim: 2, clusters: 5, stream: createStream(1, 'k'), starts: 1 });
    assert.deepEqual([...found.clusters], [4, 0, 0, 2, 3, 2, 3, 2, 4, 0, 4, 3, 1, 1, 3]);
    assert.ok(Math.abs(found.inertia - 30.75) < 1e-12);
  });
});

describe('degenerate features', () => {
  const options = (features: number[], classes: number[]) => ({ features, labels: classes, dim: 2 });
  const measures = ({ features, labels: classes }: ReturnType<typeof options>) => {
    const rows = Float32Array.from(features);
    return {
      silhouette: silhouette({ features: rows, labels: classes, dim: 2 }).mean,
      cosine: silhouette({ features: rows, labels: classes, dim: 2, metric: 'cosine' }).mean,
      db: daviesBouldin(rows, classes, 2),
      ch: calinskiHarabasz(rows, classes, 2),
      cdnv: classDistanceNormalisedVariance(rows, classes, 2),
      ratio: betweenWithinRatio(rows, classes, 2),
      centroid: nearestCentroidLeaveOneOut(rows, classes, 2),
      rank: effectiveRank(rows, 2),
      separation: pairDistances({ features: rows, labels: classes, dim: 2, stream: stream() }).separation,
      probe: linearProbeAccuracy({
        train: rows,
        trainLabels: classes,
        test: rows,
        testLabels: classes,
        dim: 2,
      }),
    };
  };

  test('one class', () => {
    const found = measures(options([0, 1, 1, 0, 1, 1], [3, 3, 3]));
    const { rank, ...rest } = found;
    assert.ok(rank > 1);
    const nothing = { silhouette: 0, cosine: 0, db: 0, ch: 0, cdnv: 0, ratio: 0 };
    assert.deepEqual(rest, { ...nothing, centroid: 1, separation: 0.5, probe: 1 });
  });

  test('one sample a class', () => {
    const found = measures(options([0, 1, 1, 0, 1, 1], [0, 1, 2]));
    assert.deepEqual([found.silhouette, found.cosine, found.db, found.cdnv], [0, 0, 0, 0]);
    assert.deepEqual([found.ch, found.ratio], [Infinity, Infinity]);
    assert.deepEqual([found.centroid, found.separation], [0, 0.5]);
  });

  test('all rows the same', () => {
    const found = measures(options([1, 2, 1, 2, 1, 2, 1, 2], [0, 0, 1, 1]));
    const nothing = { silhouette: 0, cosine: 0, db: 0, ch: 0, cdnv: 0, ratio: 0, rank: 0, separation: 0.5 };
    // Nothing tells them apart, so that the lowest class is said of all.
    assert.deepEqual(found, { ...nothing, centroid: 0.5, probe: 0.5 });
    const collapse = neuralCollapse(options([1, 2, 1, 2, 1, 2, 1, 2], [0, 0, 1, 1]));
    assert.ok(Object.values(collapse).every(Number.isNaN));
    assert.equal(linearCka({ values: [1, 1, 1], dim: 1 }, { values: [1, 2, 3], dim: 1 }), 0);
    const { inertia, clusters } = kMeans({ features: [1, 1, 1], dim: 1, clusters: 2, stream: stream() });
    assert.deepEqual([inertia, new Set(clusters).size], [0, 2]);
  });

  test('all rows the same, or those of a class, where their sum is rounded', () => {
    const of = (row: (i: number) => number[]) => Array.from({ length: 300 }, (_, i) => row(i)).flat();
    const classes = Array.from({ length: 300 }, (_, i) => i % 3);
    const equal = unitRows(
      'equal',
      of(() => [0.37, 0.11, 0.91]),
      3,
    ).values;
    const indices = [daviesBouldin, calinskiHarabasz, classDistanceNormalisedVariance];
    const found = indices.map((f) => f(equal, classes, 3));
    assert.deepEqual([...found, effectiveRank(equal, 3)], [0, 0, 0, 0]);
    const other = of((i) => [Math.sin(i), Math.cos(i), i % 7]);
    assert.equal(linearCka({ values: equal, dim: 3 }, { values: other, dim: 3 }), 0);
    assert.deepEqual([...pca(equal, 3, 2).explainedVariance], [0, 0]);
    const points = unitRows(
      'points',
      of((i) => [0.37, 0.11, 0.91 + (i % 3)]),
      3,
    ).values;
    assert.deepEqual(
      indices.map((f) => f(points, classes, 3)),
      [0, Infinity, 0],
    );
  });

  test('rows of zeros', () => {
    const zeros = options([0, 0, 0, 0, 1, 0, 2, 0], [0, 0, 1, 1]);
    for (const value of Object.values(measures(zeros))) assert.ok(!Number.isNaN(value));
    // Cosine: 1 from every row, their like too; so a = 1 and b = 1 for them, a = 0 and b = 1 for the others.
    assertClose(silhouette({ ...zeros, metric: 'cosine' }).perSample, [0, 0, 1, 1], 1e-12);
  });

  test('what is no number is named', () => {
    const wrong = options([0, 1, NaN, 0], [0, 1]);
    const rows = Float32Array.from(wrong.features);
    const named = /value 0 of row 1 is NaN/;
    const { labels: classes } = wrong;
    assert.throws(() => silhouette(wrong), named);
    assert.throws(() => daviesBouldin(rows, classes, 2), named);
    assert.throws(() => calinskiHarabasz(rows, classes, 2), named);
    assert.throws(() => betweenWithinByDimension(rows, classes, 2), named);
    assert.throws(() => nearestCentroidLeaveOneOut(rows, classes, 2), named);
    assert.throws(() => pairDistances({ ...wrong, stream: stream() }), named);
    assert.throws(() => effectiveRank(rows, 2), named);
    assert.throws(() => linearCka({ values: rows, dim: 2 }, { values: rows, dim: 2 }), named);
    assert.throws(() => neuralCollapse(wrong), named);
    assert.throws(() => linearProbe({ train: rows, trainLabels: classes, dim: 2 }), named);
    assert.throws(() => kMeans({ features: rows, dim: 2, clusters: 1, stream: stream() }), named);
  });

  test('sizes that do not fit are refused', () => {
    assert.throws(() => silhouette(options([0, 1, 2], [0, 1])), /not a whole number of rows/);
    assert.throws(() => linearCka({ values: [1, 2], dim: 1 }, { values: [1, 2], dim: 2 }), /2 and 1 rows/);
    assert.throws(() => kMeans({ features: [1, 2], dim: 1, clusters: 3, stream: stream() }), /3 clusters/);
    const noStart = { features: [1, 2], dim: 1, clusters: 2, stream: stream(), starts: 0 };
    assert.throws(() => kMeans(noStart), /starts is 0/);
    assert.throws(
      () => knnLeaveOneOut({ features: train, labels, dim, k: 120 }),
      /k is 120; .* the 119 other rows/,
    );
    assert.throws(() => normalizedMutualInformation([0, 1], [0]), /2 and 1 labels/);
    const nc = options([0, 1, 1, 0], [0, 1]);
    assert.throws(() => neuralCollapse({ ...nc, classifier: [1, 2] }), /2 weights/);
    assert.throws(() => neuralCollapse({ ...nc, logits: [1, 2, 3] }), /3 logits/);
    assert.throws(() => linearProbe({ train, trainLabels: labels, dim, inverseRegularisation: 0 }), /C is 0/);
  });
});

/** All distances, one after the other. */
function plainSilhouette(features: Float64Array, classes: readonly number[], d: number): number[] {
  const n = classes.length;
  const distance = (i: number, k: number) =>
    Math.hypot(...Array.from({ length: d }, (_, j) => features[i * d + j]! - features[k * d + j]!));
  return classes.map((own, i) => {
    const sums = new Map<number, number[]>();
    for (let k = 0; k < n; k++) {
      if (k !== i) sums.set(classes[k]!, [...(sums.get(classes[k]!) ?? []), distance(i, k)]);
    }
    const means = [...sums].map(([c, all]) => [c, all.reduce((a, b) => a + b, 0) / all.length] as const);
    const a = means.find(([c]) => c === own)?.[1];
    const others = means.flatMap(([c, value]) => (c === own ? [] : [value]));
    if (a === undefined || others.length === 0) return 0;
    const b = Math.min(...others);
    return (b - a) / Math.max(a, b);
  });
}
