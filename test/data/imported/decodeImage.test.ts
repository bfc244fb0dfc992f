import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { decodeImage } from '../../../src/data/imported/decodeImage.ts';
import { decoded, fixture, luma, resized } from './fixtures.ts';

function largestDifference(found: Uint8Array, expected: Uint8Array): number {
  assert.equal(found.length, expected.length);
  return Math.max(...expected.map((value, i) => Math.abs(value - found[i]!)));
}

describe('decoding', () => {
  for (const { name, file, width, height, pixels } of decoded) {
    it(`${name} as Pillow does`, async () => {
      const image = await decodeImage(file);
      assert.deepEqual([image.width, image.height, image.channels], [width, height, 3]);
      // Half-transparent pixels are rounded differently.
      assert.ok(largestDifference(image.pixels, pixels) <= (name.includes('alpha') ? 1 : 0));
    });
  }

  it('lays what is transparent over black', async () => {
    // The fixture's opacity grows from 0 at the left edge to 255 at the right edge, where red is 255, too.
    const { pixels, width } = await decodeImage(fixture('alpha.png'));
    assert.deepEqual([...pixels.subarray(0, 3)], [0, 0, 0]);
    assert.equal(pixels[(width - 1) * 3], 255);
  });

  it('makes one channel as Pillow does', async () => {
    const image = await decodeImage(fixture('colour.png'), { grey: true });
    assert.equal(image.channels, 1);
    assert.deepEqual(Buffer.from(image.pixels), luma);
    const grey = await decodeImage(fixture('grey.png'), { grey: true });
    const colour = await decodeImage(fixture('grey.png'));
    assert.deepEqual(
      [...grey.pixels],
      [...colour.pixels].filter((_, i) => i % 3 === 0),
    );
  });
});

describe('resizing', () => {
  for (const { name, file, width, height, fit, pixels } of resized) {
    it(`${name} to ${width}x${height}, ${fit}, as Pillow does`, async () => {
      const image = await decodeImage(file, { size: { width, height }, fit });
      assert.deepEqual([image.width, image.height], [width, height]);
      // Much wider and much lower: there Pillow rounds after another pass, see resample.
      assert.ok(largestDifference(image.pixels, pixels) <= (height === 20 ? 1 : 0));
    });
  }

  it('leaves images of that size as they are', async () => {
    const size = { width: 40, height: 24 };
    for (const fit of ['cover', 'contain', 'fill'] as const) {
      const image = await decodeImage(fixture('colour.png'), { size, fit });
      assert.deepEqual(image.pixels, (await decodeImage(fixture('colour.png'))).pixels);
    }
  });

  it('turns before it crops', async () => {
    // The same picture upright and stored lying: a crop of the stored one would show another part.
    const size = { width: 12, height: 12 };
    const upright = await decodeImage(fixture('orientation-1.jpg'), { size });
    const upsideDown = await decodeImage(fixture('orientation-3.jpg'), { size });
    const rows = Array.from({ length: 144 }, (_, i) => [...upright.pixels.subarray(i * 3, i * 3 + 3)]);
    assert.deepEqual([...upsideDown.pixels], rows.reverse().flat());
    const { width, height } = await decodeImage(fixture('orientation-6.jpg'), {
      size: { width: 10, height: 20 },
    });
    assert.deepEqual([width, height], [10, 20]);
  });
});

describe('what cannot be decoded', () => {
  const refused = (bytes: Uint8Array, message: RegExp): Promise<void> =>
    assert.rejects(decodeImage(bytes), { name: 'BadImageError', message });

  it('is refused when empty', () =>
    refused(new Uint8Array(), /expected a JPEG, PNG or WebP; found an empty file/));

  it('is refused when it is no image', () => refused(Buffer.from('no image'), /does not decode/));

  it('is refused in another format', async () => {
    const gif = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');
    await refused(gif, /expected a JPEG, PNG or WebP; found gif/);
    const svg =
      '<svg xmlns="http://www.w3.org/2000/svg" width="5" height="5"><rect width="5" height="5"/></svg>';
    await refused(Buffer.from(svg), /found svg/);
  });

  it('is refused when truncated anywhere', async () => {
    for (const name of ['colour.jpg', 'progressive.jpg', 'colour.png', 'colour.webp', '16-bit.png']) {
      const file = fixture(name);
      for (const share of [0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 1]) {
        // Of a PNG the last 12 bytes hold nothing of the image.
        await refused(file.subarray(0, Math.floor(share * (file.length - 13))), /does not decode/);
      }
    }
  });

  it('is refused when its pixels are damaged', async () => {
    const file = Buffer.from(fixture('colour.png'));
    file[Math.floor(file.length / 2)]! ^= 0x10;
    await refused(file, /does not decode/);
  });

  it('is refused when it promises too many pixels', async () => {
    const file = Buffer.from(fixture('colour.png'));
    file.writeUInt32BE(100_000, 16);
    file.writeUInt32BE(100_000, 20);
    await refused(file, /does not decode/);
  });
});
