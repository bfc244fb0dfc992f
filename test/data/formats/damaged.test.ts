import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { cifarBinary } from '../../../src/data/formats/cifarBinary.ts';
import { openIdx } from '../../../src/data/formats/idx.ts';
import { openSvhn } from '../../../src/data/formats/svhn.ts';
import { fuzz, type FuzzOptions } from './fuzz.ts';

const fixture = (name: string): Buffer =>
  fs.readFileSync(new URL(`../../fixtures/data/${name}`, import.meta.url));

/** Images of 2 by 3 pixels. */
const idxImages = Buffer.from([
  0,
  0,
  8,
  3,
  0,
  0,
  0,
  40,
  0,
  0,
  0,
  2,
  0,
  0,
  0,
  3,
  ...new Array<number>(240).fill(9),
]);
const idxLabels = Buffer.from([0, 0, 8, 1, 0, 0, 0, 40, ...new Array<number>(40).fill(1)]);
const small = { size: { height: 2, width: 3, channels: 1 }, classes: 4 };
const digits = { size: { height: 4, width: 3, channels: 2 }, classes: 10 };

const INPUTS: Readonly<Record<string, Pick<FuzzOptions, 'format' | 'files' | 'part'>>> = {
  'IDX, plain': { format: openIdx, files: [idxImages, idxLabels], part: small },
  'IDX, packed': { format: openIdx, files: [gzipSync(idxImages), gzipSync(idxLabels)], part: small },
  'SVHN, packed': { format: openSvhn, files: [fixture('doubles.mat')], part: digits },
  'SVHN, plain': { format: openSvhn, files: [fixture('plain.mat')], part: digits },
  'CIFAR records': { format: cifarBinary(), files: [Buffer.alloc(70, 1)], part: small },
};

/** `npm run test:long` reads more. */
const inputs = Number(process.env['MSL_FUZZ_INPUTS'] ?? 400);

describe('damaged files are read or refused with a sentence', () => {
  for (const [name, input] of Object.entries(INPUTS)) {
    test(name, async (t) => {
      const { read, refused, slowest } = await fuzz({ ...input, inputs, seed: 7 });
      t.diagnostic(`${read} read, ${refused} refused, the slowest in ${slowest.toFixed(0)} ms`);
      assert.equal(read + refused, inputs);
      assert.ok(read > 0 && refused > inputs / 4, `${read} read, ${refused} refused`);
    });
  }
});
