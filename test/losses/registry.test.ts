/** What is said of the losses of layers is what they are. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { before, describe, test } from 'node:test';

import { tf } from '../../src/engine/tf.ts';
import { createStream } from '../../src/engine/index.ts';
import {
  classPairs,
  deepSupervisionLoss,
  defaultsOf,
  findLayerLoss,
  layerLosses,
  type LayerLossInput,
} from '../../src/losses/index.ts';
import { assertClose, engineUnderTest, withoutLeak } from '../support/engine.ts';

const CLASSES = 3;
const DIM = 5;

/** Text of all docstrings, a space where lines and stars were. */
const folder = new URL('../../src/losses/', import.meta.url);
const words = (text: string) => text.replaceAll(/\s*\n\s*\*? ?|\s+/g, ' ');
const DOCSTRINGS = readdirSync(folder)
  .flatMap((file) => readFileSync(new URL(file, folder), 'utf8').match(/\/\*\*[^]*?\*\//g) ?? [])
  .map(words);

function inputOf(loss: ReturnType<typeof findLayerLoss>, options: object, size = 12): LayerLossInput {
  const random = createStream(1, 'features');
  const rows = Array.from({ length: size }, () => Array.from({ length: DIM }, () => random.normal()));
  const labels = tf.tensor1d(rows.map((_, i) => i % CLASSES), 'int32'); // prettier-ignore
  return {
    features: tf.tensor2d(rows, [size, DIM]),
    labels,
    pairs: classPairs(labels),
    classes: CLASSES,
    state: loss.state?.init(createStream(2, 'state'), { classes: CLASSES, dim: DIM }, options) ?? {},
  };
}

describe('losses of layers', () => {
  before(async () => {
    await engineUnderTest();
  });

  test('an unknown name gives the nearest and the list', () => {
    assert.throws(
      () => findLayerLoss('supervisedContrastiv'),
      /There is no loss of a layer 'supervisedContrastiv'\. Did you mean 'supervisedContrastive'\? Known: msl, contrastive, /,
    );
  });

  test('first centers and heads are rows of about unit length, whatever the features', () => {
    tf.tidy(() => {
      for (const dim of [16, 1024]) {
        const first = (loss: ReturnType<typeof findLayerLoss>) =>
          loss.state!.init(createStream(3, 'state'), { classes: 64, dim }, defaultsOf(loss));
        const squares = (x: tf.Tensor) => tf.sum(tf.square(x)).dataSync()[0]!;
        // A sum of at least 1024 squares over its mean is 1 with a deviation of sqrt(2 / 1024), 0.04.
        assertClose([squares(first(findLayerLoss('center'))['centers']!) / 64], [1], { absolute: 0.15 });
        assertClose([squares(first(findLayerLoss('deepSupervision'))['kernel']!) / 64], [1], {
          absolute: 0.15,
        });
      }
    });
  });

  test('deep supervision, by hand', () => {
    // Features (1, 2), kernel columns (1, 0) and (0, 1), bias (0, ln 3 - 1): logits (1, 1 + ln 3), softmax (1/4, 3/4).
    withoutLeak(() => {
      tf.tidy(() => {
        const head = { kernel: tf.tensor2d([[1, 0], [0, 1]]), bias: tf.tensor1d([0, Math.log(3) - 1]) }; // prettier-ignore
        const labels = tf.tensor1d([0], 'int32');
        const loss = (x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor) =>
          deepSupervisionLoss(x as tf.Tensor2D, labels, {
            kernel: kernel as tf.Tensor2D,
            bias: bias as tf.Tensor1D,
          }).total;
        const { value, grads } = tf.valueAndGrads(loss)([tf.tensor2d([[1, 2]]), head.kernel, head.bias]);
        assertClose(value.dataSync(), [Math.log(4)], { relative: 1e-6 });
        // softmax - target = (-3/4, 3/4): by the features times the kernel, by the kernel the features times it.
        assertClose(grads[0]!.dataSync(), [-0.75, 0.75], { absolute: 1e-6 });
        assertClose(grads[1]!.dataSync(), [-0.75, 0.75, -1.5, 1.5], { absolute: 1e-6 });
        assertClose(grads[2]!.dataSync(), [-0.75, 0.75], { absolute: 1e-6 });
      });
    });
  });

  for (const loss of layerLosses()) {
    describe(loss.name, () => {
      test('its formula and its source are those of a docstring', () => {
        const formula = loss.formula.split('\n').map(words);
        const found = DOCSTRINGS.filter((text) => formula.every((line) => text.includes(line)));
        assert.equal(found.length, 1, loss.formula);
        // Pages and equations may follow in the docstring.
        assert.ok(found[0]!.includes(words(loss.source)), loss.source);
        assert.match(loss.source, /"[^"]+", .*\d{4}/, 'title and year');
      });

      test('its parts and defaults are those of its function', () => {
        withoutLeak(() => {
          tf.tidy(() => {
            const input = inputOf(loss, defaultsOf(loss));
            const plain = loss.evaluate(input, {});
            const spelled = loss.evaluate(input, defaultsOf(loss));
            assert.deepEqual(Object.keys(plain.parts), loss.parts);
            assert.deepEqual(plain.total.dataSync(), spelled.total.dataSync());
            const updated = loss.state?.update?.(input, {}) ?? {};
            for (const [name, tensor] of Object.entries(
              loss.state?.update?.(input, defaultsOf(loss)) ?? {},
            )) {
              assert.deepEqual(tensor.dataSync(), updated[name]!.dataSync());
            }
          });
        });
      });

      test('its state is a function of its stream, and is all trained or updated', () => {
        const { state } = loss;
        if (state === undefined) return;
        withoutLeak(() => {
          tf.tidy(() => {
            const shape = { classes: CLASSES, dim: DIM };
            const of = (seed: number) =>
              Object.values(state.init(createStream(seed, 'x'), shape, defaultsOf(loss))).flatMap((t) => [
                ...t.dataSync(),
              ]);
            assert.deepEqual(of(1), of(1));
            assert.notDeepEqual(of(1), of(2));
            const input = inputOf(loss, defaultsOf(loss));
            const changing = [
              ...Object.keys(state.trained ?? {}),
              ...Object.keys(state.update?.(input, defaultsOf(loss)) ?? {}),
            ];
            assert.deepEqual(changing, Object.keys(input.state));
          });
        });
      });

      test('a step of its centers is in proportion to their rate', () => {
        const { state } = loss;
        if (state?.update === undefined) return;
        withoutLeak(() => {
          tf.tidy(() => {
            const moved = (centerRate: number): number[] => {
              const options = { ...defaultsOf(loss), centerRate };
              const input = inputOf(loss, options);
              const after = state.update!(input, options)['centers']!;
              return [...tf.sub(after, input.state['centers']!).dataSync()];
            };
            const whole = moved(0.4);
            assert.ok(Math.max(...whole.map(Math.abs)) > 0.01);
            assertClose(moved(0.1), whole.map((x) => x / 4), { absolute: 1e-5 }); // prettier-ignore
          });
        });
      });

      test('steps of its centers grow small, and lower it', () => {
        const { state } = loss;
        if (state?.update === undefined) return;
        withoutLeak(() => {
          tf.tidy(() => {
            // At a small rate: at their own, the island loss's centers circle around where they would rest.
            const options = { ...defaultsOf(loss), centerRate: 0.05 };
            const input = inputOf(loss, options);
            let now = input;
            const step = () => {
              now = { ...now, state: state.update!(now, options) };
            };
            for (let i = 0; i < 200; i++) step();
            const rest = now.state['centers']!.dataSync();
            step();
            assertClose(now.state['centers']!.dataSync(), rest, { absolute: 5e-3 });
            const [before] = loss.evaluate(input, options).total.dataSync();
            const [after] = loss.evaluate(now, options).total.dataSync();
            assert.ok(after! < before!, `${after} after ${before}`);
          });
        });
      });

      test('an empty batch has value 0, and leaves the state finite', () => {
        withoutLeak(() => {
          tf.tidy(() => {
            const input = inputOf(loss, defaultsOf(loss), 0);
            const { total, parts } = loss.evaluate(input, defaultsOf(loss));
            // The centers' own part has a value without samples.
            const ofSamples = loss.name === 'island' ? parts['attraction']! : total;
            assertClose(ofSamples.dataSync(), [0], {});
            const updated = loss.state?.update?.(input, defaultsOf(loss)) ?? {};
            for (const tensor of Object.values(updated)) assert.ok(tensor.dataSync().every(Number.isFinite));
          });
        });
      });
    });
  }
});
