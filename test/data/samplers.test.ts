import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { epochBatches } from '../../src/data/batches.ts';
import { balancedOrder, perClassOrder, sampleOrder } from '../../src/data/samplers.ts';
import { createStream, permutation } from '../../src/engine/random.ts';

const stream = (epoch = 1) => createStream(3, 'shuffle', epoch);
/** 60 of class 0, 30 of 1, 20 of 2, 10 of 4: class 3 has none. */
const labels = [...Array<number>(60).fill(0), ...Array<number>(30).fill(1), ...Array<number>(20).fill(2), ...Array<number>(10).fill(4)]; // prettier-ignore

function countsOf(values: Iterable<number>): Map<number, number> {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

describe('m of each class', () => {
  const batchSize = 15;
  const images = 5;
  const order = perClassOrder({ labels, batchSize, images, stream: stream() });
  const batches = Array.from({ length: order.length / batchSize }, (_, b) =>
    order.subarray(b * batchSize, (b + 1) * batchSize),
  );

  it('has whole batches, as many as when every image comes once', () => {
    assert.equal(order.length, Math.floor(labels.length / batchSize) * batchSize);
    assert.equal(batches.length, 8);
  });

  it('has exactly m different images of each class of a batch', () => {
    for (const batch of batches) {
      assert.deepEqual([...countsOf(Array.from(batch, (i) => labels[i]!)).values()], [5, 5, 5]);
      assert.equal(new Set(batch).size, batchSize);
    }
  });

  it('uses all classes evenly: after every batch none was taken more than once more than another', () => {
    const taken = new Map([0, 1, 2, 4].map((label) => [label, 0]));
    for (const batch of batches) {
      for (const label of new Set(Array.from(batch, (i) => labels[i]!)))
        taken.set(label, taken.get(label)! + 1);
      assert.ok(Math.max(...taken.values()) - Math.min(...taken.values()) <= 1);
    }
    assert.deepEqual([...taken.values()], [6, 6, 6, 6]);
  });

  it('uses the images of a class evenly', () => {
    const times = countsOf(order);
    // 30 of each class: half of the first, each of the second, and of the others no image comes twice more than another.
    const of = (label: number) => labels.flatMap((own, i) => (own === label ? [times.get(i) ?? 0] : []));
    assert.equal(of(0).filter((n) => n === 1).length, 30);
    assert.ok(of(1).every((n) => n === 1));
    assert.ok(of(2).every((n) => n === 1 || n === 2));
    assert.ok(of(4).every((n) => n === 3));
  });

  it('keeps images of a batch different where the deck ends in it', () => {
    // Four of seven at a time.
    const few = [...Array<number>(7).fill(0), ...Array<number>(60).fill(1)];
    const uneven = perClassOrder({ labels: few, batchSize: 8, images: 4, stream: stream() });
    for (let b = 0; b < uneven.length; b += 8) assert.equal(new Set(uneven.subarray(b, b + 8)).size, 8);
    const times = [...countsOf(uneven.filter((i) => i < 7)).values()];
    assert.ok(Math.max(...times) - Math.min(...times) <= 1 && times.length === 7);
  });

  it('depends on the stream alone', () => {
    const again = (epoch: number) => perClassOrder({ labels, batchSize, images, stream: stream(epoch) });
    assert.deepEqual(again(1), order);
    assert.notDeepEqual(again(2), order);
  });

  it('refuses batches that cannot be', () => {
    const of = (size: number, m: number) => () =>
      perClassOrder({ labels, batchSize: size, images: m, stream: stream() });
    assert.throws(of(15, 4), /Batches of 15 cannot have 4 images of each class/);
    assert.throws(of(25, 5), /need 5 classes; there are 4/);
    assert.throws(of(22, 11), /A class has 10 images to train on, fewer than the 11/);
  });
});

describe('as many of each class', () => {
  it('has n images, every class the same number to one, images of a class evenly', () => {
    const order = balancedOrder({ labels: [...labels, 4], stream: stream() });
    assert.equal(order.length, 121);
    const perClass = countsOf(Array.from(order, (i) => [...labels, 4][i]!));
    assert.deepEqual([...perClass.values()].sort(), [30, 30, 30, 31]);
    const times = countsOf(order);
    for (let i = 110; i < 121; i++) assert.ok(times.get(i)! >= 2 && times.get(i)! <= 3);
    assert.ok([...times].every(([i, n]) => i >= 60 || n === 1));
  });

  it('is in random order', () => {
    const order = balancedOrder({ labels, stream: stream() });
    const half = Array.from(order.subarray(0, 60), (i) => labels[i]!);
    for (const n of countsOf(half).values()) assert.ok(n > 5 && n < 25, `${n}`);
  });
});

it('without a wish every image comes once, in the order that it always had', () => {
  assert.deepEqual(
    sampleOrder({ name: 'shuffled' }, { labels, batchSize: 8, stream: stream() }),
    permutation(labels.length, stream()),
  );
});

it('batches of some images have the classes that the sampler says', () => {
  const set = {
    images: Uint8Array.from({ length: 120 }, (_, i) => i),
    labels: Uint8Array.from(labels),
    ...{ n: 120, height: 1, width: 1, channels: 1, classes: ['a', 'b', 'c', 'd', 'e'] },
  };
  const indices = Uint32Array.from({ length: 60 }, (_, i) => i * 2);
  const batches = [
    ...epochBatches({
      set,
      indices,
      batchSize: 6,
      stream: stream(),
      sampler: { name: 'perClass', images: 3 },
      normalisation: { mean: [0], std: [1] },
      dropLast: true,
    }),
  ];
  assert.equal(batches.length, 10);
  for (const { images, labels: own } of batches) {
    assert.deepEqual([...countsOf(own).values()], [3, 3]);
    assert.ok(images.every((value, i) => value % 2 === 0 && labels[value] === own[i]));
  }
});
