import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { splitValidation, stratifiedSample, subset } from '../../src/data/splits.ts';
import { classCounts } from '../../src/data/statistics.ts';
import { createStream } from '../../src/engine/random.ts';

const CLASSES = ['a', 'b', 'c'];
/** 50 of a, 30 of b, 20 of c, mixed. */
const labels = Uint8Array.from({ length: 100 }, (_, i) => (i % 10 < 5 ? 0 : i % 10 < 8 ? 1 : 2));
const set = { labels, classes: CLASSES };
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const stream = (seed = 1): ReturnType<typeof createStream> => createStream(seed, 'split');
const countsOf = (indices: Uint32Array): number[] =>
  classCounts({ labels: Uint8Array.from(indices, (i) => labels[i]!), classes: CLASSES });

describe('splitting off validation images', () => {
  it('gives each class its share', () => {
    const { train, validation } = splitValidation(set, { validation: 10, train: 40, stream: stream() });
    assert.deepEqual(countsOf(validation), [5, 3, 2]);
    // Of the 90 left, 45, 27 and 18: shares of 40 are 20, 12 and 8.
    assert.deepEqual(countsOf(train), [20, 12, 8]);
  });

  it('gives what cannot be shared evenly to the largest remainders', () => {
    // Shares of 7: 3.5, 2.1 and 1.4: 3, 2, 1 and the missing one to a.
    const { validation } = splitValidation(set, { validation: 7, stream: stream() });
    assert.deepEqual(countsOf(validation), [4, 2, 1]);
  });

  it('shares no image and, without a number, leaves none out', () => {
    const { train, validation } = splitValidation(set, { validation: 33, stream: stream() });
    assert.deepEqual(
      [...train, ...validation].sort((a, b) => a - b),
      Array.from({ length: 100 }, (_, i) => i),
    );
  });

  it('is the same for the same stream and another for another seed', () => {
    const split = (seed: number): ReturnType<typeof splitValidation> =>
      splitValidation(set, { validation: 20, train: 40, stream: stream(seed) });
    assert.deepEqual(split(1), split(1));
    assert.notDeepEqual(split(1).validation, split(2).validation);
  });

  it('keeps the validation images when the training set grows, and the smaller training set in the larger', () => {
    const small = splitValidation(set, { validation: 20, train: 20, stream: stream() });
    const large = splitValidation(set, { validation: 20, train: 60, stream: stream() });
    assert.deepEqual(small.validation, large.validation);
    assert.ok(small.train.every((index) => large.train.includes(index)));
  });

  it('does not take the first images of each class', () => {
    const { validation } = splitValidation(set, { validation: 10, stream: stream() });
    assert.ok(Math.max(...validation) > 30);
  });

  it('keeps blocks of neighbours together', () => {
    const split = (seed: number, train?: number): ReturnType<typeof splitValidation> =>
      splitValidation(set, { validation: 25, train, stream: stream(seed), blockSize: 10 });
    const { train, validation } = split(1);
    assert.equal(validation.length, 25);
    const blocks = new Map<number, number>();
    for (const index of validation)
      blocks.set(Math.floor(index / 10), (blocks.get(Math.floor(index / 10)) ?? 0) + 1);
    assert.deepEqual([...blocks.values()].sort(), [10, 10, 5].sort());
    // No neighbour of a validation image is trained on: the rest of the third block is in neither part.
    assert.ok(train.every((index) => !blocks.has(Math.floor(index / 10))));
    assert.equal(train.length, 70);
    assert.deepEqual(split(1), { train, validation });
    assert.notDeepEqual(split(2).validation, validation);
    // A smaller training part has the same validation images and each class's share of what is left.
    const small = split(1, 20);
    assert.deepEqual(small.validation, validation);
    assert.deepEqual(countsOf(small.train), [10, 6, 4]);
    assert.ok(small.train.every((index) => train.includes(index)));
    assert.throws(
      () => splitValidation(set, { validation: 5, stream: stream(), blockSize: 0 }),
      /blockSize .* 0/,
    );
    assert.throws(
      () => splitValidation(set, { validation: 25, train: 75, stream: stream(), blockSize: 10 }),
      /asks for 75 training images; with 25 held out in whole blocks, 70 of the 100 are left/,
    );
  });

  it('takes whole groups for validation, each class near its share', () => {
    // Groups of four neighbours of one class, and two large ones.
    const groups = Uint32Array.from({ length: 100 }, (_, i) => (i >= 80 ? 100 + (i % 2) : Math.floor(i / 4)));
    const options = { validation: 20, stream: stream(), groups };
    const { train, validation } = splitValidation(set, options);
    const held = new Set(Array.from(validation, (i) => groups[i]!));
    assert.ok(
      train.every((i) => !held.has(groups[i]!)),
      'a group lies in both',
    );
    assert.equal(train.length + validation.length, 100);
    assert.ok(Math.abs(validation.length - 20) <= 4, `${validation.length}`);
    for (const [c, share] of countsOf(validation).entries()) {
      assert.ok(
        Math.abs(share - countsOf(Uint32Array.from(range(100)))[c]! * 0.2) <= 4,
        `${share} of class ${c}`,
      );
    }
    assert.deepEqual(splitValidation(set, { ...options, stream: stream() }), { train, validation });
    const small = splitValidation(set, { ...options, stream: stream(), train: 30 });
    assert.deepEqual(small.validation, validation);
    assert.ok(small.train.length === 30 && small.train.every((i) => train.includes(i)));
    // Without images for validation groups do not matter.
    assert.equal(splitValidation(set, { ...options, validation: 0 }).train.length, 100);
    assert.throws(
      () => splitValidation(set, { validation: 3, stream: stream(), groups: new Uint32Array(100) }),
      /asks for 3 validation images, but groups stay whole/,
    );
  });

  it('takes the images that were given for validation, or some of them', () => {
    const split = (validation: number, train?: number) =>
      splitValidation(set, { validation, train, stream: stream(), givenFrom: 70 });
    const all = split(5000);
    assert.deepEqual([...all.validation], range(100).slice(70));
    assert.deepEqual([...all.train], range(70));
    const some = split(10, 20);
    assert.equal(some.validation.length, 10);
    assert.ok(some.validation.every((i) => i >= 70));
    assert.ok(some.train.length === 20 && some.train.every((i) => i < 70));
    assert.equal(split(0).validation.length, 0);
    assert.throws(() => split(10, 71), /asks for 71 training images; the set has 70/);
  });

  it('refuses numbers that cannot be', () => {
    assert.throws(
      () => splitValidation(set, { validation: 60, train: 50, stream: stream() }),
      /60 .* 50 .* 100/,
    );
    // As the 5,000 that a specification holds out by itself, of a small set.
    assert.throws(
      () => splitValidation(set, { validation: 101, stream: stream() }),
      /^UserError: The split asks for 101 validation images; the set has 100 .*Give split\.validation a smaller number, 0 for none\.$/,
    );
    assert.throws(() => splitValidation(set, { validation: 1.5, stream: stream() }), /validation .* 1\.5/);
    assert.throws(() => splitValidation(set, { validation: 0, train: -1, stream: stream() }), /train .* -1/);
  });

  it('samples all of the set, or nothing', () => {
    assert.equal(stratifiedSample(set, { n: 100, stream: stream() }).length, 100);
    assert.equal(stratifiedSample(set, { n: 0, stream: stream() }).length, 0);
  });
});

describe('subset', () => {
  const whole = {
    images: Uint8Array.of(1, 2, 3, 4, 5, 6),
    labels: Uint8Array.of(0, 1, 2),
    n: 3,
    height: 1,
    width: 2,
    channels: 1,
    classes: CLASSES,
  };

  it('copies the images in the order asked for', () => {
    const part = subset(whole, [2, 0]);
    assert.deepEqual([...part.images], [5, 6, 1, 2]);
    assert.deepEqual([...part.labels], [2, 0]);
    assert.equal(part.n, 2);
    part.images[0] = 99;
    assert.equal(whole.images[4], 5);
  });

  it('refuses an image that is not there', () => {
    assert.throws(() => subset(whole, [0, 3]), /Image 3 .* 0 to 2/);
  });
});
