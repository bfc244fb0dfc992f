import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createStream } from '../../../src/engine/index.ts';
import {
  nearestNeighbours,
  neighbourAccuracy,
  pca,
  trustworthiness,
  tsne,
  tsneNeighbours,
  type Tsne,
  type TsneOptions,
} from '../../../src/measures/index.ts';
import { affinities } from '../../../src/measures/embedding/tsne/affinities.ts';
import { tsneDivergence, tsneGradient } from '../../../src/measures/embedding/tsne/gradient.ts';
import { quadtree } from '../../../src/measures/embedding/tsne/quadtree.ts';
import { assertClose } from '../close.ts';
import { blobs } from './blobs.ts';
import { expected } from './expected.ts';

const n = expected.labels.length;
const { perplexity } = expected.tsne;
const P = affinities(
  nearestNeighbours({ features: expected.features, dim: expected.dim, k: 3 * perplexity }),
  perplexity,
);
const points = Float64Array.from(expected.points);

function embed(features: Float32Array, dim: number, options: Partial<TsneOptions> = {}): Tsne {
  const { k } = tsneNeighbours(features.length / dim, options.perplexity);
  const neighbours = nearestNeighbours({ features, dim, k });
  const init = pca(features, dim, 2).points;
  return tsne({ neighbours, init, stream: createStream(1, 'tsne'), ...options });
}

test('affinities agree with scikit-learn, which computes them in float32', () => {
  const dense = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let e = P.starts[i]!; e < P.starts[i + 1]!; e++) dense[i * n + P.columns[e]!] = P.values[e]!;
  }
  for (const [at, value] of expected.tsne.affinities.entries()) {
    assert.ok(Math.abs(dense[at]! - value) < 1e-7, `${at}: ${dense[at]!} and ${value}`);
    assert.equal(dense[at]!, dense[(at % n) * n + Math.floor(at / n)]!);
  }
  assert.ok(Math.abs(P.values.reduce((a, b) => a + b) - 1) < 1e-12);
});

test('the gradient agrees with the formula over all pairs, exactly with theta 0 and nearly with 0.5', () => {
  const gradient = new Float64Array(2 * n);
  const z = tsneGradient({ affinities: P, tree: quadtree(n, 0), points, gradient });
  // The affinities that it came from are float32's.
  assertClose(gradient, expected.tsne.gradient, 1e-7);
  assert.ok(Math.abs(z - expected.tsne.z) < 1e-6);
  assert.ok(Math.abs(tsneDivergence(P, points, z) - expected.tsne.divergence) < 1e-5);

  const near = new Float64Array(2 * n);
  const nearZ = tsneGradient({ affinities: P, tree: quadtree(n, 0.5), points, gradient: near });
  const length = Math.hypot(...gradient);
  const error = Math.hypot(...near.map((value, c) => value - gradient[c]!));
  assert.ok(error > 0 && error < 0.03 * length, `relative error ${error / length}`);
  assert.ok(Math.abs(nearZ / z - 1) < 0.01);
});

test('the gradient is a quarter of the slope of the divergence, by central differences', () => {
  const tree = quadtree(n, 0);
  const gradient = new Float64Array(2 * n);
  const divergenceAt = (at: Float64Array) =>
    tsneDivergence(
      P,
      at,
      tsneGradient({ affinities: P, tree, points: at, gradient: new Float64Array(2 * n) }),
    );
  tsneGradient({ affinities: P, tree, points, gradient });
  const h = 1e-4;
  for (const c of [0, 1, 57, 118]) {
    const moved = (by: number) => divergenceAt(points.map((value, at) => (at === c ? value + by : value)));
    const slope = (moved(h) - moved(-h)) / (2 * h);
    assert.ok(Math.abs(slope / 4 - gradient[c]!) < 1e-8, `${c}: ${slope / 4} and ${gradient[c]!}`);
  }
});

test('the tree counts equal points, and points on a line, each once', () => {
  const tree = quadtree(5, 0.5);
  const forces = new Float64Array(10);
  tree.build(Float64Array.of(0, 0, 0, 0, 0, 0, 1, 0, 1, 0));
  // Pairs: 3 x 2 + 2 at distance 0, 12 at distance 1.
  assert.ok(Math.abs(tree.repel(forces, 0, 5) - (6 + 2 + 12 / 2)) < 1e-12);
  assertClose(forces, [-0.5, 0, -0.5, 0, -0.5, 0, 0.75, 0, 0.75, 0], 1e-12);
  tree.build(new Float64Array(10));
  assert.equal(tree.repel(new Float64Array(10), 0, 5), 20);
});

test('tsne: groups that lie apart stay apart; the same bits for a seed', () => {
  const { features, labels } = blobs({ groups: 4, each: 40, dim: 6 });
  const result = embed(features, 6);
  const neighbours = nearestNeighbours({ features: result.points, dim: 2, k: 12 });
  assert.equal(neighbourAccuracy(neighbours, labels), 1);
  assert.ok(trustworthiness({ features, dim: 6, points: result.points }) > 0.93);
  assert.equal(result.perplexity, 30);
  assert.deepEqual(embed(features, 6), result);
  assert.notDeepEqual(embed(features, 6, { stream: createStream(2, 'tsne') }).points, result.points);
});

test('tsne: the divergence falls, and a step can be the last', () => {
  const { features } = blobs({ groups: 3, each: 30, dim: 5 });
  const after = (iterations: number) => embed(features, 5, { iterations }).divergence;
  assert.ok(after(0) > after(300) && after(300) > after(750));
  const steps: number[] = [];
  const onStep = (done: number) => {
    steps.push(done);
    if (done === 3) throw new Error('enough');
  };
  assert.throws(() => embed(features, 5, { onStep }), /enough/);
  assert.deepEqual(steps, [1, 2, 3]);
});

test('tsne: continued from an embedding it stays near it', () => {
  const { features } = blobs({ groups: 3, each: 30, dim: 5 });
  const first = embed(features, 5);
  const more = embed(features, 5, {
    ...{ init: first.points, initScale: null, exaggerationIterations: 0, iterations: 100 },
  });
  const largest = Math.max(...first.points.map(Math.abs));
  const moved = Math.max(...more.points.map((value, c) => Math.abs(value - first.points[c]!)));
  assert.ok(moved < 0.5 * largest, `${moved} of ${largest}`);
});

test('tsne: few rows lower the perplexity; equal rows, and one class, give finite points', () => {
  assert.deepEqual(tsneNeighbours(50), { perplexity: 49 / 3, k: 49 });
  assert.deepEqual(tsneNeighbours(5000), { perplexity: 30, k: 90 });
  const few = embed(blobs({ groups: 2, each: 3, dim: 2 }).features, 2);
  assert.equal(few.perplexity, 5 / 3);
  const equal = embed(new Float32Array(40).fill(2), 2);
  const pairs = embed(
    Float32Array.from({ length: 80 }, (_, at) => at % 2),
    2,
  );
  for (const { points: finite, divergence } of [few, equal, pairs]) {
    assert.ok(finite.every(Number.isFinite) && Number.isFinite(divergence));
  }
  // Equal rows part.
  assert.equal(new Set(equal.points).size, 40);
});

test('tsne refuses what it cannot embed', () => {
  assert.throws(() => tsneNeighbours(3), /3 rows; at least 4/);
  assert.throws(() => tsneNeighbours(100, 0.5), /perplexity is 0.5; it must be a number from 1/);
  assert.throws(() => tsneNeighbours(100, NaN), /perplexity is NaN/);
  assert.throws(() => embed(Float32Array.of(1, NaN, 2, 3, 4, 5, 6, 7), 2), /value 1 of row 0 is NaN/);
  const { features } = blobs({ groups: 3, each: 30, dim: 5 });
  assert.throws(() => embed(features, 5, { init: new Float64Array(4) }), /start must be 90 x 2 finite/);
  const neighbours = nearestNeighbours({ features, dim: 5, k: 10 });
  assert.throws(() => embed(features, 5, { neighbours }), /10 neighbours a row; a perplexity of .* needs 89/);
  for (const [options, said] of [
    [{ theta: NaN }, /theta is NaN; it must lie within 0 to 1/],
    [{ theta: -0.5 }, /theta is -0.5/],
    [{ iterations: 1.5 }, /iterations is 1.5; it must be a whole number from 0/],
    [{ exaggerationIterations: -1 }, /exaggerationIterations is -1/],
    [{ exaggeration: 0 }, /exaggeration is 0; it must be a positive number/],
    [{ learningRate: NaN }, /learningRate is NaN/],
    [{ initScale: Infinity }, /initScale is Infinity/],
    [{ learningRate: 1e200 }, /the points flew off; a learning rate of 1e\+200 is too large/],
  ] as const) {
    assert.throws(() => embed(features, 5, options), said);
  }
});
