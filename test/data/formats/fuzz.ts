/** Damages files at random and looks at what the readers say. */
import assert from 'node:assert/strict';

import type { Format, PartDescription } from '../../../src/data/formats/types.ts';
import { createStream, type Stream } from '../../../src/engine/random.ts';
import { decodeAll } from './memoryFile.ts';

export interface FuzzOptions {
  readonly format: Format;
  readonly files: readonly Uint8Array[];
  readonly part: PartDescription;
  /** How many damaged copies are read. */
  readonly inputs: number;
  readonly seed: number;
}

export interface FuzzResult {
  readonly read: number;
  readonly refused: number;
  /** Of one input, in milliseconds. */
  readonly slowest: number;
}

/** A copy with some bits flipped, bytes overwritten, a part cut out or put in twice, or its end missing. */
function damaged(bytes: Uint8Array, stream: Stream): Uint8Array {
  const at = stream.int(bytes.length + 1);
  switch (stream.int(5)) {
    case 0:
      return bytes.slice(0, at);
    case 1: {
      const end = Math.min(bytes.length, at + 1 + stream.int(64));
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)]);
    }
    case 2: {
      const end = Math.min(bytes.length, at + 1 + stream.int(64));
      return Buffer.concat([bytes.subarray(0, end), bytes.subarray(at)]);
    }
    case 3: {
      const copy = Uint8Array.from(bytes); // a Buffer's slice is no copy
      for (let i = 1 + stream.int(8); i > 0; i--) copy[stream.int(copy.length)] = stream.int(256);
      return copy;
    }
    default: {
      // The heads are where readers believe what they read.
      const copy = Uint8Array.from(bytes);
      const within = Math.min(copy.length, 1 << (3 + stream.int(9)));
      for (let i = 1 + stream.int(3); i > 0; i--) copy[stream.int(within)]! ^= 1 << stream.int(8);
      return copy;
    }
  }
}

/** Each damaged input is read or refused with a sentence: no crash, no other error, and no memory for what is not there. */
export async function fuzz({ format, files, part, inputs, seed }: FuzzOptions): Promise<FuzzResult> {
  const stream = createStream(seed, 'fuzz');
  let read = 0;
  let refused = 0;
  let slowest = 0;
  const most = 1100 * files.reduce((sum, file) => sum + file.length + 64, 0);
  for (let i = 0; i < inputs; i++) {
    const target = stream.int(files.length);
    const input = files.map((file, index) => (index === target ? damaged(file, stream) : file));
    const began = performance.now();
    try {
      const { images } = await decodeAll(format, input, part);
      assert.ok(images.length <= most, `input ${i}: ${images.length} bytes of pixels`);
      read++;
    } catch (error) {
      const { name, message } = error as Error;
      assert.equal(name, 'UserError', `input ${i}: ${(error as Error).stack}`);
      assert.match(message, /file\d/, `input ${i} names no file: ${message}`);
      refused++;
    }
    slowest = Math.max(slowest, performance.now() - began);
  }
  return { read, refused, slowest };
}
