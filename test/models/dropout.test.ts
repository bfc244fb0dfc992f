/** Dropout as a layer: what it does to a batch, where it stands in the networks, and what it needs. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import { tf } from '../../src/engine/tf.ts';
import { graphFunction, tensorsOf } from '../../src/engine/index.ts';
import {
  createNetwork,
  initialParameters,
  initialStatistics,
  networkInNetwork,
  vgg8b,
  wideResnet,
  type Layer,
  type Network,
} from '../../src/models/index.ts';
import { assertClose, engineUnderTest, withoutLeak } from '../support/engine.ts';

const seedOf = (value: number): tf.Tensor1D => tf.tensor1d([value, 7], 'int32');

/** Layers between the image and a tap `seen`, with a classifier behind them. */
const tapped = (layers: readonly Layer[], imageShape: readonly [number, number, number]): Network =>
  createNetwork({
    ...{ name: 'tapped', imageShape, classes: 2 },
    layers: [
      ...layers,
      { kind: 'tap', name: 'seen' },
      { kind: 'globalAverage' },
      { kind: 'dense', name: 'dense', units: 2 },
    ],
  });

/** What the tap `seen` gives for images of ones. */
function seen(network: Network, seed: number, batch = 4): number[] {
  return tf.tidy(() => {
    const { taps } = network.apply(
      initialParameters(network, 1),
      {},
      tf.ones([batch, ...network.imageShape]),
      {
        ...{ training: true, seed: seedOf(seed) },
      },
    );
    return Array.from(taps['seen']!.activation.dataSync());
  });
}

describe('dropout', () => {
  before(async () => {
    await engineUnderTest();
  });

  test('a share of the values becomes 0, the others grow so that the mean stays', () => {
    withoutLeak(() => {
      const network = tapped([{ kind: 'dropout', rate: 0.25 }], [16, 16, 8]);
      const values = seen(network, 3, 8);
      assert.deepEqual(new Set(values), new Set([0, Math.fround(4 / 3)]));
      // 16,384 values: the share strays by sqrt(0.25 * 0.75 / 16384) = 0.34 %.
      const dropped = values.filter((v) => v === 0).length / values.length;
      assertClose([dropped], [0.25], { absolute: 0.017 });
    });
  });

  test('whole maps are dropped, each image and channel on its own', () => {
    withoutLeak(() => {
      const network = tapped([{ kind: 'dropout', rate: 0.5, wholeMaps: true }], [3, 3, 16]);
      const values = seen(network, 5, 4);
      const maps = Array.from({ length: 4 * 16 }, (_, i) =>
        Array.from({ length: 9 }, (_, p) => values[(Math.floor(i / 16) * 9 + p) * 16 + (i % 16)]!),
      );
      for (const map of maps) assert.equal(new Set(map).size, 1, String(map));
      const kinds = maps.map(([first]) => first!);
      assert.deepEqual(new Set(kinds), new Set([0, 2]));
      assert.notDeepEqual(kinds.slice(0, 16), kinds.slice(16, 32), 'another image, other maps');
    });
  });

  test('each dropout of a network draws its own numbers, those within blocks included', () => {
    withoutLeak(() => {
      const drop = { kind: 'dropout', rate: 0.5 } as const;
      const block = { kind: 'residual', name: 'block', before: [drop], body: [drop] } as const;
      // 1 + 4 where both keep a value: of 1,024 a quarter, with a deviation of 1.4 %; were both the same, a half.
      const values = seen(tapped([block], [8, 8, 4]), 1);
      assert.deepEqual(new Set(values), new Set([1, 5]));
      assertClose([values.filter((v) => v === 5).length / values.length], [0.25], { absolute: 0.06 });
    });
  });

  const NETWORKS: Readonly<Record<string, (dropout: number) => Network>> = {
    nin: (dropout) =>
      networkInNetwork({ imageShape: [8, 8, 3], classes: 3, widthFactor: 1 / 50, batchNorm: true, dropout }),
    vgg8b: (dropout) => vgg8b({ imageShape: [16, 16, 3], classes: 3, widthFactor: 1 / 64, dropout }),
    wrn: (dropout) => wideResnet({ imageShape: [8, 8, 3], classes: 3, depth: 10, widen: 1 / 4, dropout }),
  };
  for (const [name, make] of Object.entries(NETWORKS)) {
    test(`${name}: a function of the seed in training, nothing in evaluation; a graph draws anew in each call`, () => {
      withoutLeak(() => {
        const network = make(0.5);
        assert.equal(network.stochastic, true);
        assert.equal(make(0).stochastic, false);
        const parameters = initialParameters(network, 1);
        const statistics = initialStatistics(network);
        const images = tf.randomNormal<tf.Rank.R4>([3, ...network.imageShape], 0, 1, 'float32', 1);
        const logits = (options: Parameters<Network['apply']>[3], of = network) =>
          tf.tidy(() => {
            const output = of.apply(parameters, statistics, images, options);
            tf.dispose(tensorsOf(output.batchStatistics));
            return Array.from(output.logits.dataSync());
          });
        const seeds = [seedOf(1), seedOf(2)] as const;
        const [first, second] = seeds.map((seed) => logits({ training: true, seed })) as [number[], number[]];
        assert.deepEqual(logits({ training: true, seed: seeds[0] }), first);
        assert.notDeepEqual(first, second);
        const plain = logits({ training: false });
        assert.deepEqual(logits({ training: false, seed: seeds[0] }), plain);
        assert.deepEqual(logits({ training: false }, make(0)), plain);
        assert.throws(() => logits({ training: true }), /network with dropout needs a seed in training/);

        const graph = graphFunction((x: tf.Tensor4D, seed: tf.Tensor1D) => {
          const output = network.apply(parameters, statistics, x, { training: true, seed });
          tf.dispose(tensorsOf(output.batchStatistics));
          return output.logits;
        });
        for (const [i, expected] of [first, second].entries()) {
          const actual = graph(images, seeds[i]!);
          assertClose(actual.dataSync(), expected, { absolute: 1e-4 });
          actual.dispose();
        }
        graph.dispose();
        tf.dispose([...tensorsOf([parameters, statistics]), images, ...seeds]);
      });
    });
  }

  test('the taps see what is not dropped yet', () => {
    withoutLeak(() => {
      tf.tidy(() => {
        const network = networkInNetwork({ imageShape: [8, 8, 3], classes: 3, widthFactor: 1 / 50 });
        const parameters = initialParameters(network, 1);
        const images = tf.randomNormal<tf.Rank.R4>([2, 8, 8, 3], 0, 1, 'float32', 1);
        const stage1 = (options: Parameters<Network['apply']>[3]) =>
          network.apply(parameters, {}, images, options).taps['stage1']!.activation.dataSync();
        assert.deepEqual(stage1({ training: true, seed: seedOf(1) }), stage1({ training: false }));
      });
    });
  });

  test('a rate that is none is refused, and whole maps where there are no maps', () => {
    for (const rate of [1, -0.1, NaN]) {
      const make = () => tapped([{ kind: 'dropout', rate }], [2, 2, 1]);
      assert.throws(make, new RegExp(`rate of a dropout is from 0 to below 1, not ${rate}`));
    }
    const layers = [{ kind: 'flatten' }, { kind: 'dropout', rate: 0.5, wholeMaps: true }] as const;
    assert.throws(() => tapped(layers, [2, 2, 1]), /dropout needs feature maps, not 4 features/);
  });
});
