import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createStream } from '../../../src/engine/index.ts';
import {
  nearestNeighbours,
  neighbourAccuracy,
  pca,
  umap,
  umapNeighbours,
  type Umap,
  type UmapOptions,
} from '../../../src/measures/index.ts';
import { blobs } from './blobs.ts';

function embed(features: Float32Array, dim: number, options: Partial<UmapOptions> = {}): Umap {
  const { k } = umapNeighbours(features.length / dim, options.nNeighbours);
  const neighbours = nearestNeighbours({ features, dim, k });
  const init = pca(features, dim, 2).points;
  return umap({ neighbours, init, stream: createStream(1, 'umap'), epochs: 100, ...options });
}

test('umap: groups that lie apart stay apart; the same bits for a seed', () => {
  const { features, labels } = blobs({ groups: 4, each: 40, dim: 6 });
  const result = embed(features, 6);
  const neighbours = nearestNeighbours({ features: result.points, dim: 2, k: 12 });
  assert.equal(neighbourAccuracy(neighbours, labels), 1);
  assert.deepEqual(embed(features, 6), result);
  assert.notDeepEqual(embed(features, 6, { stream: createStream(2, 'umap') }).points, result.points);
});

test('umap: an epoch can be the last', () => {
  const { features } = blobs({ groups: 2, each: 20, dim: 3 });
  const epochs: number[] = [];
  const onEpoch = (done: number) => {
    epochs.push(done);
    if (done === 2) throw new Error('enough');
  };
  assert.throws(() => embed(features, 3, { onEpoch }), /enough/);
  assert.deepEqual(epochs, [1, 2]);
});

test('umap: few rows have smaller neighbourhoods; equal rows give finite points', () => {
  assert.deepEqual(umapNeighbours(6), { nNeighbours: 5, k: 4 });
  assert.deepEqual(umapNeighbours(5000), { nNeighbours: 15, k: 14 });
  for (const features of [blobs({ groups: 2, each: 3, dim: 2 }).features, new Float32Array(40).fill(2)]) {
    assert.ok(embed(features, 2).points.every(Number.isFinite));
  }
});

test('umap refuses what it cannot embed', () => {
  assert.throws(() => umapNeighbours(3), /3 rows; at least 4/);
  assert.throws(() => umapNeighbours(100, 1), /nNeighbours is 1; it must be a whole number from 2/);
  const { features } = blobs({ groups: 3, each: 30, dim: 5 });
  assert.throws(() => embed(features, 5, { init: new Float64Array(4) }), /start must be 90 x 2 finite/);
  const neighbours = nearestNeighbours({ features, dim: 5, k: 10 });
  assert.throws(() => embed(features, 5, { neighbours }), /10 neighbours a row; nNeighbours 15 needs 14/);
  // umap-js fits a curve to whatever it is given: with 2 coordinates come to a thousand.
  for (const minDist of [-0.1, 2, NaN]) {
    assert.throws(() => embed(features, 5, { minDist }), /minDist is .*; it must lie within 0 to 1/);
  }
  assert.throws(() => embed(features, 5, { epochs: 0 }), /epochs is 0; it must be a whole number from 1/);
});
