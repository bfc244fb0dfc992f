import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { decodeRecords, encodeRecords } from '../../../src/data/formats/cifarBinary.ts';

const SIZE = { height: 1, width: 2, channels: 3 };
const options = { size: SIZE, classes: 10, file: 'some/batch.bin' };

describe('CIFAR binary records', () => {
  // Two records of 1 + 1·2·3 = 7 bytes: label, both reds, both greens, both blues.
  const bytes = Uint8Array.of(6, 11, 12, 21, 22, 31, 32, 9, 101, 102, 111, 112, 121, 122);

  it('puts the channels of a pixel beside each other', () => {
    const { images, labels } = decodeRecords(bytes, options);
    assert.deepEqual([...labels], [6, 9]);
    assert.deepEqual([...images], [11, 21, 31, 12, 22, 32, 101, 111, 121, 102, 112, 122]);
  });

  it('does the same for another number of channels', () => {
    const two = decodeRecords(Uint8Array.of(3, 1, 2, 3, 4), {
      ...options,
      size: { height: 2, width: 1, channels: 2 },
    });
    // Planes (1, 2) and (3, 4).
    assert.deepEqual([...two.images], [1, 3, 2, 4]);
  });

  it('encodes to the same records', () => {
    assert.deepEqual(encodeRecords(decodeRecords(bytes, options), SIZE), bytes);
  });

  for (const [what, length, found] of [
    ['truncated', 13, 'found 13 bytes, 1 records and 6 bytes more'],
    ['over-long', 15, 'found 15 bytes, 2 records and 1 bytes more'],
    ['empty', 0, 'found 0 bytes, 0 records and 0 bytes more'],
  ] as const) {
    it(`refuses a ${what} file with file, expected and found`, () => {
      const wrong = new Uint8Array(length);
      wrong.set(bytes.subarray(0, length));
      assert.throws(
        () => decodeRecords(wrong, options),
        (error: Error) =>
          error.name === 'UserError' &&
          error.message.includes('some/batch.bin') &&
          error.message.includes('expected whole records of 7 bytes') &&
          error.message.includes(found),
      );
    });
  }

  it('refuses a label that is none, with its record', () => {
    const wrong = Uint8Array.from(bytes);
    wrong[7] = 10;
    assert.throws(
      () => decodeRecords(wrong, options),
      /some\/batch\.bin .*expected labels 0 to 9; found 10 in record 1, at byte 7/,
    );
  });
});
