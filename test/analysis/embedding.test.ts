import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createStream, UsageError, type ProgressReport } from '../../src/engine/index.ts';
import { embed, embedTogether, EMBEDDING_METHODS, type Rows } from '../../src/analysis/index.ts';
import { titlesOf } from '../../src/analysis/embedding/runFeatures.ts';
import { computeEmbeddings } from '../../src/analysis/embedding/thread/compute.ts';
import { blobs } from '../measures/embedding/blobs.ts';

const { features: values, labels } = blobs({ groups: 3, each: 20, dim: 5 });
const features: Rows = { values, dim: 5 };

test('embed: a thread gives the same bits as this one, and says how far it is', async () => {
  for (const method of EMBEDDING_METHODS) {
    const reports: ProgressReport[] = [];
    const progress = (report: ProgressReport) => reports.push(report);
    const found = await embed({ features, labels, method, seed: 4, progress });
    const here = computeEmbeddings({ features: values, dim: 5, labels, method, seed: 4 }, () => undefined);
    assert.deepEqual([found], here);
    assert.equal(found.quality.neighbourAccuracy, 1);
    assert.equal(found.quality.featureAccuracy, 1);
    assert.ok(found.quality.trustworthiness! > 0.7, `${method}: ${found.quality.trustworthiness!}`);
    assert.ok(reports.length > 0);
    assert.deepEqual([reports[0]!.label, reports[0]!.total], [method, 100]);
  }
});

test('embed: what goes on here goes on, and a signal ends the thread', async () => {
  const many = blobs({ groups: 10, each: 200, dim: 20 });
  const controller = new AbortController();
  // The first report can only arrive while the thread is at work.
  const stopped = embed({
    ...{ features: { values: many.features, dim: 20 }, labels: many.labels, method: 'tsne' },
    progress: () => {
      controller.abort(new Error('enough'));
    },
    signal: controller.signal,
  });
  await assert.rejects(stopped, /enough/);
  await assert.rejects(embed({ features, labels, method: 'pca', signal: controller.signal }), /enough/);
});

test('embed refuses in words', async () => {
  const method = 'tsen' as 'tsne';
  await assert.rejects(embed({ features, labels, method }), {
    name: 'UserError',
    message: /There is no method 'tsen'. Did you mean 'tsne'/,
  });
  const one = labels.map(() => 1);
  await assert.rejects(embed({ features, labels: one, method: 'lda', label: 'stage1' }), {
    name: 'UserError',
    message: /^stage1: lda: all rows are of one class/,
  });
  const broken = { values: values.with(7, NaN), dim: 5 };
  await assert.rejects(embed({ features: broken, labels, method: 'tsne' }), /value 2 of row 1 is NaN/);
  for (const [which, n, said] of [
    ['tsne', 3, /^stage1: tsne needs 4 images at least, and there are 3\. Take more \(limit\)\.$/],
    ['umap', 3, /^stage1: umap needs 4 images at least/],
    ['pca', 1, /^stage1: pca needs 2 images at least, and there is 1\./],
    ['lda', 1, /^stage1: lda needs 2 images at least/],
  ] as const) {
    const few = { features: { values: values.slice(0, 5 * n), dim: 5 }, labels: labels.slice(0, n) };
    await assert.rejects(
      embed({ ...few, method: which, label: 'stage1' }),
      (error) => error instanceof UsageError && said.test(error.message),
    );
  }
  await assert.rejects(embed({ features, labels: labels.slice(1), method: 'pca' }), {
    name: 'UserError',
    message: /^pca: 60 rows of features and 59 labels/,
  });
});

test('embed: labels are told apart whatever they are', async () => {
  const far = Int32Array.from(labels, (label) => 256 * label);
  const of = (own: ArrayLike<number>) => embed({ features, labels: own, method: 'lda' });
  assert.deepEqual(await of(far), await of(labels));
});

test('embed: few rows, and features of one dimension', async () => {
  const few = await embed({
    ...{ features: { values: Float32Array.of(1, 2, 3, 7, 8, 9), dim: 1 }, labels: [0, 0, 0, 1, 1, 1] },
    method: 'pca',
  });
  assert.deepEqual([...few.points], [-4, 0, -3, 0, -2, 0, 2, 0, 3, 0, 4, 0]);
  assert.equal(few.quality.trustworthiness, null);
});

test('embedTogether: each starts at the one before, or all in one fit', async () => {
  const turned = Float32Array.from(values, (_, at) => values[at - (at % 5) + ((at + 1) % 5)]!);
  const sets = [
    { name: 'first', features },
    { name: 'second', features: { values: turned, dim: 5 } },
  ];
  const distance = (a: Float64Array, b: Float64Array) => Math.hypot(...a.map((value, c) => value - b[c]!));
  // The same rows with their features in another order: the same picture, but for a mirror image or a turn.
  const [alone, other] = await embedTogether({ sets, labels, method: 'pca', space: 'none' });
  const [first, second] = await embedTogether({ sets, labels, method: 'pca' });
  assert.deepEqual(first, alone);
  assert.ok(distance(first!.points, second!.points) < 1e-9);
  assert.ok(distance(first!.points, second!.points) <= distance(alone!.points, other!.points));

  const joint = await embedTogether({ sets: [sets[0]!, sets[0]!], labels, method: 'pca', space: 'joint' });
  assert.equal(joint.length, 2);
  assert.ok(distance(joint[0]!.points, joint[1]!.points) < 1e-9);

  const [start, next] = await embedTogether({ sets, labels, method: 'tsne' });
  assert.ok(distance(start!.points, next!.points) < 0.2 * Math.hypot(...start!.points));
});

test('embedTogether: in one fit, too, an image that is in every set does not vote for itself', async () => {
  // The labels have nothing to do with the features, and the sets are nearly the same.
  const random = createStream(3, 'noise');
  const own = Float32Array.from({ length: 80 * 4 }, () => random.normal());
  const classes = Int32Array.from({ length: 80 }, () => random.int(8));
  const sets = [0, 1, 2, 3, 4, 5, 6, 7].map((set) => ({
    name: `set ${set}`,
    features: { values: own.map((value) => value + 0.01 * random.normal()), dim: 4 },
  }));
  const joint = await embedTogether({ sets, labels: classes, method: 'pca', space: 'joint' });
  assert.equal(joint.length, 8);
  for (const [i, { points, quality }] of joint.entries()) {
    assert.equal(points.length, 160);
    const alone = await embed({ features: sets[i]!.features, labels: classes, method: 'pca' });
    assert.equal(quality.featureAccuracy, alone.quality.featureAccuracy);
    assert.ok(quality.featureAccuracy < 0.3, `${quality.featureAccuracy} of eight classes by chance`);
    assert.ok(quality.neighbourAccuracy < 0.3, `${quality.neighbourAccuracy} of eight classes by chance`);
    assert.ok(Math.abs(quality.trustworthiness! - alone.quality.trustworthiness!) < 0.02);
  }
});

test('embedTogether refuses sets that do not fit', async () => {
  const narrow = { name: 'narrow', features: { values: new Float32Array(60), dim: 1 } };
  const sets = [{ name: 'first', features }, narrow];
  await assert.rejects(
    embedTogether({ sets, labels, method: 'pca', space: 'joint' }),
    /narrow has 1 features and first has 5; a joint fit needs equally many/,
  );
  await assert.rejects(
    embedTogether({ sets, labels: labels.subarray(1), method: 'pca' }),
    /first: 60 rows of features and 59 labels/,
  );
  await assert.rejects(
    embedTogether({ sets: [{ ...narrow, reference: 'gone' }], labels, method: 'pca' }),
    /narrow: its reference 'gone' is none of the sets before it/,
  );
});

test('runs are called by their arm, with the seed or the hash where that is not enough', () => {
  const [a, b, c] = ['x/ce/seed-1-0123abcd', 'x/ce/seed-2-4567abcd', 'y/ce/seed-1-89abcdef'] as const;
  assert.deepEqual(titlesOf({ runs: [a, 'x/msl/seed-1-0123abcd'] }), ['ce', 'msl']);
  assert.deepEqual(titlesOf({ runs: [a, b] }), ['ce, seed 1', 'ce, seed 2']);
  assert.deepEqual(titlesOf({ runs: [a, b, c] }), ['ce, 0123abcd', 'ce, 4567abcd', 'ce, 89abcdef']);
  assert.deepEqual(titlesOf({ runs: [a, a] }), ['1: ce, 0123abcd', '2: ce, 0123abcd']);
  assert.deepEqual(titlesOf({ runs: [a, b], titles: ['first', 'second'] }), ['first', 'second']);
  for (const [titles, said] of [
    [['first'], /titles: there are 1 of them and 2 runs; each run needs one/],
    [['first', 'first'], /titles: 'first' is there twice/],
  ] as const) {
    assert.throws(
      () => titlesOf({ runs: [a, b], titles }),
      (error) => error instanceof UsageError && said.test(error.message),
    );
  }
});
