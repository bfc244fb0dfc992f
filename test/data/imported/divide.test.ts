import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { divide } from '../../../src/data/imported/divide.ts';
import { groupByName } from '../../../src/data/imported/groups.ts';
import type { ListedImage } from '../../../src/data/imported/listing.ts';
import { createStream } from '../../../src/engine/random.ts';
import { userError } from './support.ts';

const CLASSES = ['cat', 'dog'];

function images(counts: Readonly<Record<string, number>>): ListedImage[] {
  return Object.entries(counts).flatMap(([label, n]) =>
    Array.from({ length: n }, (_, i) => ({ file: `${label}/${i}.png`, path: '', label })),
  );
}

const names = (part: readonly ListedImage[]): string[] => part.map(({ file }) => file);

const count = (part: readonly ListedImage[]): number[] =>
  CLASSES.map((label) => part.filter((image) => image.label === label).length);

describe('a stratified draw', () => {
  it('gives each class its share, every image to one part, in the order of the listing', () => {
    const all = images({ cat: 100, dog: 50 });
    const { train, test, split } = divide(all, CLASSES);
    assert.deepEqual(count(test), [20, 10]);
    assert.deepEqual(split, { rule: 'stratified', test: 0.2, seed: 1 });
    assert.deepEqual(new Set([...train, ...test]), new Set(all));
    assert.equal(train.length + test.length, 150);
    for (const part of [train, test]) {
      assert.deepEqual(part, all.filter((image) => part.includes(image))); // prettier-ignore
    }
  });

  it('depends on the seed alone', () => {
    const all = images({ cat: 100, dog: 50 });
    assert.deepEqual(divide(all, CLASSES, { seed: 2 }), divide(all, CLASSES, { seed: 2 }));
    assert.notDeepEqual(names(divide(all, CLASSES, { seed: 2 }).test), names(divide(all, CLASSES).test));
  });

  it('refuses an empty class, a share and a seed that are none', () => {
    assert.throws(
      () => divide(images({ cat: 100, dog: 1 }), CLASSES, { test: 0.1 }),
      userError("The class 'dog' is empty in the test part", 'found 1 in all'),
    );
    for (const test of [0, 1, -0.5, 20, NaN]) {
      assert.throws(() => divide(images({ cat: 9, dog: 9 }), CLASSES, { test }), {
        name: 'UserError',
        message: new RegExp(`--test ${test} is no share`),
      });
    }
    assert.throws(() => divide(images({ cat: 9, dog: 9 }), CLASSES, { seed: 0.5 }), /--seed 0.5 is no seed/);
  });
});

describe('a grouped draw', () => {
  /** 60 persons with 1 to 9 images each, of one class. */
  const all = Array.from({ length: 60 }, (_, person) =>
    Array.from({ length: 1 + createStream(person, 'size').int(9) }, (__, i) => ({
      file: `${person}_${i}.png`,
      path: '',
      label: CLASSES[person % 2]!,
      group: `${person}`,
    })),
  ).flat();

  it('lands no group in both parts and comes near the share of each class', () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const { train, test, split } = divide(all, CLASSES, { seed });
      const trained = new Set(train.map((image) => image.group));
      const tested = new Set(test.map((image) => image.group));
      assert.equal(train.length + test.length, all.length);
      assert.ok([...tested].every((group) => !trained.has(group)));
      assert.deepEqual(split, {
        rule: 'grouped',
        test: 0.2,
        seed,
        groups: { train: trained.size, test: tested.size },
      });
      // No group that is left would bring it closer, so less than half the largest group is missing or too much.
      for (const [c, n] of count(test).entries()) assert.ok(Math.abs(n - 0.2 * count(all)[c]!) <= 4.5);
    }
  });

  it('does not depend on the order of the images', () => {
    const turned = divide([...all].reverse(), CLASSES);
    assert.deepEqual(names(turned.test).sort(), names(divide(all, CLASSES).test).sort());
  });

  it('refuses where a class lies in one group', () => {
    const two = images({ cat: 4, dog: 4 }).map((image) => ({ ...image, group: image.label }));
    assert.throws(() => divide(two, CLASSES), userError('is empty in the test part'));
  });
});

describe('given parts', () => {
  const given = images({ cat: 4, dog: 4 }).map((image, i): ListedImage => ({
    ...image,
    part: i % 2 === 0 ? 'train' : 'test',
  }));

  it('are taken as they are', () => {
    const { train, test, split } = divide(given, CLASSES);
    assert.deepEqual(split, { rule: 'given' });
    assert.deepEqual(names(train), ['cat/0.png', 'cat/2.png', 'dog/0.png', 'dog/2.png']);
    assert.deepEqual(names(test), ['cat/1.png', 'cat/3.png', 'dog/1.png', 'dog/3.png']);
  });

  it('are not drawn as well', () => {
    assert.throws(() => divide(given, CLASSES, { test: 0.2 }), /--test 0.2 draws a test part, but/);
    assert.throws(() => divide(given, CLASSES, { seed: 1 }), /--seed 1 draws a test part, but/);
  });

  it('for validation are kept apart, groups as well', () => {
    const withVal = given.map((image, i) => (i % 4 === 0 ? { ...image, part: 'val' as const } : image));
    const { train, val, test } = divide(withVal, CLASSES);
    assert.deepEqual([train, val, test].map(({ length }) => length), [2, 2, 4]); // prettier-ignore
    assert.ok(val.every(({ part }) => part === 'val'));
    const grouped = withVal.map((image, i) => ({ ...image, group: `${i % 2}` }));
    assert.throws(() => divide(grouped, CLASSES), userError("group '0' lies in two parts", 'in val'));
  });

  it('are refused where a group lies in both', () => {
    const grouped = given.map((image, i) => ({ ...image, group: `${Math.floor(i / 2)}` }));
    assert.throws(
      () => divide(grouped, CLASSES),
      userError("group '0' lies in two parts", 'cat/0.png in train, cat/1.png in test'),
    );
    const apart = given.map((image, i) => ({ ...image, group: `${i % 2}` }));
    assert.deepEqual(divide(apart, CLASSES).split, { rule: 'given' });
  });
});

describe('groups by name', () => {
  const listed = ['a/17_1.png', 'b/17_2.png', 'b/4_1.png'].map((file) => ({ file, path: '', label: 'x' }));

  it('are what the expression finds in the file name', () => {
    assert.deepEqual(
      groupByName(listed, '^(\\d+)_').map(({ group }) => group),
      ['17', '17', '4'],
    );
  });

  it('refuse a name that does not match, and an expression that is none or has no group', () => {
    assert.throws(() => groupByName(listed, '^(1\\d)_'), userError('b/4_1.png has no group', '^(1\\d)_'));
    assert.throws(() => groupByName(listed, '(('), /--group '\(\(' is no regular expression/);
    assert.throws(() => groupByName(listed, '^\\d+_'), /found 0 groups/);
    assert.throws(() => groupByName(listed, '^(\\d)(\\d)'), /found 2 groups/);
    const grouped = listed.map((image) => ({ ...image, group: '1' }));
    assert.throws(() => groupByName(grouped, '^(\\d+)_'), userError("a column 'group'"));
  });
});
