import { tf } from '../engine/tf.ts';
import type { NamedTensors } from '../models/index.ts';

/**
 * Named float32 tensors as one file in the safetensors format, which Python's `safetensors` package reads: the
 * header's length (8 bytes, little-endian), the header (JSON: dtype, shape and place of each tensor), the values.
 */

interface Entry {
  /** `F32` in what is written here; others may be in the files of other programs. */
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/** Values with their shape, row after row. */
export type NamedArrays = Readonly<
  Record<string, { readonly shape: readonly number[]; readonly values: Float32Array }>
>;

type Metadata = Readonly<Record<string, string>>;

/** @param metadata strings to keep beside the tensors */
export function encodeSafetensors(tensors: NamedTensors, metadata: Metadata): Uint8Array {
  const arrays = Object.entries(tensors).map(([name, tensor]) => {
    return [name, { shape: tensor.shape, values: tensor.dataSync<'float32'>() }] as const;
  });
  return encodeArrays(Object.fromEntries(arrays), metadata);
}

/** The inverse of {@link encodeSafetensors}. @throws {Error} where the bytes are cut short or no such file */
export function decodeSafetensors(bytes: Uint8Array): { tensors: NamedTensors; metadata: Metadata } {
  const { arrays, metadata } = decodeArrays(bytes);
  const tensors = Object.entries(arrays).map(([name, { shape, values }]) => {
    return [name, tf.tensor(values, [...shape], 'float32')] as const;
  });
  return { tensors: Object.fromEntries(tensors), metadata };
}

/** {@link encodeSafetensors} of values that are not on the engine. */
export function encodeArrays(arrays: NamedArrays, metadata: Metadata): Uint8Array {
  const header: Record<string, Entry | Metadata> = { __metadata__: metadata };
  const blocks: Uint8Array[] = [];
  let offset = 0;
  for (const [name, { shape, values }] of Object.entries(arrays)) {
    blocks.push(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + values.byteLength] };
    offset += values.byteLength;
  }
  // The values begin at a multiple of 8 bytes: the header is filled up with spaces.
  const text = JSON.stringify(header);
  const json = Buffer.from(text.padEnd(text.length + ((8 - (Buffer.byteLength(text) % 8)) % 8)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.byteLength));
  return Buffer.concat([length, json, ...blocks]);
}

/** The inverse of {@link encodeArrays}. @throws {Error} where the bytes are cut short, of another type, or no such file */
export function decodeArrays(bytes: Uint8Array): { arrays: NamedArrays; metadata: Metadata } {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = 8 + Number(buffer.readBigUInt64LE(0));
  const header = JSON.parse(buffer.toString('utf8', 8, start)) as Record<string, Entry>;
  const arrays: Record<string, NamedArrays[string]> = {};
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const {
      dtype,
      data_offsets: [from, to],
    } = entry;
    if (dtype !== 'F32') throw new Error(`the values of '${name}' are ${dtype}, not F32`);
    if (start + to > buffer.byteLength) throw new Error(`the values of '${name}' are cut short`);
    // Copied, since a view must begin at a multiple of 4 bytes.
    const values = new Float32Array(
      buffer.buffer.slice(buffer.byteOffset + start + from, buffer.byteOffset + start + to),
    );
    arrays[name] = { shape: entry.shape, values };
  }
  const metadata = header['__metadata__'] as unknown as Metadata | undefined;
  return { arrays, metadata: metadata ?? {} };
}
