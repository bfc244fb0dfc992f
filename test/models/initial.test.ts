/** Initial weights: their statistics by the papers' formulas, and the same weights from the same seed on every engine. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import { tf } from '../../src/engine/tf.ts';
import { createStream, tensorsOf } from '../../src/engine/index.ts';
import { initialParameters, initialStatistics, vgg } from '../../src/models/index.ts';
import { assertClose, engineUnderTest, withoutLeak } from '../support/engine.ts';
import { FULL } from './all.ts';

const ON = { imageShape: [32, 32, 3], classes: 10 } as const;
/** Deviations of a sample's moments that pass: some 400 kernels are looked at, of which none is to fail by chance. */
const SIGMAS = 5;

/** Convolutions and hidden layers by He et al., 2 / fan-in; the dense classifier by LeCun et al., 1 / fan-in. */
const gain = (name: string) => (name === 'dense/kernel' ? 1 : 2);

describe('initial weights', () => {
  before(async () => {
    await engineUnderTest();
  });

  for (const [name, make] of Object.entries(FULL)) {
    // 36 million normal numbers take a while, and are drawn as those of its small sister.
    if (name === 'wrn28-10') continue;
    test(`${name}: variance 2 / fan-in and mean 0, scales 1, biases 0`, () => {
      withoutLeak(() => {
        const network = make(ON);
        const parameters = initialParameters(network, 3);
        const statistics = initialStatistics(network);
        for (const { name: parameter, shape } of network.parameters) {
          const values = parameters[parameter]!.dataSync<'float32'>();
          if (!parameter.endsWith('/kernel')) {
            assert.ok(values.every((v) => v === (parameter.endsWith('/scale') ? 1 : 0)), parameter); // prettier-ignore
            continue;
          }
          const fanIn = shape.slice(0, -1).reduce((a, b) => a * b);
          const variance = gain(parameter) / fanIn;
          const n = values.length;
          const mean = values.reduce((sum, v) => sum + v, 0) / n;
          const second = values.reduce((sum, v) => sum + v * v, 0) / n;
          assertClose([mean], [0], { absolute: SIGMAS * Math.sqrt(variance / n) }, `mean of ${parameter}`);
          // The mean of n squares of normal numbers strays by sqrt(2 / n) of it.
          assertClose(
            [second],
            [variance],
            { relative: SIGMAS * Math.sqrt(2 / n) },
            `variance of ${parameter}`,
          );
        }
        for (const { name: statistic } of network.statistics) {
          const expected = statistic.endsWith('/variance') ? 1 : 0;
          assert.ok(
            statistics[statistic]!.dataSync().every((v) => v === expected),
            statistic,
          );
        }
        tf.dispose(tensorsOf([parameters, statistics]));
      });
    });
  }

  test('without batch norm the signal keeps its size from layer to layer', () => {
    withoutLeak(() => {
      tf.tidy(() => {
        const network = vgg({ ...ON, widths: [32, 64, 128], batchNorm: false });
        const images = tf.randomNormal<tf.Rank.R4>([16, 32, 32, 3], 0, 1, 'float32', 1);
        const { taps } = network.apply(initialParameters(network, 1), {}, images, { training: true });
        // He et al.: the second moment stays. Max-pooling raises it, the images' edges lower it: a factor of 4, not 2^6.
        for (const tap of network.taps) {
          const [moment] = tf.mean(tf.square(taps[tap]!.preActivation)).dataSync();
          assert.ok(moment! > 1 && moment! < 16, `${tap}: ${moment}`);
        }
      });
    });
  });

  test('the same seed gives the same weights on every engine, bit by bit', () => {
    withoutLeak(() => {
      const network = vgg(ON);
      const parameters = initialParameters(network, 7);
      for (const { name, shape } of network.parameters) {
        if (!name.endsWith('/kernel')) continue;
        // What the host draws, with no engine at all.
        const stream = createStream(7, 'init', name);
        const deviation = Math.sqrt(gain(name) / shape.slice(0, -1).reduce((a, b) => a * b));
        const size = shape.reduce((a, b) => a * b);
        const expected = Float32Array.from({ length: size }, () => stream.normal() * deviation);
        assert.deepEqual(parameters[name]!.dataSync(), expected, name);
      }
      // And what it has always been: the first weights of seed 7.
      const first = [...parameters['stage1/conv1/kernel']!.dataSync().slice(0, 4)];
      assertClose(first, FIRST, { absolute: 1e-7 });
      tf.dispose(tensorsOf(parameters));
    });
  });
});

const FIRST = [-0.43361634, -0.52615392, -0.06731503, 0.27227136];
