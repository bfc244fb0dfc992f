/**
 * A set of the size of SVHN with its extra images, 1.6 GB of pixels: decoded in less than 300 MB, and an epoch of batches
 * made of it in less than 500 MB.
 *
 *     node --import tsx --test test/long/svhn-extra.ts
 *
 * The files are made up, in the official layout: MATLAB files of level 5 with a packed X [32, 32, 3, n] and y [n, 1]. They
 * take 4 GB of disk while it runs. `MSL_EXTRA_IMAGES` makes it smaller.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createDeflate, deflateSync } from 'node:zlib';

import { batchThreads, loadDataset } from '../../src/data/index.ts';
import { createStream } from '../../src/engine/random.ts';
import { temporaryFolder } from '../data/synthetic.ts';

/** Of the official `extra_32x32.mat`. */
const EXTRA = Number(process.env['MSL_EXTRA_IMAGES'] ?? 531_131);
const PIXELS = 32 * 32 * 3;
/** Bytes that a process may take, its own code included: to decode, and with a thread that makes batches. */
const MOST = { decode: 300e6, epoch: 500e6 };

const [, , role, dir = ''] = process.argv;

if (role === 'child') {
  const peak = (): number => process.resourceUsage().maxRSS * 1024;
  const began = performance.now();
  const { train, normalisation } = await loadDataset('svhn-extra', { dir });
  const decoded = { seconds: (performance.now() - began) / 1000, peak: peak() };
  const again = performance.now();
  await loadDataset('svhn-extra', { dir });
  const opened = (performance.now() - again) / 1000;
  const batches = batchThreads({ workers: 1 });
  let images = 0;
  const start = performance.now();
  for await (const batch of batches.epoch({
    set: train,
    batchSize: 128,
    stream: createStream(1, 'shuffle', 1),
    augmentation: { crop: 4, flip: false },
    augmentStream: [1, 'augment', 1],
    normalisation,
    dropLast: true,
  })) {
    images += batch.n;
  }
  await batches.close();
  const epoch = { seconds: (performance.now() - start) / 1000, peak: peak() };
  process.stdout.write(JSON.stringify({ n: train.n, decoded, opened, images, epoch }));
} else {
  test('a set larger than the memory it may take is decoded, opened and gone through', async (t) => {
    const folder = join(await temporaryFolder(t), 'data');
    await mkdir(join(folder, 'svhn'), { recursive: true });
    t.after(() => rm(folder, { recursive: true, force: true }));
    await writeMat(join(folder, 'svhn', 'train_32x32.mat'), 2000);
    await writeMat(join(folder, 'svhn', 'test_32x32.mat'), 1000);
    const hash = await writeMat(join(folder, 'svhn', 'extra_32x32.mat'), EXTRA);
    t.diagnostic(`${EXTRA} images, ${(EXTRA * PIXELS) / 1e6} MB of pixels, sha256 of X ${hash}`);
    const { n, decoded, opened, images, epoch } = JSON.parse(await runChild(folder)) as {
      n: number;
      decoded: { seconds: number; peak: number };
      opened: number;
      images: number;
      epoch: { seconds: number; peak: number };
    };
    t.diagnostic(`decoded in ${decoded.seconds.toFixed(1)} s, at most ${(decoded.peak / 1e6).toFixed(0)} MB`);
    t.diagnostic(`opened again in ${(opened * 1000).toFixed(0)} ms`);
    t.diagnostic(
      `${images} images in batches in ${epoch.seconds.toFixed(1)} s, at most ${(epoch.peak / 1e6).toFixed(0)} MB`,
    );
    assert.equal(n, EXTRA + 2000);
    assert.equal(images, n - (n % 128));
    assert.ok(decoded.peak < MOST.decode, `decoding took ${decoded.peak} bytes`);
    assert.ok(epoch.peak < MOST.epoch, `an epoch took ${epoch.peak} bytes`);
    assert.ok((await stat(join(folder, '.decoded', 'svhn-extra', 'train.images.u8'))).size === n * PIXELS);
  });
}

async function runChild(folder: string): Promise<string> {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', fileURLToPath(import.meta.url), 'child', folder],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const status = await new Promise((resolve) => child.once('close', resolve));
  assert.equal(status, 0);
  return output;
}

/** An element: tag, data, and padding to 8 bytes. */
function element(type: number, data: Uint8Array): Buffer {
  const tag = Buffer.alloc(8);
  tag.writeUInt32LE(type, 0);
  tag.writeUInt32LE(data.length, 4);
  return Buffer.concat([tag, data, Buffer.alloc((8 - (data.length % 8)) % 8)]);
}

/** What stands in front of an array's values: the outer tag, flags, dimensions, name, and the tag of the values. */
function head(name: string, dimensions: readonly number[]): { bytes: Buffer; values: number } {
  const values = dimensions.reduce((product, length) => product * length, 1);
  const flags = Buffer.alloc(8);
  flags.writeUInt32LE(9, 0); // mxUINT8_CLASS
  const sizes = Buffer.from(Int32Array.from(dimensions).buffer);
  const inner = [element(6, flags), element(5, sizes), element(1, Buffer.from(name))];
  const tag = Buffer.alloc(8);
  tag.writeUInt32LE(2, 0); // miUINT8
  tag.writeUInt32LE(values, 4);
  const padding = (8 - (values % 8)) % 8;
  const outer = Buffer.alloc(8);
  outer.writeUInt32LE(14, 0); // miMATRIX
  outer.writeUInt32LE(Buffer.concat(inner).length + 8 + values + padding, 4);
  return { bytes: Buffer.concat([outer, ...inner, tag]), values: values + padding };
}

/** Writes `n` made-up digits in the official layout; the SHA-256 of the values of X. */
async function writeMat(file: string, n: number): Promise<string> {
  const header = Buffer.alloc(128, ' ');
  header.write('MATLAB 5.0 MAT-file');
  header.writeUInt16LE(0x0100, 124);
  header.write('IM', 126);
  const labelHead = head('y', [n, 1]);
  const labels = Buffer.alloc(labelHead.values);
  for (let i = 0; i < n; i++) labels[i] = 1 + (i % 10);
  const packedLabels = deflateSync(Buffer.concat([labelHead.bytes, labels]));
  const imageHead = head('X', [32, 32, 3, n]);
  const hash = createHash('sha256');
  const stream = createStream(n, 'extra');
  const noise = Buffer.from(Uint8Array.from({ length: 64 * PIXELS }, () => 100 + stream.int(32)));
  const values = function* () {
    yield imageHead.bytes;
    for (let at = 0; at < imageHead.values; at += noise.length) {
      const piece = noise.subarray(0, Math.min(noise.length, imageHead.values - at));
      hash.update(piece);
      yield piece;
    }
  };
  const place = Buffer.alloc(8);
  place.writeUInt32LE(15, 0); // miCOMPRESSED; its length follows when it is known
  const out = createWriteStream(file);
  out.write(Buffer.concat([header, place]));
  let bytes = 0;
  const deflate = createDeflate({ level: 1 });
  deflate.on('data', (piece: Buffer) => (bytes += piece.length));
  await pipeline(Readable.from(values()), deflate, out);
  const handle = await open(file, 'r+');
  place.writeUInt32LE(bytes, 4);
  await handle.write(place, 0, 8, 128);
  const tag = Buffer.alloc(8);
  tag.writeUInt32LE(15, 0);
  tag.writeUInt32LE(packedLabels.length, 4);
  await handle.write(Buffer.concat([tag, packedLabels]), 0, 8 + packedLabels.length, 128 + 8 + bytes);
  await handle.close();
  return hash.digest('hex');
}
