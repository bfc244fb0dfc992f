import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { editDistance, nearest, unknownName } from '../../src/engine/nearest.ts';

describe('nearest name', () => {
  it('counts inserted, deleted and replaced characters, and swaps of neighbours', () => {
    // kitten -> sitten -> sittin -> sitting.
    assert.equal(editDistance('kitten', 'sitting'), 3);
    assert.equal(editDistance('', 'abc'), 3);
    assert.equal(editDistance('abc', 'abc'), 0);
    assert.equal(editDistance('svnh', 'svhn'), 1);
    // Optimal string alignment: a swapped pair is not changed again, so that CA -> ABC takes three and not two.
    assert.equal(editDistance('ca', 'abc'), 3);
  });

  it('finds what was meant, whatever the case', () => {
    assert.equal(nearest('cifar1O', ['svhn', 'cifar100', 'cifar10']), 'cifar10');
    assert.equal(nearest('SVNH', ['svhn', 'cifar10']), 'svhn');
  });

  it('guesses nothing where nothing is near', () => {
    assert.equal(nearest('imagenet', ['svhn', 'cifar10']), undefined);
    assert.equal(nearest('x', []), undefined);
    // Two of four characters differ.
    assert.equal(nearest('foo', ['reference', 'loop']), undefined);
    assert.equal(nearest('lop', ['reference', 'loop']), 'loop');
  });

  it('says so in one line', () => {
    assert.equal(
      unknownName('data set', 'cifar', ['cifar10', 'svhn']),
      "There is no data set 'cifar'. Did you mean 'cifar10'? Known: cifar10, svhn.",
    );
  });
});
