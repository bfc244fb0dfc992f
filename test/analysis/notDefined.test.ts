import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { notDefined, tooWide } from '../../src/analysis/notDefined.ts';
import { createStream } from '../../src/engine/index.ts';
import {
  betweenWithinRatio,
  calinskiHarabasz,
  classDistanceNormalisedVariance,
  daviesBouldin,
  effectiveRank,
  kMeans,
  knnLeaveOneOut,
  linearCka,
  nearestCentroidLeaveOneOut,
  neuralCollapse,
  normalizedMutualInformation,
  pairDistances,
  silhouette,
} from '../../src/measures/index.ts';

const classes = ['a', 'b', 'c', 'd'];
const DIM = 3;

/** Every measure that can be missing, of random features: with two sets of them, what does not depend on features stays. */
function measured(labels: readonly number[], seed: number): Record<string, number> {
  const stream = createStream(seed, 'features');
  const features = Float32Array.from({ length: labels.length * DIM }, () => stream.normal());
  const n = labels.length;
  const collapse = neuralCollapse({ features, labels, dim: DIM });
  const other = { values: features.map((value) => value ** 3), dim: DIM };
  return {
    silhouette: silhouette({ features, labels, dim: DIM }).mean,
    silhouetteCosine: silhouette({ features, labels, dim: DIM, metric: 'cosine' }).mean,
    betweenWithinRatio: betweenWithinRatio(features, labels, DIM),
    daviesBouldin: daviesBouldin(features, labels, DIM),
    calinskiHarabasz: calinskiHarabasz(features, labels, DIM),
    cdnv: classDistanceNormalisedVariance(features, labels, DIM),
    separation: pairDistances({ features, labels, dim: DIM, stream }).separation,
    kMeansNmi: normalizedMutualInformation(
      labels,
      kMeans({ features, dim: DIM, clusters: Math.min(n, classes.length), stream }).clusters,
    ),
    effectiveRank: effectiveRank(features, DIM),
    alignment: linearCka({ values: features, dim: DIM }, other),
    nc1: collapse.withinOverBetween,
    nc1Quotient: collapse.traceQuotient,
    nc2Equinorm: collapse.equinorm,
    nc2Equiangular: collapse.equiangular,
    nc2MaximalAngle: collapse.maximalAngle,
    ...(n < 3 ? {} : { knnAccuracy: knnLeaveOneOut({ features, labels, dim: DIM, k: 1 }) }),
    nearestCentroidAccuracy: nearestCentroidLeaveOneOut(features, labels, DIM),
  };
}

/** The measures that come out the same of sixty sets of random features. */
function constant(labels: readonly number[]): string[] {
  const draws = Array.from({ length: 60 }, (_, seed) => measured(labels, seed));
  const same = (a: number, b: number) => Object.is(a, b) || Math.abs(a - b) < 1e-9;
  return Object.keys(draws[0]!).filter((name) => draws.every((draw) => same(draw[name]!, draws[0]![name]!)));
}

describe('what some images are too few for', () => {
  const missing = (labels: readonly number[]) =>
    notDefined({ labels, classes, neighbours: 1 }).flatMap(({ measures }) => measures);

  for (const [title, labels] of [
    ['one image', [2]],
    ['two images of one class', [1, 1]],
    ['two images of two classes', [0, 3]],
    ['three images of two classes', [0, 0, 3]],
    ['one image of each class', [0, 1, 2, 3]],
    ['one class', [1, 1, 1, 1, 1, 1]],
    ['two classes', [0, 1, 0, 1, 0, 1, 0]],
    ['one image more than classes', [0, 1, 2, 3, 3]],
    ['three classes', [0, 1, 2, 0, 1, 2, 0, 1, 2]],
  ] as const) {
    test(`${title}: the measures that say nothing of the features, and no others`, () => {
      const named = new Set<string>(missing(labels));
      for (const name of constant(labels)) assert.ok(named.has(name), `${name} is always the same`);
      const told = constant(labels);
      // What is not drawn here: the best of features, the other index of clusters, what needs a classifier.
      for (const name of ['bestDimension', 'kMeansAri', 'nc3SelfDuality', 'nc4Agreement']) named.delete(name);
      for (const name of named) assert.ok(told.includes(name) || !(name in measured(labels, 0)), name);
    });
  }

  test('what would be enough is said', () => {
    const [ofClasses, clusters] = notDefined({ labels: [0, 1, 3], classes, neighbours: 5 });
    assert.equal(
      ofClasses!.needs,
      'two classes, and more images than classes; these are 3 images of 3 classes',
    );
    assert.match(clusters!.needs, /more images than clusters \(4, the data set's classes\)/);
    assert.match(notDefined({ labels: [1], classes, neighbours: 5 })[0]!.needs, /1 image of one class$/);
  });

  test('neighbours and centroids of training images need those to be of two classes, and more than vote', () => {
    const labels = [0, 0, 1, 1, 2, 2, 3, 3];
    const of = (reference: number[]) => notDefined({ labels, classes, reference, neighbours: 5 });
    assert.deepEqual(of([0, 1, 2, 3, 0, 1]), []);
    assert.deepEqual(
      of([0, 1, 2, 3, 0]).map(({ measures }) => measures),
      [['knnAccuracy']],
    );
    assert.match(of([0, 1, 2, 3, 0])[0]!.needs, /^6 training images, .* 5 images of 4 classes$/);
    const [ofOne] = of([1, 1, 1, 1, 1, 1, 1]);
    assert.deepEqual(ofOne!.measures, ['knnAccuracy', 'nearestCentroidAccuracy', 'linearProbeAccuracy']);
    // Each image left out for itself: one of each class has no other of its own.
    assert.ok(missing([0, 1, 2]).includes('nearestCentroidAccuracy'));
    assert.ok(!notDefined({ labels: [0], classes, reference: [0, 1], neighbours: 1 }).some(({ measures }) => measures.includes('nearestCentroidAccuracy'))); // prettier-ignore
  });

  test('an effective rank that would take too long is known before', () => {
    const taps = { wide: { dim: 8192 }, narrow: { dim: 4096 } };
    assert.deepEqual(tooWide(4096, taps), []);
    const [missing, ...others] = tooWide(5000, taps);
    assert.deepEqual([missing!.taps, missing!.measures, others], [['wide'], ['effectiveRank'], []]);
    assert.match(missing!.needs, /at most 4096 images or features; there are 5000 images/);
  });
});
