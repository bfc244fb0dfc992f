/** OLE against singular values in float64 and their central differences. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import { Matrix, SingularValueDecomposition } from 'ml-matrix';

import { tf } from '../../src/engine/tf.ts';
import { createStream } from '../../src/engine/index.ts';
import {
  classPairs,
  ORTHOGONAL_LOW_RANK_DEFAULTS,
  orthogonalLowRankLoss,
  type OrthogonalLowRankOptions,
} from '../../src/losses/index.ts';
import { assertClose, engineUnderTest, withoutLeak } from '../support/engine.ts';
import { DEGENERATE, type Rows } from './degenerate.ts';

const PARTS = ['classNorms', 'allNorm'] as const;
type Parts = Record<(typeof PARTS)[number], number>;

/** In float64, by singular values. */
function expected(features: Rows, labels: readonly number[], options: OrthogonalLowRankOptions = {}): Parts {
  const { bound, unitNorm, epsilon } = { ...ORTHOGONAL_LOW_RANK_DEFAULTS, ...options };
  const n = features.length;
  const length = (row: readonly number[]) => Math.sqrt(row.reduce((sum, v) => sum + v * v, 0) + 1e-12);
  const x = features.map((row) => (unitNorm ? row.map((v) => v / length(row)) : [...row]));
  const smoothing = (epsilon * x.flat().reduce((sum, v) => sum + v * v, 0)) / n + 1e-12;
  const norm = (rows: number[][]) =>
    new SingularValueDecomposition(new Matrix(rows), { autoTranspose: true }).diagonal.reduce(
      (sum, s) => sum + Math.sqrt(s * s + smoothing) - Math.sqrt(smoothing),
      0,
    );
  const classes = [...new Set(labels)].map((c) => norm(x.filter((_, i) => labels[i] === c)));
  return {
    classNorms: classes.reduce((sum, r) => sum + Math.max(bound, r), 0) / n,
    allNorm: norm(x) / n,
  };
}

function evaluate(
  features: Rows,
  labels: readonly number[],
  options: OrthogonalLowRankOptions = {},
  classes?: number,
) {
  return withoutLeak(() =>
    tf.tidy(() => {
      const oneHot = classes === undefined ? undefined : (tf.oneHot([...labels], classes) as tf.Tensor2D);
      const membership = oneHot === undefined ? undefined : tf.cast(oneHot, 'float32');
      const x = tf.tensor2d(features.flat(), [features.length, features[0]?.length ?? 3]);
      const pairs = classPairs(tf.tensor1d([...labels], 'int32'));
      const { total } = orthogonalLowRankLoss(x, pairs, options, membership);
      const of = PARTS.map((part) => {
        const loss = (u: tf.Tensor) =>
          orthogonalLowRankLoss(u as tf.Tensor2D, pairs, options, membership).parts[part];
        const { value, grad } = tf.valueAndGrad(loss)(x);
        return [part, { value: value.dataSync()[0]!, gradient: [...grad.dataSync()] }] as const;
      });
      const parts = Object.fromEntries(of) as Record<keyof Parts, { value: number; gradient: number[] }>;
      return { total: total.dataSync()[0]!, parts };
    }),
  );
}

function batch(size: number, dim: number, classes: number, spread: number) {
  const random = createStream(2, 'batch', size, dim);
  const centers = Array.from({ length: classes }, () => Array.from({ length: dim }, () => random.normal()));
  const labels = Array.from({ length: size }, (_, i) => (i * i) % classes);
  return { labels, features: labels.map((c) => centers[c]!.map((v) => v + spread * random.normal())) };
}

describe('orthogonalLowRankLoss', () => {
  before(async () => {
    await engineUnderTest();
  });

  test('two classes, by hand', () => {
    // Two samples each, on one axis for each class: singular values sqrt(2) and 0 of a class, sqrt(2) twice of all.
    const features = [[1, 0], [1, 0], [0, 1], [0, 1]]; // prettier-ignore
    const { total, parts } = evaluate(features, [0, 0, 1, 1]);
    const norm = Math.sqrt(2 + 1e-3) - Math.sqrt(1e-3);
    assertClose([parts.classNorms.value, parts.allNorm.value], [norm / 2, norm / 2], { relative: 1e-4 });
    // Orthogonal classes of one direction each are the least there is: 0.
    assertClose([total], [0], { absolute: 1e-4 });
    // All on one axis: of all four, one singular value 2.
    const flat = evaluate([[1, 0], [1, 0], [1, 0], [1, 0]], [0, 0, 1, 1]); // prettier-ignore
    assertClose([flat.parts.allNorm.value], [(Math.sqrt(4 + 1e-3) - Math.sqrt(1e-3)) / 4], {
      relative: 1e-4,
    });
    assert.ok(flat.total > total + 0.1);
  });

  for (const [size, dim, classes, spread, options] of [
    [9, 4, 3, 0.7, {}],
    [8, 12, 3, 0.3, {}],
    [9, 4, 3, 0.7, { unitNorm: false, bound: 0.5, epsilon: 0.01 }],
    [12, 3, 2, 0.1, { bound: 3 }],
  ] as const) {
    test(`${size} x ${dim}, ${classes} classes, ${JSON.stringify(options)}: values and gradients`, () => {
      const { features, labels } = batch(size, dim, classes, spread);
      const values = expected(features, labels, options);
      const actual = evaluate(features, labels, options);
      const h = 1e-5;
      for (const part of PARTS) {
        assertClose([actual.parts[part].value], [values[part]], { relative: 1e-4 }, part);
        const gradient = features.flatMap((row, i) =>
          row.map((_, k) => {
            const at = (step: number) =>
              expected(
                features.map((other, r) => other.map((v, c) => (r === i && c === k ? v + step : v))),
                labels,
                options,
              )[part];
            return (at(h) - at(-h)) / (2 * h);
          }),
        );
        const scale = Math.max(...gradient.map(Math.abs));
        assert.ok(scale > 1e-3 || part === 'classNorms', `${part} has a gradient`);
        assertClose(actual.parts[part].gradient, gradient, { absolute: 1e-3 * Math.max(scale, 1e-2) }, part);
      }
    });
  }

  for (const [size, dim, classes, options] of [
    [24, 3, 3, {}],
    [24, 3, 3, { unitNorm: false, bound: 2 }],
    // Classes that the batch does not have count for nothing, whatever the bound.
    [30, 4, 9, { bound: 1.5 }],
    // Here the classes' matrices are more work than the batch's.
    [12, 8, 3, {}],
  ] as const) {
    test(`${size} x ${dim}, ${classes} classes one by one, ${JSON.stringify(options)}: the same`, () => {
      const { features, labels } = batch(size, dim, 3, 0.5);
      const values = expected(features, labels, options);
      const bySamples = evaluate(features, labels, options);
      const byClass = evaluate(features, labels, options, classes);
      for (const part of PARTS) {
        assertClose([byClass.parts[part].value], [values[part]], { relative: 1e-4 }, part);
        const { gradient } = bySamples.parts[part];
        const scale = Math.max(...gradient.map(Math.abs));
        assert.ok(scale > 1e-3, `${part} has a gradient`);
        assertClose(byClass.parts[part].gradient, gradient, { absolute: 1e-3 * scale }, part);
      }
    });
  }

  test('a batch of 128, where singular values differ by orders of magnitude', (t) => {
    if (tf.getBackend() === 'cpu') {
      t.skip('takes half a minute on this engine');
      return;
    }
    const { features, labels } = batch(128, 64, 10, 0.02);
    const values = expected(features, labels);
    const actual = evaluate(features, labels);
    for (const part of PARTS) {
      assertClose([actual.parts[part].value], [values[part]], { relative: 1e-3 }, part);
    }
    // The gradient of the norm of all, with X = U S V^T: U (S / sqrt(S^2 + smoothing)) V^T / n, and through the smoothing.
    const { parts } = evaluate(features, labels, { unitNorm: false });
    const n = features.length;
    const x = new Matrix(features);
    const svd = new SingularValueDecomposition(x);
    const smoothing = (1e-3 * features.flat().reduce((sum, v) => sum + v * v, 0)) / n + 1e-12;
    const roots = svd.diagonal.map((s) => Math.sqrt(s * s + smoothing));
    const polar = svd.leftSingularVectors
      .mmul(Matrix.diag(svd.diagonal.map((s, k) => s / roots[k]!)))
      .mmul(svd.rightSingularVectors.transpose());
    const bySmoothing = roots.reduce((sum, root) => sum + 1 / (2 * root) - 1 / (2 * Math.sqrt(smoothing)), 0);
    const gradient = Matrix.add(polar, Matrix.mul(x, (2e-3 * bySmoothing) / n)).div(n);
    const largest = Math.max(gradient.max(), -gradient.min());
    assertClose(parts.allNorm.gradient, gradient.to1DArray(), { absolute: 1e-3 * largest });
  });

  test('against its gradient classes become orthogonal', () => {
    const { labels, features } = batch(12, 6, 3, 0.8);
    let rows: number[][] = features;
    const start = evaluate(rows, labels).total;
    for (let i = 0; i < 60; i++) {
      const { parts } = evaluate(rows, labels);
      rows = rows.map((row, r) =>
        row.map(
          (v, k) => v - 2 * (parts.classNorms.gradient[r * 6 + k]! - parts.allNorm.gradient[r * 6 + k]!),
        ),
      );
    }
    const end = evaluate(rows, labels).total;
    assert.ok(end < 0.3 * start, `${end} after ${start}`);
    // Directions of the classes' means, at right angles now.
    const means = [0, 1].map((c) => {
      const own = rows.filter((_, i) => labels[i] === c);
      return rows[0]!.map((_, k) => own.reduce((sum, row) => sum + row[k]!, 0) / own.length);
    });
    const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, v, k) => sum + v * b[k]!, 0);
    const [a, b] = means as [number[], number[]];
    assert.ok(Math.abs(dot(a, b)) / Math.sqrt(dot(a, a) * dot(b, b)) < 0.2);
  });

  for (const [kind, { features, labels }] of Object.entries(DEGENERATE)) {
    test(`stays finite: ${kind}`, () => {
      for (const unitNorm of [true, false]) {
        for (const classes of [undefined, 3]) {
          const { total, parts } = evaluate(features, labels, { unitNorm }, classes);
          const values = PARTS.flatMap((part) => [parts[part].value, ...parts[part].gradient]);
          assert.ok([total, ...values].every(Number.isFinite), `${String(unitNorm)}: ${values.join(' ')}`);
        }
      }
    });
  }
});
