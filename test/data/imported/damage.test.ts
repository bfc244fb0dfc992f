/** Damaged images are refused with a reason or decoded, whatever is damaged in them; nothing else happens. */
import assert from 'node:assert/strict';
import { it } from 'node:test';

import { BadImageError, decodeImage } from '../../../src/data/imported/decodeImage.ts';
import { createStream } from '../../../src/engine/random.ts';
import { decoded } from './fixtures.ts';

/** `MSL_FUZZ_INPUTS` for more. */
const INPUTS = Number(process.env['MSL_FUZZ_INPUTS'] ?? 1000);

it(`${INPUTS} files with flipped bits, cuts, and pieces moved`, async (t) => {
  const stream = createStream(1, 'damage');
  let refused = 0;
  for (let i = 0; i < INPUTS; i++) {
    const { file, name } = decoded[stream.int(decoded.length)]!;
    let bytes = Buffer.from(file);
    for (let flips = stream.int(4); flips >= 0; flips--) {
      bytes[stream.int(bytes.length)]! ^= 1 << stream.int(8);
    }
    if (stream.int(3) === 0) bytes = bytes.subarray(0, stream.int(bytes.length));
    if (stream.int(3) === 0 && bytes.length > 0) {
      bytes.copyWithin(stream.int(bytes.length), stream.int(bytes.length), stream.int(bytes.length));
    }
    try {
      const { pixels, width, height } = await decodeImage(bytes, { size: { width: 16, height: 16 } });
      assert.deepEqual([pixels.length, width, height], [768, 16, 16], `${name}, input ${i}`);
    } catch (error) {
      if (!(error instanceof BadImageError)) throw error;
      refused++;
    }
  }
  t.diagnostic(`${refused} refused`);
  // Most damage is noticed: all of what is cut and, by PNG's checksums, nearly all in those.
  assert.ok(refused > 0.5 * INPUTS && refused < INPUTS);
});
