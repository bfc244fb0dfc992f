import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { type Augmentation, drawPlacement, type Placement } from '../../src/data/augmentation.ts';
import { epochBatches, epochImages, sequentialBatches } from '../../src/data/batches.ts';
import { type Batch, makeBatch, normalisationTable } from '../../src/data/makeBatch.ts';
import type { Sampler } from '../../src/data/samplers.ts';
import type { ImageSet, Normalisation } from '../../src/data/types.ts';
import { createStream, type Stream } from '../../src/engine/random.ts';

/** Images of 2 by 3 pixels in one channel: image i is 10i+1 … 10i+6. */
function numbered(n: number, channels = 1): ImageSet {
  const pixel = (at: number): number => 10 * Math.floor(at / 6) + (at % 6) + 1;
  return {
    images: Uint8Array.from(
      { length: n * 6 * channels },
      (_, i) => pixel(Math.floor(i / channels)) + 100 * (i % channels),
    ),
    labels: Uint8Array.from({ length: n }, (_, i) => i % 3),
    n,
    height: 2,
    width: 3,
    channels,
    classes: ['a', 'b', 'c'],
  };
}

/** Leaves pixels as they are, so that expectations can be read. */
const IDENTITY = { mean: [0], std: [1] };

/** A stream that gives the listed integers. */
function scripted(...values: number[]): Stream {
  const next = (): number => {
    const value = values.shift();
    assert.notEqual(value, undefined, 'the script is at its end');
    return value!;
  };
  return { next, int: next, normal: next };
}

const shuffle = (epoch = 0): Stream => createStream(1, 'shuffle', epoch);
const imageOf = (batch: Batch, i = 0): number[] => [...batch.images.subarray(i * 6, (i + 1) * 6)];

describe('batches', () => {
  it('normalise each channel by its own mean and deviation', () => {
    // Channels of the first pixel: 1, 101, 201 -> (1 - 1) / 2, (101 - 1) / 4, (201 - 1) / 8.
    const normalisation = { mean: [1, 1, 1], std: [2, 4, 8] };
    const [batch] = sequentialBatches({ set: numbered(1, 3), batchSize: 1, normalisation });
    assert.deepEqual([...batch!.images.subarray(0, 6)], [0, 25, 25, 0.5, 25.25, 25.125]);
  });

  it('do so for two channels as well', () => {
    const [batch] = sequentialBatches({
      set: numbered(1, 2),
      batchSize: 1,
      normalisation: { mean: [0, 100], std: [1, 2] },
    });
    assert.deepEqual([...batch!.images], [1, 0.5, 2, 1, 3, 1.5, 4, 2, 5, 2.5, 6, 3]);
  });

  it('of an evaluation come in order, the last with the rest', () => {
    const batches = [...sequentialBatches({ set: numbered(5), batchSize: 2, normalisation: IDENTITY })];
    assert.deepEqual(
      batches.map(({ n, labels, images }) => [n, labels.length, images.length]),
      [
        [2, 2, 12],
        [2, 2, 12],
        [1, 1, 6],
      ],
    );
    assert.deepEqual(imageOf(batches[2]!), [41, 42, 43, 44, 45, 46]);
    assert.deepEqual([...batches[1]!.labels], [2, 0]);
  });

  it('take the indices asked for', () => {
    const indices = Uint32Array.of(3, 1);
    const [batch] = sequentialBatches({ set: numbered(5), indices, batchSize: 2, normalisation: IDENTITY });
    assert.deepEqual([batch!.images[0], batch!.images[6]], [31, 11]);
  });

  it('of an epoch hold every image once, each with its label, in an order of the stream', () => {
    const epoch = (stream: Stream): [number, number][] =>
      [
        ...epochBatches({
          set: numbered(20),
          batchSize: 6,
          stream,
          normalisation: IDENTITY,
          dropLast: false,
        }),
      ].flatMap((batch) =>
        Array.from({ length: batch.n }, (_, i): [number, number] => [
          (batch.images[i * 6]! - 1) / 10,
          batch.labels[i]!,
        ]),
      );
    const first = epoch(shuffle());
    assert.ok(first.every(([image, label]) => image % 3 === label));
    assert.deepEqual(
      first.map(([image]) => image).sort((a, b) => a - b),
      Array.from({ length: 20 }, (_, i) => i),
    );
    assert.deepEqual(first, epoch(shuffle()));
    assert.notDeepEqual(first, epoch(shuffle(1)));
  });

  it('of an epoch stay within the indices', () => {
    const indices = Uint32Array.of(4, 7, 9);
    const [batch] = epochBatches({
      set: numbered(12),
      indices,
      batchSize: 3,
      stream: shuffle(),
      normalisation: IDENTITY,
      dropLast: true,
    });
    const images = [0, 1, 2].map((i) => (batch!.images[i * 6]! - 1) / 10);
    assert.deepEqual(images.sort(), [4, 7, 9]);
  });

  it('leave the short last one out where asked', () => {
    for (const dropLast of [true, false]) {
      const options = {
        set: numbered(7),
        batchSize: 3,
        stream: shuffle(),
        normalisation: IDENTITY,
        dropLast,
      };
      assert.equal([...epochBatches(options)].length, dropLast ? 2 : 3);
    }
  });

  it('have arrays of their own', () => {
    const [a, b] = sequentialBatches({ set: numbered(2), batchSize: 1, normalisation: IDENTITY });
    assert.notEqual(a!.images.buffer, b!.images.buffer);
  });

  it('refuse what cannot be', () => {
    const good = {
      set: numbered(3),
      batchSize: 2,
      stream: shuffle(),
      normalisation: IDENTITY,
      dropLast: true,
    };
    const first = (changes: object): unknown => epochBatches({ ...good, ...changes }).next();
    assert.throws(() => first({ batchSize: 0 }), /batchSize .* 0\./);
    assert.throws(() => first({ batchSize: 4 }), /3 images, fewer than one batch of 4/);
    assert.throws(() => first({ indices: Uint32Array.of(0, 3) }), /image 3; the set has images 0 to 2/);
    assert.throws(() => first({ indices: new Uint32Array() }), /no images/);
    assert.throws(
      () => first({ normalisation: { mean: [1, 2], std: [1, 2] } }),
      /2 channels; the images have 1/,
    );
    assert.throws(() => first({ augmentation: { crop: 1, flip: false } }), /augmentStream/);
    assert.throws(() => first({ augmentation: { crop: -1, flip: false } }), /crop .* -1/);
  });
});

describe('augmentation', () => {
  /** One image of a set, changed as the script says: column, row, mirror. */
  function placed(
    set: ImageSet,
    normalisation: Normalisation,
    augmentation: Augmentation,
    ...script: number[]
  ): Batch {
    const stream = scripted(...script);
    const place = (): Placement => drawPlacement(augmentation, stream, numbered(1));
    return makeBatch(set, { indices: Uint32Array.of(0) }, normalisationTable(normalisation), place);
  }

  /** The one image, 1 2 3 / 4 5 6. */
  const changed = (crop: number, flip: boolean, ...script: number[]): number[] =>
    imageOf(placed(numbered(1), IDENTITY, { crop, flip }, ...script));

  // With padding 1 the draws 0, 1, 2 put the window 1 to the left, in place, 1 to the right.
  it('leaves the image in the middle as it is', () => {
    assert.deepEqual(changed(1, true, 1, 1, 0), [1, 2, 3, 4, 5, 6]);
  });
  it('cuts a window to the right and below, with zeros where the image ends', () => {
    assert.deepEqual(changed(1, false, 2, 2), [5, 6, 0, 0, 0, 0]);
  });
  it('cuts a window to the left and above', () => {
    assert.deepEqual(changed(1, false, 0, 0), [0, 0, 0, 0, 1, 2]);
  });
  it('mirrors left to right', () => {
    assert.deepEqual(changed(0, true, 1), [3, 2, 1, 6, 5, 4]);
  });
  it('mirrors the window, padding included', () => {
    assert.deepEqual(changed(1, true, 2, 1, 1), [0, 3, 2, 0, 6, 5]);
    assert.deepEqual(changed(1, true, 0, 2, 1), [5, 4, 0, 0, 0, 0]);
  });
  it('leaves nothing of a window that lies outside', () => {
    assert.deepEqual(changed(3, false, 6, 3), [0, 0, 0, 0, 0, 0]);
  });

  it('keeps the channels of a pixel together', () => {
    const normalisation = { mean: [0, 0, 0], std: [1, 1, 1] };
    const batch = placed(numbered(1, 3), normalisation, { crop: 1, flip: true }, 2, 1, 1);
    assert.deepEqual([...batch.images.subarray(0, 9)], [0, 0, 0, 3, 103, 203, 2, 102, 202]);
  });

  it('pads with 0 after normalisation, the mean colour', () => {
    const batch = placed(numbered(1), { mean: [2], std: [0.5] }, { crop: 1, flip: false }, 2, 1);
    assert.deepEqual(imageOf(batch), [0, 2, 0, 6, 8, 0]);
  });

  it('of an image depends on its index, not on its batch', () => {
    const images = (batchSize: number): Map<number, string> => {
      const found = new Map<number, string>();
      for (const batch of epochBatches({
        set: numbered(12),
        batchSize,
        stream: createStream(3, 'shuffle', batchSize),
        augmentation: { crop: 1, flip: true },
        augmentStream: [3, 'augment', 5],
        normalisation: IDENTITY,
        dropLast: false,
      })) {
        for (let i = 0; i < batch.n; i++) {
          const image = imageOf(batch, i);
          found.set(Math.floor(Math.max(...image) / 10), image.join());
        }
      }
      return found;
    };
    const one = images(1);
    assert.equal(one.size, 12);
    for (const [index, image] of images(5)) assert.equal(image, one.get(index));
  });

  it('of an image that comes again in the epoch is another, and the first is that of any sampler', () => {
    const set = { ...numbered(12), labels: Uint8Array.of(0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1) };
    const augmentation = { crop: 1, flip: true };
    const looks = (sampler: Sampler): Map<number, string[]> => {
      const found = new Map<number, string[]>();
      const options = () => ({
        ...{ set, batchSize: 4, sampler, stream: createStream(3, 'shuffle', 5), dropLast: true },
        ...{ augmentation, augmentStream: [3, 'augment', 5] as const, normalisation: IDENTITY },
      });
      const batches = [...epochBatches(options())];
      for (const [place, { indices }] of epochImages(options()).entries()) {
        indices.forEach((index, i) => {
          found.set(index, [...(found.get(index) ?? []), imageOf(batches[place]!, i).join()]);
        });
      }
      return found;
    };
    const each = looks({ name: 'shuffled' });
    // Six images of each class: the two of the first come three times.
    const balanced = looks({ name: 'balanced' });
    const table = normalisationTable(IDENTITY);
    for (const [index, found] of balanced) {
      assert.equal(found[0], each.get(index)![0]);
      assert.equal(found.length, index < 2 ? 3 : 1);
      found.forEach((look, earlier) => {
        const name = earlier === 0 ? [index] : [index, earlier];
        const placement = drawPlacement(augmentation, createStream(3, 'augment', 5, ...name), set);
        const alone = makeBatch(set, { indices: Uint32Array.of(index) }, table, () => placement);
        assert.equal(look, imageOf(alone).join());
      });
    }
    assert.ok(new Set(balanced.get(0)).size > 1 && new Set(balanced.get(1)).size > 1);
  });

  it('covers a square of the mean colour, as far as it lies in the image', () => {
    const covered = (...script: number[]): number[] => {
      const augmentation = { crop: 0, flip: false, cutout: 2 };
      return imageOf(placed(numbered(1), { mean: [0], std: [1] }, augmentation, ...script));
    };
    // Middle at column 1, row 1: the square begins one to the left and above.
    assert.deepEqual(covered(1, 1), [0, 0, 3, 0, 0, 6]);
    assert.deepEqual(covered(0, 0), [0, 2, 3, 4, 5, 6]);
    assert.deepEqual(covered(2, 0), [1, 0, 0, 4, 5, 6]);
    // After crop and flip, which stay what they are without it.
    const all = { crop: 1, flip: true, cutout: 2 };
    const normalisation = { mean: [0], std: [1] };
    assert.deepEqual(imageOf(placed(numbered(1), normalisation, all, 2, 1, 1, 0, 0)), [0, 3, 2, 0, 6, 5]);
  });

  it('changes colours before the image is placed', () => {
    const augmentation = { crop: 0, flip: true, jitter: { brightness: 0.5 } };
    // Not mirrored; factor 0.5 + 1 * 1 = 1.5.
    const batch = placed(numbered(1), { mean: [0], std: [1] }, augmentation, 0, 1);
    assert.deepEqual(imageOf(batch), [1, 3, 4, 6, 7, 9]);
  });

  it('of every kind is refused where a number is none', () => {
    const refuse = (augmentation: Augmentation, message: RegExp, channels = 1): void => {
      const options = { batchSize: 1, stream: shuffle(), augmentStream: [1] as const, dropLast: false };
      const normalisation = { mean: Array<number>(channels).fill(0), std: Array<number>(channels).fill(1) };
      const set = numbered(2, channels);
      assert.throws(() => [...epochBatches({ ...options, set, normalisation, augmentation })], message);
    };
    // Images of 2 x 3: shifted by 2 rows, or under a square of 3, nothing is left of one.
    refuse(
      { crop: 2, flip: false },
      /augmentation\.crop is 2: .* of an image of 2 x 3; it has to be 0 to 1\./,
    );
    refuse(
      { crop: 1, flip: false, cutout: 3 },
      /augmentation\.cutout is 3: .* of 2 x 3; it has to be 0 to 2\./,
    );
    refuse({ crop: 0, flip: false, cutout: 1.5 }, /augmentation.cutout must be .* 1\.5/);
    refuse({ crop: 0, flip: false, jitter: { contrast: -1 } }, /augmentation.jitter.contrast must be .* -1/);
    refuse({ crop: 0, flip: false, jitter: { contrast: 1 } }, /3 channels or 1; these have 2/, 2);
  });

  it('draws every place and both directions evenly', () => {
    const stream = createStream(1, 'placements');
    const counts = new Map<string, number>();
    for (let i = 0; i < 18_000; i++) {
      const { dx, dy, mirror } = drawPlacement({ crop: 1, flip: true }, stream, numbered(1));
      const key = `${dx} ${dy} ${mirror}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    // 18 outcomes of 1,000 each, deviation 31: five of them are 155.
    assert.equal(counts.size, 18);
    for (const count of counts.values()) assert.ok(Math.abs(count - 1000) < 155);
  });
});
