import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { PNG } from 'pngjs';

import { decodePngRows } from '../../src/data/pngRows.ts';

const SIZE = { height: 1, width: 2, channels: 3 };

/** Two images of two pixels: a PNG two wide, two high. */
function makePng(): Buffer {
  const png = new PNG({ width: 2, height: 2 });
  png.data.set([1, 2, 3, 255, 4, 5, 6, 255, 7, 8, 9, 255, 10, 11, 12, 255]);
  return PNG.sync.write(png, { colorType: 2 });
}

describe('images as rows of a PNG', () => {
  it('come out one after another', () => {
    const images = decodePngRows(makePng(), { size: SIZE, n: 2, file: 'x.png' });
    assert.deepEqual([...images], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  });

  it('are refused where there are not as many as labels, or of another size', () => {
    assert.throws(
      () => decodePngRows(makePng(), { size: SIZE, n: 3, file: 'x.png' }),
      /x\.png .*expected 2 by 3 pixels .*found 2 by 2/,
    );
    assert.throws(
      () => decodePngRows(makePng(), { size: { ...SIZE, height: 2 }, n: 2, file: 'x.png' }),
      /expected 4 by 2 pixels/,
    );
  });

  it('are refused where the PNG is damaged', () => {
    const png = makePng();
    const changed = Buffer.from(png);
    changed[png.length - 20]! ^= 0xff;
    for (const wrong of [png.subarray(0, 40), changed, Buffer.from('no png')]) {
      assert.throws(() => decodePngRows(wrong, { size: SIZE, n: 2, file: 'x.png' }), {
        name: 'UserError',
        message: /^x\.png /,
      });
    }
  });
});
