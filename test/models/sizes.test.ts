/** Images of 28, 32 and 64 pixels a side and any number of channels: every network has its taps, and computes. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import { tf } from '../../src/engine/tf.ts';
import { tensorsOf } from '../../src/engine/index.ts';
import {
  createNetwork,
  initialParameters,
  initialStatistics,
  resnet,
  vgg,
  vgg8b,
  type Network,
} from '../../src/models/index.ts';
import { engineUnderTest, withoutLeak } from '../support/engine.ts';
import { FULL, SMALL } from './all.ts';

const SIZES = [28, 32, 64];
const CHANNELS = [1, 3, 4];

const tapShapes = ({ summary }: Network): Record<string, string> =>
  Object.fromEntries(
    summary
      .filter(({ kind }) => kind === 'tap')
      .map(({ name, outputShape }) => [name, outputShape.join('x')]),
  );

/** Sides of the maps at each stage: halved, with a half pixel counted (`ceil`) or not (`floor`), by hand. */
const STAGES: Readonly<Record<string, Readonly<Record<number, readonly number[]>>>> = {
  'vgg 16-32-64': { 28: [14, 7, 7], 32: [16, 8, 8], 64: [32, 16, 16] },
  'vgg 32-64-128': { 28: [14, 7, 7], 32: [16, 8, 8], 64: [32, 16, 16] },
  plain: { 28: [14, 7, 7], 32: [16, 8, 8], 64: [32, 16, 16] },
  vgg8b: { 28: [28, 14, 14, 7, 3, 1], 32: [32, 16, 16, 8, 4, 2], 64: [64, 32, 32, 16, 8, 4] },
  nin: { 28: [14, 7, 7], 32: [16, 8, 8], 64: [32, 16, 16] },
  resnet20: { 28: [28, 14, 7], 32: [32, 16, 8], 64: [64, 32, 16] },
  resnet110: { 28: [28, 14, 7], 32: [32, 16, 8], 64: [64, 32, 16] },
  'wrn16-4': { 28: [28, 14, 7], 32: [32, 16, 8], 64: [64, 32, 16] },
  'wrn28-10': { 28: [28, 14, 7], 32: [32, 16, 8], 64: [64, 32, 16] },
};

const WIDTHS: Readonly<Record<string, readonly number[]>> = {
  'vgg 16-32-64': [16, 32, 64],
  'vgg 32-64-128': [32, 64, 128],
  plain: [16, 32, 64],
  vgg8b: [128, 256, 256, 512, 512, 512],
  nin: [96, 192, 192],
  resnet20: [16, 32, 64],
  resnet110: [16, 32, 64],
  'wrn16-4': [64, 128, 256],
  'wrn28-10': [160, 320, 640],
};

describe('image sizes and channels', () => {
  before(async () => {
    await engineUnderTest();
  });

  for (const [name, make] of Object.entries(FULL)) {
    test(`${name}: a tap at every stage, and the penultimate layer`, () => {
      for (const size of SIZES) {
        for (const channels of CHANNELS) {
          const network = make({ imageShape: [size, size, channels], classes: 10 });
          const sides = STAGES[name]![size]!;
          const stage = name === 'vgg8b' ? 'conv' : 'stage';
          const stages = sides.map((side, s) => [`${stage}${s + 1}`, `${side}x${side}x${WIDTHS[name]![s]!}`]);
          const last = { vgg8b: '1024', nin: `${sides.at(-1)!}x${sides.at(-1)!}x192` }[name];
          const penultimate = last ?? String(WIDTHS[name]!.at(-1)!);
          assert.deepEqual(tapShapes(network), { ...Object.fromEntries(stages), penultimate });
          assert.deepEqual(network.taps, stages.map(([tap]) => tap)); // prettier-ignore
          assert.deepEqual(network.allTaps, [...network.taps, 'penultimate']);
        }
      }
    });
  }

  for (const [name, make] of Object.entries(SMALL)) {
    test(`${name}: computes what its description says`, () => {
      for (const size of [13, ...SIZES]) {
        if (size < 16 && name === 'vgg8b') continue;
        for (const channels of CHANNELS) {
          const network = make({ imageShape: [size, size, channels], classes: 5 });
          withoutLeak(() => {
            tf.tidy(() => {
              const images = tf.randomNormal<tf.Rank.R4>([2, size, size, channels], 0, 1, 'float32', 1);
              const parameters = initialParameters(network, 1);
              const statistics = initialStatistics(network);
              const seed = tf.tensor1d([1, 2], 'int32');
              for (const training of [true, false]) {
                const output = network.apply(parameters, statistics, images, { training, seed });
                const normalised = training ? network.statistics.map((s) => s.name) : [];
                assert.deepEqual(Object.keys(output.batchStatistics).sort(), [...normalised].sort());
                tf.dispose(tensorsOf(output.batchStatistics));
                assert.deepEqual(output.logits.shape, [2, 5]);
                assert.ok(output.logits.dataSync().every(Number.isFinite));
                const shapes = Object.entries(output.taps).map(([tap, { activation, preActivation }]) => {
                  assert.equal(preActivation.shape[3], activation.shape[3]);
                  assert.ok(activation.min().dataSync()[0]! >= 0, `${tap} is rectified`);
                  const [, height, width, features] = activation.shape;
                  const flat = tapShapes(network)[tap]!.split('x').length === 1;
                  return [tap, flat ? String(features) : `${height}x${width}x${features}`];
                });
                assert.deepEqual(Object.fromEntries(shapes), tapShapes(network));
              }
            });
          });
        }
      }
    });
  }

  test('the shortcut of a block, by hand: rows and columns have strides of their own', () => {
    const network = createNetwork({
      ...{ name: 'mine', imageShape: [1, 5, 1], classes: 2 },
      layers: [
        {
          kind: 'residual',
          name: 'block',
          body: [{ kind: 'convolution', name: 'conv', size: 1, stride: 2, channels: 2, then: 'nothing' }],
        },
        { kind: 'tap', name: 'sum' },
        { kind: 'globalAverage' },
        { kind: 'dense', name: 'dense', units: 2 },
      ],
    });
    withoutLeak(() => {
      tf.tidy(() => {
        // A body of zeros: what is left is the shortcut, columns 1, 3 and 5 and one channel of zeros behind.
        const parameters = Object.fromEntries(
          network.parameters.map((p) => [p.name, tf.zeros([...p.shape])]),
        );
        const images = tf.tensor4d([1, 2, 3, 4, 5], [1, 1, 5, 1]);
        const { taps } = network.apply(parameters, {}, images, { training: false });
        assert.deepEqual(taps['sum']!.activation.shape, [1, 1, 3, 2]);
        assert.deepEqual([...taps['sum']!.activation.dataSync()], [1, 0, 3, 0, 5, 0]);
      });
    });
    for (const imageShape of [
      [2, 8, 3],
      [9, 1, 3],
    ] as const) {
      const small = resnet({ depth: 8, widths: [4, 4, 4], imageShape, classes: 2 });
      withoutLeak(() => {
        tf.tidy(() => {
          const images = tf.zeros<tf.Rank.R4>([2, ...imageShape]);
          const parameters = initialParameters(small, 1);
          const { logits } = small.apply(parameters, initialStatistics(small), images, { training: false });
          assert.deepEqual(logits.shape, [2, 2]);
        });
      });
    }
  });

  test('a tap within a residual block is one of the network, too', () => {
    const tap = { kind: 'tap', name: 'inside' } as const;
    const body = [{ kind: 'convolution', name: 'conv', size: 3, channels: 2 }, tap] as const;
    const network = createNetwork({
      ...{ name: 'mine', imageShape: [4, 4, 2], classes: 2 },
      layers: [
        { kind: 'residual', name: 'block', body },
        { kind: 'globalAverage' },
        { kind: 'dense', name: 'dense', units: 2 },
      ],
    });
    assert.deepEqual(network.allTaps, ['inside']);
  });

  test('what leaves nothing of an image is refused, with the layer and what is right', () => {
    const on = (size: number, channels = 3) => ({ imageShape: [size, size, channels], classes: 10 }) as const;
    assert.throws(() => vgg8b(on(15)), /vgg8b needs images of 16 x 16 or more, not 15 x 15/);
    assert.deepEqual(tapShapes(vgg8b(on(16)))['conv6'], '1x1x512');
    assert.throws(
      () => vgg(on(8, 0)),
      /columns and channels of an image are whole numbers from 1, not 8 x 8 x 0/,
    );
    assert.throws(
      () => vgg({ ...on(8), widths: [4, 2.5] }),
      /stage2\/conv1 makes 4 x 4 x 2.5 of 4 x 4 x 4: sizes have to be whole numbers from 1/,
    );
    assert.throws(() => vgg({ ...on(8), widths: [] }), /a network has one stage or more/);
    assert.throws(() => vgg({ ...on(8), convolutions: 0 }), /a stage has one or more, not 0/);
    const pool = { kind: 'maxPool', size: 3, stride: 1, padding: 'valid' } as const;
    assert.throws(
      () => createNetwork({ name: 'mine', ...on(2), layers: [pool] }),
      /maxPool makes 0 x 0 x 3 of 2 x 2 x 3/,
    );
  });
});
