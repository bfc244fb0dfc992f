/** Every network: counts by published numbers, outputs, taps and gradients by PyTorch. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { before, describe, test } from 'node:test';

import { tf } from '../../src/engine/tf.ts';
import { tensorsOf } from '../../src/engine/index.ts';
import {
  createNetwork,
  multiplyAdds,
  networkInNetwork,
  parameterCount,
  resnet,
  vgg,
  vgg8b,
  wideResnet,
  type Layer,
  type Network,
} from '../../src/models/index.ts';
import { assertClose, engineUnderTest, withoutLeak } from '../support/engine.ts';

interface Expected {
  readonly order: Readonly<Record<string, number[]>>;
  readonly logits: number[][];
  readonly taps: Readonly<Record<string, [activation: number, preActivation: number]>>;
  readonly scalar: number;
  readonly gradients: Readonly<Record<string, [length: number, product: number]>>;
}

const FIXTURES = JSON.parse(
  fs.readFileSync(new URL('../fixtures/models/networks.json', import.meta.url), 'utf8'),
) as Record<string, Expected>;

const on = (size: number, classes = 10, channels = 3) =>
  ({ imageShape: [size, size, channels], classes }) as const;

/** The small networks of test/fixtures/models/make.py. */
const SMALL: Readonly<Record<string, Network>> = {
  resnet: resnet({ ...on(8, 3), depth: 8, widths: [2, 3, 5] }),
  wideResnet: wideResnet({ ...on(8, 3), depth: 16, widen: 1 / 8 }),
  nin: networkInNetwork({ ...on(8, 3), widthFactor: 1 / 100, dropout: 0 }),
  vgg8b: vgg8b({ ...on(16, 3), widthFactor: 1 / 64, dropout: 0 }),
};

/** As in make.py. */
function wave(shape: readonly number[], phase: number, scale: number, offset = 0): tf.Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, (_, i) => scale * Math.sin(1.7 * i + phase) + offset),
    [...shape],
  );
}

function parameterWave(name: string, shape: readonly number[], index: number): tf.Tensor {
  const fanIn = shape.slice(0, -1).reduce((a, b) => a * b, 1);
  const scale = name.endsWith('kernel') ? Math.sqrt(2 / fanIn) * 1.4 : 0.3;
  return wave(shape, index, scale, name.endsWith('scale') ? 1 : 0);
}

describe('networks', () => {
  before(async () => {
    await engineUnderTest();
  });

  // ResNets: He et al. give 0.27 and 1.7 million; the counts to the unit, and multiply-adds, are those that public
  // implementations print. NIN: the sum over its configuration's layers by hand. WRN: Zagoruyko and Komodakis give 2.7 and
  // 36.5 million; to the unit again by public implementations. VGG8B: Nøkland and Eidnes give 7.3 million for MNIST;
  // to the unit by hand.
  const COUNTS: [network: Network, parameters: number, multiplyAdds: number][] = [
    [resnet(on(32)), 269_722, 40_551_040],
    [resnet({ ...on(32), depth: 110 }), 1_727_962, 252_887_680],
    [wideResnet(on(32)), 2_748_890, 392_612_352],
    [wideResnet({ ...on(32), depth: 28, widen: 10 }), 36_479_194, 5_243_328_768],
    [networkInNetwork(on(32)), 966_986, 222_486_528],
    [vgg8b(on(28, 10, 1)), 7_325_066, 716_304_384],
  ];
  for (const [network, parameters, cost] of COUNTS) {
    test(`${network.name} has its number of parameters and multiply-adds`, () => {
      assert.equal(parameterCount(network), parameters);
      assert.equal(multiplyAdds(network), cost);
    });
  }

  test('receptive fields, by hand', () => {
    const fields = ({ summary }: Network) =>
      summary.filter(({ kind }) => kind === 'tap').map(({ receptiveField }) => receptiveField);
    // Two 3x3 convolutions see 5, the pooling 6, at twice the step two more 14, pooling 16; at four times 32; all: + 7 * 4.
    assert.deepEqual(fields(vgg(on(32))), [6, 16, 32, 60]);
    // One and six 3x3 convolutions: 15. The first of the next stage adds 2, then 5 of twice the step: 37, and so on.
    assert.deepEqual(fields(resnet(on(32))), [15, 37, 81, 109]);
  });

  for (const [name, expected] of Object.entries(FIXTURES)) {
    const network = SMALL[name]!;
    const size = network.imageShape[0];

    test(`${name}: outputs, taps and gradients are PyTorch's`, () => {
      withoutLeak(() => {
        tf.tidy(() => {
          assert.deepEqual(
            Object.fromEntries(network.parameters.map((p) => [p.name, p.shape])),
            Object.fromEntries(Object.entries(expected.order)),
          );
          const names = Object.keys(expected.order);
          const values = names.map((n, i) => parameterWave(n, expected.order[n]!, i));
          const images = wave([3, size, size, 3], 0.5, 1) as tf.Tensor4D;
          let output: ReturnType<Network['apply']> | undefined;
          const scalar = (...given: tf.Tensor[]): tf.Scalar => {
            const parameters = Object.fromEntries(names.map((n, i) => [n, given[i]!]));
            output = network.apply(parameters, {}, images, { training: true });
            const { logits, taps } = output;
            const sides = Object.values(taps).flatMap(({ activation, preActivation }) => [
              sideOf(activation, 0.1),
              sideOf(preActivation, 0.2),
            ]);
            const first: tf.Scalar = tf.sum(tf.mul(logits, wave(logits.shape, 0.3, 1)));
            return sides.reduce<tf.Scalar>((sum, side) => tf.add(sum, tf.div(side, 7)), first);
          };
          const { value, grads } = tf.valueAndGrads(scalar)(values);
          const { taps, batchStatistics } = output!;
          tf.dispose(tensorsOf(batchStatistics));
          assertClose([value.dataSync()[0]!], [expected.scalar], { relative: 1e-4, absolute: 1e-4 });
          assert.deepEqual(Object.keys(taps), Object.keys(expected.taps));
          for (const [i, n] of names.entries()) {
            const g = grads[i]!;
            const [length, product] = expected.gradients[n]!;
            assertClose([tf.norm(g).dataSync()[0]!], [length], { relative: 1e-4, absolute: 1e-5 }, n);
            const actual = tf.sum(tf.mul(g, wave(g.shape, 0.7, 1))).dataSync()[0]!;
            assertClose([actual], [product], { absolute: 1e-4 * Math.max(length, 0.1) }, n);
          }
          // Outputs and taps on their own, which the gradient's function has disposed of.
          const parameters = Object.fromEntries(names.map((n, i) => [n, values[i]!]));
          const again = network.apply(parameters, {}, images, { training: true });
          tf.dispose(tensorsOf(again.batchStatistics));
          assertClose(again.logits.dataSync(), expected.logits.flat(), { relative: 1e-4, absolute: 1e-5 });
          for (const [tap, [activation, preActivation]] of Object.entries(expected.taps)) {
            const { activation: a, preActivation: p } = again.taps[tap]!;
            const sides = [sideOf(a, 0.1), sideOf(p, 0.2)].map((side) => side.dataSync()[0]!);
            assertClose(sides, [activation, preActivation], { relative: 1e-4, absolute: 1e-4 }, tap);
          }
        });
      });
    });
  }

  test('what does not fit is refused by name', () => {
    assert.throws(() => resnet({ ...on(32), depth: 21 }), /depth of 6 n \+ 2, not 21/);
    assert.throws(() => wideResnet({ ...on(32), depth: 20 }), /depth of 6 n \+ 4, not 20/);
    const given = { name: 'mine', ...on(8) };
    const dense = { kind: 'dense', name: 'dense', units: 10 } as const;
    assert.throws(
      () => createNetwork({ ...given, layers: [dense] }),
      /dense needs flattened or averaged features/,
    );
    assert.throws(
      () => createNetwork({ ...given, layers: [{ kind: 'flatten' }] }),
      /gives 192 values, not 10 classes/,
    );
    const twice = [{ kind: 'flatten' }, dense, dense] as const;
    assert.throws(() => createNetwork({ ...given, layers: twice }), /two layers are called dense\/kernel/);
    const body = [{ kind: 'convolution', name: 'a', size: 3, channels: 4 }] as const;
    const projection = { kind: 'convolution', name: 'b', size: 1, channels: 5 } as const;
    assert.throws(
      () => createNetwork({ ...given, layers: [{ kind: 'residual', name: 'block', body, projection }] }),
      /block: the body gives 8 x 8 x 4, the projection 8 x 8 x 5/,
    );
    assert.throws(
      () => resnet({ ...on(16), depth: 8, widths: [32, 16, 8] }),
      /stage2\/block1: without a projection a block cannot make 8 x 8 x 16 of 16 x 16 x 32.*never takes any away/,
    );
    const wider = [{ kind: 'averagePool', size: 2, stride: 1, padding: 'valid' }] as const;
    assert.throws(
      () => createNetwork({ ...given, layers: [{ kind: 'residual', name: 'block', body: wider }] }),
      /block: without a projection a block cannot make 7 x 7 x 3 of 8 x 8 x 3/,
    );
  });

  test('a layer that is none, as in a file that nothing checked, is refused by its name', () => {
    const refused = (layer: object, message: RegExp) => {
      const layers = [layer, { kind: 'flatten' }, { kind: 'dense', name: 'dense', units: 10 }] as Layer[];
      assert.throws(() => createNetwork({ name: 'mine', ...on(8), layers }), { name: 'RangeError', message });
    };
    const convolution = { kind: 'convolution', name: 'conv', size: 3, channels: 4 };
    refused(
      { kind: 'maxpool' },
      /^There is no kind of layer 'maxpool'\. Did you mean 'maxPool'\? Known: convolution, /,
    );
    refused({ kind: 'toString' }, /^There is no kind of layer 'toString'/);
    refused(
      { ...convolution, strides: 2 },
      /^convolution 'conv': There is no field 'strides'\. Did you mean 'stride'\? Known: kind, name, size, stride, channels, then\.$/,
    );
    refused({ kind: 'maxPool', size: 2 }, /^maxPool needs 'stride', a number; it is missing$/);
    refused({ ...convolution, channels: '4' }, /^convolution 'conv' needs 'channels', a number; it is "4"$/);
    refused(
      { kind: 'residual', name: 'block' },
      /^residual 'block' needs 'body', a list of layers; it is missing$/,
    );
    const inner = { kind: 'residual', name: 'block', body: [{ kind: 'relu' }] };
    refused(inner, /^There is no kind of layer 'relu'/);
  });
});

/** As in make.py: a tap of averages counts as a matrix there, with the same values in the same order. */
const sideOf = (x: tf.Tensor, phase: number): tf.Scalar => tf.sum(tf.mul(x, wave(x.shape, phase, 1)));
