import * as tf from '@tensorflow/tfjs';

import type { NamedTensors } from '../models/index.ts';

/**
 * Named float32 tensors as one file in the safetensors format, which Python's `safetensors` package reads: the
 * header's length (8 bytes, little-endian), the header (JSON: dtype, shape and place of each tensor), the values.
 */

interface Entry {
  readonly dtype: 'F32';
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/** @param metadata strings to keep beside the tensors */
export function encodeSafetensors(
  tensors: NamedTensors,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const header: Record<string, Entry | Readonly<Record<string, string>>> = { __metadata__: metadata };
  const blocks: Uint8Array[] = [];
  let offset = 0;
  for (const [name, tensor] of Object.entries(tensors)) {
    const values = tensor.dataSync<'float32'>();
    blocks.push(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    header[name] = {
      dtype: 'F32',
      shape: tensor.shape,
      data_offsets: [offset, offset + values.byteLength],
    };
    offset += values.byteLength;
  }
  // The values begin at a multiple of 8 bytes: the header is filled up with spaces.
  const text = JSON.stringify(header);
  const json = Buffer.from(text.padEnd(text.length + ((8 - (Buffer.byteLength(text) % 8)) % 8)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.byteLength));
  return Buffer.concat([length, json, ...blocks]);
}

/** The inverse of {@link encodeSafetensors}. @throws {Error} where the bytes are cut short or no such file */
export function decodeSafetensors(bytes: Uint8Array): {
  tensors: NamedTensors;
  metadata: Readonly<Record<string, string>>;
} {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = 8 + Number(buffer.readBigUInt64LE(0));
  const header = JSON.parse(buffer.toString('utf8', 8, start)) as Record<string, Entry>;
  const tensors: Record<string, tf.Tensor> = {};
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const [from, to] = entry.data_offsets;
    if (start + to > buffer.byteLength) throw new Error(`the values of '${name}' are cut short`);
    // Copied, since a view must begin at a multiple of 4 bytes.
    const values = new Float32Array(
      buffer.buffer.slice(buffer.byteOffset + start + from, buffer.byteOffset + start + to),
    );
    tensors[name] = tf.tensor(values, [...entry.shape], 'float32');
  }
  const metadata = header['__metadata__'] as unknown as Readonly<Record<string, string>> | undefined;
  return { tensors, metadata: metadata ?? {} };
}
