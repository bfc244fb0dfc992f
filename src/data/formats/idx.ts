import { UserError } from '../../engine/errors.ts';
import { inflated, InflateError, MOST_PACKED } from './inflate.ts';
import { readInto, readPieces, wholeImages } from './readFile.ts';
import { REMEDY, type Format, type OpenFile, type OpenPart, type PartDescription } from './types.ts';

/** Bytes in front of the values: two zeros, the type, the number of dimensions, then each dimension, big-endian. */
const headerBytes = (dimensions: number): number => 4 + 4 * dimensions;

/** The type code of unsigned bytes. */
const UINT8 = 0x08;

/** A file of unsigned bytes, plain or packed by gzip. */
interface IdxFile {
  readonly file: OpenFile;
  readonly isPacked: boolean;
  readonly shape: readonly number[];
}

/**
 * The IDX format of MNIST: a part is a file of images `[n, height, width] uint8` and one of labels `[n] uint8`, each
 * plain or packed by gzip. Images have one channel.
 *
 * Reference: http://yann.lecun.com/exdb/mnist, "File formats for the MNIST database".
 */
export const openIdx: Format = async (files, part) => {
  const [imageFile, labelFile] = files;
  if (files.length !== 2 || imageFile === undefined || labelFile === undefined) {
    throw new UserError(
      `A part in the IDX format has two files, images and labels; the manifest names ${files.length}.`,
    );
  }
  const images = await openFile(imageFile, 3);
  const labels = await openFile(labelFile, 1);
  const [n = 0, height, width] = images.shape;
  const { size } = part;
  if (n === 0 || height !== size.height || width !== size.width || size.channels !== 1) {
    throw new UserError(
      `${imageFile.path} does not hold the images that were expected: ${size.height} by ${size.width} pixels in ` +
        `${size.channels} channels, at least one image; found ${n} images of ${height} by ${width} in 1. ${REMEDY}`,
    );
  }
  if (labels.shape[0] !== n) {
    throw new UserError(
      `${imageFile.path} and ${labelFile.path} do not belong together: ${n} images and ${labels.shape[0]} labels. ${REMEDY}`,
    );
  }
  return {
    n,
    blocks: async function* () {
      // The small file first: it is refused before the large one is read.
      const all = new Uint8Array(n);
      let at = 0;
      for await (const piece of values(labels)) {
        all.set(piece, at);
        at += piece.length;
      }
      checkLabels(labelFile, all, part);
      let first = 0;
      for await (const block of wholeImages(values(images), size)) {
        const count = block.length / (size.height * size.width);
        yield { images: block, labels: all.subarray(first, first + count) };
        first += count;
      }
    },
  } satisfies OpenPart;
};

function checkLabels({ path }: OpenFile, labels: Uint8Array, { classes }: PartDescription): void {
  const wrong = labels.findIndex((label) => label >= classes);
  if (wrong < 0) return;
  throw new UserError(
    `${path} is damaged or of another set: expected labels 0 to ${classes - 1}; ` +
      `found ${labels[wrong]} for image ${wrong}. ${REMEDY}`,
  );
}

async function openFile(file: OpenFile, dimensions: number): Promise<IdxFile> {
  const bytes = headerBytes(dimensions);
  const first = new Uint8Array(Math.min(2, file.bytes));
  await readInto(file, first);
  const isPacked = first[0] === 0x1f && first[1] === 0x8b;
  const header = Buffer.alloc(bytes);
  let found = 0;
  await refusing(file, async () => {
    for await (const piece of unpacked({ file, isPacked }, Infinity)) {
      found += header.length - found > 0 ? Buffer.from(piece).copy(header, found) : 0;
      if (found === bytes) return;
    }
  });
  if (found < bytes) {
    throw new UserError(
      `${file.path} is truncated: expected a header of ${bytes} bytes; found ${found}. ${REMEDY}`,
    );
  }
  const magic = header.readUInt32BE(0);
  const expected = (UINT8 << 8) | dimensions;
  if (magic !== expected) {
    throw new UserError(
      `${file.path} is no IDX file of unsigned bytes in ${dimensions} dimensions: expected the first four bytes ` +
        `${hex(expected)}; found ${hex(magic)}. ${REMEDY}`,
    );
  }
  const shape = Array.from({ length: dimensions }, (_, i) => header.readUInt32BE(4 + 4 * i));
  const whole = bytes + shape.reduce((product, length) => product * length, 1);
  // What a packed file unpacks to is seen when it is read.
  if (isPacked ? whole > (file.bytes + 1) * MOST_PACKED : whole !== file.bytes) {
    throw new UserError(
      `${file.path} is damaged or truncated: its header says ${shape.join(' by ')} values, ${whole} bytes in all; ` +
        `found ${file.bytes} bytes${isPacked ? ' packed by gzip' : ''}. ${REMEDY}`,
    );
  }
  return { file, isPacked, shape };
}

const hex = (value: number): string => `0x${value.toString(16).padStart(8, '0')}`;

function unpacked(
  { file, isPacked }: Pick<IdxFile, 'file' | 'isPacked'>,
  limit: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const pieces = readPieces(file, { at: 0, bytes: file.bytes });
  return isPacked ? inflated(pieces, { kind: 'gzip', limit }) : pieces;
}

/** The values of a file in pieces of any length: as many as its header says. */
async function* values({ file, isPacked, shape }: IdxFile): AsyncGenerator<Uint8Array, void, undefined> {
  const skip = headerBytes(shape.length);
  const whole = skip + shape.reduce((product, length) => product * length, 1);
  const pieces = unpacked({ file, isPacked }, whole);
  let at = 0;
  try {
    for (;;) {
      const next = await refusing(file, () => pieces.next());
      if (next.done === true) break;
      if (at + next.value.length > skip) yield next.value.subarray(Math.max(0, skip - at));
      at += next.value.length;
    }
  } finally {
    await pieces.return(undefined);
  }
  if (at !== whole) {
    throw new UserError(`${file.path} is truncated: expected ${whole} bytes; found ${at}. ${REMEDY}`);
  }
}

/** Names the file in what goes wrong with its compression. */
async function refusing<T>({ path }: OpenFile, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof InflateError)) throw error;
    throw new UserError(
      `${path} does not unpack: expected a whole gzip file; found ${error.message}. ${REMEDY}`,
      {
        cause: error,
      },
    );
  }
}
