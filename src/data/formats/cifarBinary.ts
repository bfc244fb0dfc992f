import { UserError } from '../../engine/errors.ts';
import { readInto } from './readFile.ts';
import {
  imagesPerBlock,
  REMEDY,
  type DecodedImages,
  type Format,
  type ImageSize,
  type PartDescription,
} from './types.ts';

/** The bytes of label in front of an image; CIFAR-100 has two, the coarse class and the fine one. */
export interface LabelBytes {
  readonly count: number;
  /** Which of them is the class. */
  readonly index: number;
}

export const ONE_LABEL: LabelBytes = { count: 1, index: 0 };

/** Bytes of one record: the label, then the pixels. */
export function recordBytes(
  { height, width, channels }: ImageSize,
  { count }: LabelBytes = ONE_LABEL,
): number {
  return count + height * width * channels;
}

export interface DecodeOptions extends PartDescription {
  /** Default: one byte. */
  readonly label?: LabelBytes | undefined;
  /** Name of the file, for messages. */
  readonly file: string;
  /** Number of the first record in the file, for messages; default 0. */
  readonly first?: number | undefined;
}

/**
 * The number of records in a file of `bytes` bytes.
 *
 * @throws {UserError} where that is no whole number, or none
 */
export function countRecords(
  bytes: number,
  { size, file, label }: Pick<DecodeOptions, 'size' | 'file' | 'label'>,
): number {
  const record = recordBytes(size, label);
  if (bytes > 0 && bytes % record === 0) return bytes / record;
  throw new UserError(
    `${file} is damaged or truncated: expected whole records of ${record} bytes, at least one; ` +
      `found ${bytes} bytes, ${Math.floor(bytes / record)} records and ${bytes % record} bytes more. ${REMEDY}`,
  );
}

/**
 * Reads the records of the CIFAR binary format: one byte of label (or two), then the image channel by channel (all of red,
 * all of green, all of blue), each row by row. The channels come out beside each other, as TensorFlow takes them.
 *
 * @throws {UserError} naming file, record, expected and found, where the records are not whole or a label is none
 */
export function decodeRecords(bytes: Uint8Array, options: DecodeOptions): DecodedImages {
  const { size, classes, file, label: place = ONE_LABEL, first = 0 } = options;
  const n = countRecords(bytes.length, options);
  const record = recordBytes(size, place);
  const plane = size.height * size.width;
  const images = new Uint8Array(n * plane * size.channels);
  const labels = new Uint8Array(n);
  for (let i = 0; i < n; i++) {
    const label = bytes[i * record + place.index]!;
    if (label >= classes) {
      throw new UserError(
        `${file} is damaged or has another layout: expected labels 0 to ${classes - 1}; ` +
          `found ${label} in record ${first + i}, at byte ${(first + i) * record + place.index}. ${REMEDY}`,
      );
    }
    labels[i] = label;
    const from = i * record + place.count;
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
export function encodeRecords({ images, labels }: DecodedImages, size: ImageSize): Uint8Array {
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

/**
 * The binary format of CIFAR-10 and CIFAR-100: files of records, one after another.
 *
 * Reference: https://www.cs.toronto.edu/~kriz/cifar.html, "Binary version".
 */
export function cifarBinary(label: LabelBytes = ONE_LABEL): Format {
  return (files, { size, classes }) => {
    const counts = files.map((file) => countRecords(file.bytes, { size, label, file: file.path }));
    return Promise.resolve({
      n: counts.reduce((sum, count) => sum + count, 0),
      blocks: async function* () {
        const most = imagesPerBlock(size);
        const record = recordBytes(size, label);
        for (const [i, file] of files.entries()) {
          for (let first = 0; first < counts[i]!; first += most) {
            const bytes = new Uint8Array(Math.min(most, counts[i]! - first) * record);
            await readInto(file, bytes, first * record);
            yield decodeRecords(bytes, { size, classes, label, file: file.path, first });
          }
        }
      },
    });
  };
}
