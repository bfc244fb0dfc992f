import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import { tf } from '../../src/engine/tf.ts';
import { createStream, tensorsOf } from '../../src/engine/index.ts';
import { initialParameters, initialStatistics, parameterCount, vgg } from '../../src/models/index.ts';
import { assertClose, engineUnderTest, withoutLeak } from '../support/engine.ts';

const imageShape = [8, 8, 3] as const;
const small = { widths: [4, 6], imageShape, classes: 3 };

/** Normally distributed images. */
const images = (n: number): tf.Tensor4D => {
  const stream = createStream(1, 'images');
  return tf.tensor4d(
    Float32Array.from({ length: n * 192 }, () => stream.normal()),
    [n, 8, 8, 3],
  );
};

describe('vgg', () => {
  before(async () => {
    await engineUnderTest();
  });

  test('has the number of parameters that one counts by hand', () => {
    // 3x3 kernels 9 (3*16 + 16*16 + 16*32 + 32*32 + 32*64 + 64*64) = 71,856; a scale and a bias for each of
    // 2 (16 + 32 + 64) channels: 448; dense 64 * 10 + 10 = 650.
    const network = vgg({ imageShape: [32, 32, 3], classes: 10 });
    assert.equal(parameterCount(network), 71_856 + 448 + 650);
    assert.equal(parameterCount(vgg({ imageShape: [32, 32, 3], classes: 10, batchNorm: false })), 72_954);
    assert.deepEqual(network.taps, ['stage1', 'stage2', 'stage3']);
    assert.equal(network.statistics.length, 12);
  });

  test('weight decay is for convolution and dense weights alone', () => {
    const { parameters } = vgg(small);
    for (const { name, decay } of parameters) assert.equal(decay, name.endsWith('/kernel'), name);
  });

  test('initial weights: a function of the seed, with the right deviation', () => {
    withoutLeak(() => {
      const network = vgg({ imageShape: [32, 32, 3], classes: 10 });
      const a = initialParameters(network, 1);
      const b = initialParameters(network, 1);
      const c = initialParameters(network, 2);
      const name = 'stage3/conv2/kernel';
      assert.deepEqual(a[name]!.dataSync(), b[name]!.dataSync());
      assert.notDeepEqual(a[name]!.dataSync(), c[name]!.dataSync());
      const values = Array.from(a[name]!.dataSync());
      const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
      const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length;
      // He: 2 / (9 * 64); the sample variance of 36,864 normal values strays by sqrt(2/36864) = 0.7 %.
      assertClose([variance], [2 / 576], { relative: 0.04 });
      assertClose([mean], [0], { absolute: (5 * Math.sqrt(2 / 576)) / Math.sqrt(36_864) });
      assertClose(a['stage1/conv1/scale']!.dataSync(), new Array(16).fill(1), { absolute: 0 });
      assertClose(a['dense/bias']!.dataSync(), new Array(10).fill(0), { absolute: 0 });
      tf.dispose([a, b, c].flatMap((p) => tensorsOf(p)));
    });
  });

  for (const batchNorm of [true, false]) {
    test(`shapes, taps and memory, batch norm ${batchNorm}`, () => {
      withoutLeak(() => {
        const network = vgg({ ...small, batchNorm });
        const parameters = initialParameters(network, 1);
        const statistics = initialStatistics(network);
        const x = images(5);
        tf.tidy(() => {
          const output = network.apply(parameters, statistics, x, { training: true });
          assert.deepEqual(output.logits.shape, [5, 3]);
          // Pooled after the first stage, not after the last.
          assert.deepEqual(output.taps['stage1']!.activation.shape, [5, 4, 4, 4]);
          assert.deepEqual(output.taps['stage1']!.preActivation.shape, [5, 8, 8, 4]);
          assert.deepEqual(output.taps['stage2']!.activation.shape, [5, 4, 4, 6]);
          assert.ok(output.taps['stage2']!.activation.min().dataSync()[0]! >= 0);
          assert.ok(output.taps['stage2']!.preActivation.min().dataSync()[0]! < 0);
          assert.deepEqual(
            Object.keys(output.batchStatistics),
            network.statistics.map((s) => s.name),
          );
          tf.dispose(tensorsOf(output.batchStatistics));
        });
        tf.dispose([x, ...tensorsOf([parameters, statistics])]);
      });
    });
  }

  test('with the batch as running statistics, evaluation agrees with training', () => {
    withoutLeak(() => {
      const network = vgg(small);
      const parameters = initialParameters(network, 3);
      const x = images(6);
      tf.tidy(() => {
        const running = initialStatistics(network);
        const training = network.apply(parameters, running, x, { training: true });
        // Training normalises with the biased variance, n / (n - 1) times smaller than the unbiased running one.
        const biased = Object.fromEntries(
          Object.entries(training.batchStatistics).map(([name, value]) => {
            const n = 6 * (name.startsWith('stage1') ? 64 : 16);
            return [name, name.endsWith('variance') ? tf.mul(value, (n - 1) / n) : value];
          }),
        );
        const evaluation = network.apply(parameters, biased, x, { training: false });
        assertClose(evaluation.logits.dataSync(), training.logits.dataSync(), { absolute: 1e-4 });
        tf.dispose(tensorsOf(training.batchStatistics));
      });
      tf.dispose([x, ...tensorsOf(parameters)]);
    });
  });

  test("without batch norm, scale and bias act on the convolution's output", () => {
    withoutLeak(() => {
      tf.tidy(() => {
        const network = vgg({
          widths: [2],
          convolutions: 1,
          batchNorm: false,
          imageShape: [1, 1, 1],
          classes: 2,
        });
        // One pixel of value 3; the kernel's centre is (1, -1); scale (2, 5), bias (0.5, 20).
        const kernel = tf.buffer([3, 3, 1, 2]);
        kernel.set(1, 1, 1, 0, 0);
        kernel.set(-1, 1, 1, 0, 1);
        const parameters = {
          'stage1/conv1/kernel': kernel.toTensor(),
          'stage1/conv1/scale': tf.tensor1d([2, 5]),
          'stage1/conv1/bias': tf.tensor1d([0.5, 20]),
          'dense/kernel': tf.tensor2d([[1, 0], [0, 1]]), // prettier-ignore
          'dense/bias': tf.tensor1d([0, 100]),
        };
        const { logits, taps } = network.apply(parameters, {}, tf.tensor4d([3], [1, 1, 1, 1]), {
          training: true,
        });
        assertClose(taps['stage1']!.preActivation.dataSync(), [6.5, 5], { absolute: 1e-5 });
        assertClose(logits.dataSync(), [6.5, 105], { absolute: 1e-4 });
      });
    });
  });
});
