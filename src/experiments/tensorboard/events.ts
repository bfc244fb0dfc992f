/**
 * TensorBoard's event files: records with checksums (TFRecord), each a protocol buffer `Event`. Only what scalars need, by
 * TensorFlow's event.proto and summary.proto.
 */
import { maskedCrc32c } from './crc32c.ts';

/** One event: scalars of a step, or the version that a file begins with. */
export interface ScalarEvent {
  /** Seconds since 1970. */
  readonly wallTime: number;
  readonly step: number;
  readonly scalars: Readonly<Record<string, number>>;
}

/** What a file begins with. */
export function encodeVersion(wallTime: number): Uint8Array {
  return record(Buffer.concat([double(1, wallTime), text(3, 'brain.Event:2')]));
}

/** An event, framed. */
export function encodeEvent({ wallTime, step, scalars }: ScalarEvent): Uint8Array {
  const values = Object.entries(scalars).map(([tag, value]) =>
    message(1, Buffer.concat([text(1, tag), float(2, value)])),
  );
  return record(Buffer.concat([double(1, wallTime), integer(2, step), message(5, Buffer.concat(values))]));
}

/** A record of a TFRecord file: length, its checksum, content, its checksum. */
function record(content: Uint8Array): Uint8Array {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(content.length));
  return Buffer.concat([length, checksum(length), content, checksum(content)]);
}

function checksum(bytes: Uint8Array): Uint8Array {
  const crc = Buffer.alloc(4);
  crc.writeUInt32LE(maskedCrc32c(bytes));
  return crc;
}

/** Wire types of protocol buffers. */
const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

const key = (field: number, type: number): Uint8Array => varint(field * 8 + type);

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  return Uint8Array.from([...bytes, rest]);
}

const integer = (field: number, value: number) => Buffer.concat([key(field, VARINT), varint(value)]);

function double(field: number, value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return Buffer.concat([key(field, FIXED64), bytes]);
}

function float(field: number, value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([key(field, FIXED32), bytes]);
}

const message = (field: number, content: Uint8Array) =>
  Buffer.concat([key(field, BYTES), varint(content.length), content]);

const text = (field: number, value: string) => message(field, Buffer.from(value));
