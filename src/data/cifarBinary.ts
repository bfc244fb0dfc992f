import { UserError } from '../engine/errors.ts';

/** The size of an image. */
export interface ImageSize {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

const REMEDY = 'Remove it and fetch the data set again, or put the right file there.';

/** Bytes of one record: the label, then the pixels. */
export function recordBytes({ height, width, channels }: ImageSize): number {
  return 1 + height * width * channels;
}

/** The images and labels of one file of records. */
export interface DecodedRecords {
  /** `[n, height, width, channels]` */
  readonly images: Uint8Array;
  /** `[n]` */
  readonly labels: Uint8Array;
}

export interface DecodeOptions {
  readonly size: ImageSize;
  /** Number of classes: labels are `0..classes-1`. */
  readonly classes: number;
  /** Name of the file, for messages. */
  readonly file: string;
  /** Arrays to fill instead of new ones, exactly as long as the records need. */
  readonly into?: DecodedRecords;
}

/**
 * The number of records in a file of `bytes` bytes.
 *
 * @throws {UserError} where that is no whole number, or none
 */
export function countRecords(bytes: number, { size, file }: Pick<DecodeOptions, 'size' | 'file'>): number {
  const record = recordBytes(size);
  if (bytes > 0 && bytes % record === 0) return bytes / record;
  throw new UserError(
    `${file} is damaged or truncated: expected whole records of ${record} bytes, at least one; ` +
      `found ${bytes} bytes, ${Math.floor(bytes / record)} records and ${bytes % record} bytes more. ${REMEDY}`,
  );
}

/**
 * Reads the records of the CIFAR-10 binary format: one byte of label, then the image channel by channel (all of red,
 * all of green, all of blue), each row by row. The channels come out beside each other, as TensorFlow takes them.
 *
 * @throws {UserError} naming file, record, expected and found, where the records are not whole or a label is none
 */
export function decodeRecords(bytes: Uint8Array, options: DecodeOptions): DecodedRecords {
  const { size, classes, file } = options;
  const n = countRecords(bytes.length, options);
  const record = recordBytes(size);
  const plane = size.height * size.width;
  const { images, labels } = options.into ?? {
    images: new Uint8Array(n * plane * size.channels),
    labels: new Uint8Array(n),
  };
  for (let i = 0; i < n; i++) {
    const label = bytes[i * record]!;
    if (label >= classes) {
      throw new UserError(
        `${file} is damaged or has another layout: expected labels 0 to ${classes - 1}; ` +
          `found ${label} in record ${i}, at byte ${i * record}. ${REMEDY}`,
      );
    }
    labels[i] = label;
    const from = i * record + 1;
    const to = i * plane * size.channels;
    if (size.channels === 3) {
      // The common case unrolled: half the time of the general loop below.
      for (let p = 0, at = to; p < plane; p++, at += 3) {
        images[at] = bytes[from + p]!;
        images[at + 1] = bytes[from + plane + p]!;
        images[at + 2] = bytes[from + 2 * plane + p]!;
      }
    } else {
      for (let c = 0; c < size.channels; c++) {
        for (let p = 0; p < plane; p++) images[to + p * size.channels + c] = bytes[from + c * plane + p]!;
      }
    }
  }
  return { images, labels };
}

/** The reverse of {@link decodeRecords}: `images [n, height, width, channels]` and `labels [n]` to records. */
export function encodeRecords({ images, labels }: DecodedRecords, size: ImageSize): Uint8Array {
  const record = recordBytes(size);
  const plane = size.height * size.width;
  const bytes = new Uint8Array(labels.length * record);
  for (let i = 0; i < labels.length; i++) {
    bytes[i * record] = labels[i]!;
    for (let c = 0; c < size.channels; c++) {
      const to = i * record + 1 + c * plane;
      const from = i * plane * size.channels + c;
      for (let p = 0; p < plane; p++) bytes[to + p] = images[from + p * size.channels]!;
    }
  }
  return bytes;
}
