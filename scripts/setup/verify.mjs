// @ts-check
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';

import { NotAvailable } from './errors.mjs';

/**
 * @param {string} file
 * @returns {Promise<string>} SHA-256, in hexadecimal
 */
export async function sha256(file) {
  const hash = createHash('sha256');
  await pipeline(fs.createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

/**
 * Refuses a wheel that is not the pinned one.
 *
 * @param {string} file
 * @param {{ file: string, sha256: string, bytes?: number }} wheel
 * @throws {NotAvailable} with the file, what was expected and what was found
 */
export async function verifyWheel(file, wheel) {
  const { size } = fs.statSync(file);
  const what = `${file} is not ${file.endsWith(wheel.file) ? 'the file it should be' : wheel.file}`;
  if (wheel.bytes !== undefined && size !== wheel.bytes) {
    throw new NotAvailable(
      `${what}: expected ${grouped(wheel.bytes)} bytes, found ${grouped(size)}` +
        (size < wheel.bytes ? ' (it is incomplete)' : ''),
    );
  }
  const found = await sha256(file);
  if (found !== wheel.sha256) {
    throw new NotAvailable(`${what}: expected sha256 ${wheel.sha256}, found ${found}`);
  }
}

/**
 * The wheel of this build that a file holds, by its size or name; the first where nothing fits.
 *
 * @param {string} file
 * @param {readonly import('./wheels.mjs').Wheel[]} wheels
 */
export function wheelOf(file, wheels) {
  const named = wheels.find((wheel) => wheel.file === path.basename(file));
  if (named !== undefined) return named;
  const size = fs.statSync(file, { throwIfNoEntry: false })?.size;
  return wheels.find(({ bytes }) => bytes !== undefined && bytes === size) ?? wheels[0];
}

/** @param {number} bytes */
export function grouped(bytes) {
  return bytes.toLocaleString('en-US');
}
