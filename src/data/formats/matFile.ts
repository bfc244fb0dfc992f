/**
 * The part of MATLAB's format for files (level 5) that data sets use: arrays of numbers, packed by zlib or not. A file is
 * a header of 128 bytes and elements, each a tag (type and number of bytes) and its data; a variable is an element of
 * type `miMATRIX`, which holds elements itself: flags, dimensions, name, values.
 *
 * Reference: MathWorks, "MAT-File Format", R2023a, chapter 1, "Level 5 MAT-File Format".
 */
import { UserError } from '../../engine/errors.ts';
import { inflated, InflateError, MOST_PACKED } from './inflate.ts';
import { readInto, readPieces } from './readFile.ts';
import { REMEDY, type OpenFile } from './types.ts';

const HEADER = 128;
const MATRIX = 14;
const COMPRESSED = 15;

/** Bytes in front of a variable's values are a few dozen: what does not come within so many is not what we read. */
const LONGEST_HEAD = 4096;

/** Element types of numbers: bytes of each value, and how it is read. */
const NUMBERS: Readonly<Record<number, { readonly bytes: number; readonly read: NumberReader }>> = {
  1: { bytes: 1, read: (view, at) => view.getInt8(at) },
  2: { bytes: 1, read: (view, at) => view.getUint8(at) },
  3: { bytes: 2, read: (view, at, little) => view.getInt16(at, little) },
  4: { bytes: 2, read: (view, at, little) => view.getUint16(at, little) },
  5: { bytes: 4, read: (view, at, little) => view.getInt32(at, little) },
  6: { bytes: 4, read: (view, at, little) => view.getUint32(at, little) },
  7: { bytes: 4, read: (view, at, little) => view.getFloat32(at, little) },
  9: { bytes: 8, read: (view, at, little) => view.getFloat64(at, little) },
};

type NumberReader = (view: DataView, at: number, little: boolean) => number;

/** An array in a file. */
export interface MatVariable {
  readonly name: string;
  /** The first one changes fastest from value to value. */
  readonly dimensions: readonly number[];
  /** Type of its values as they are stored; 2 is unsigned bytes. */
  readonly type: number;
  readonly valueBytes: number;
  readonly place: Place;
}

/** Where the values of a variable lie. */
interface Place {
  /** The element's data in the file. */
  readonly at: number;
  readonly bytes: number;
  readonly isPacked: boolean;
  /** Bytes of the unpacked element, its tag included; of one that is not packed, of its data. */
  readonly whole: number;
  /** Where the values begin in the element, unpacked. */
  readonly valuesAt: number;
  readonly little: boolean;
}

interface Tag {
  readonly type: number;
  readonly bytes: number;
  /** Where its data begins after the tag's own start, and where the next element does. */
  readonly dataAt: number;
  readonly next: number;
}

const aligned = (bytes: number): number => Math.ceil(bytes / 8) * 8;

/** Reads a tag; one whose data has up to 4 bytes holds it itself. */
function readTag(view: DataView, at: number, little: boolean): Tag {
  const word = view.getUint32(at, little);
  const short = word >>> 16;
  if (short > 0) return { type: word & 0xffff, bytes: short, dataAt: at + 4, next: at + 8 };
  const bytes = view.getUint32(at + 4, little);
  return { type: word, bytes, dataAt: at + 8, next: at + 8 + aligned(bytes) };
}

/** What is wrong with a file, without its name. */
class MatProblem extends Error {}

/** Names the file in whatever is wrong with it. */
async function naming<T>({ path }: OpenFile, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isOurs =
      error instanceof MatProblem || error instanceof InflateError || error instanceof RangeError;
    if (!isOurs) throw error;
    throw new UserError(
      `${path} is damaged, truncated, or no MATLAB file of level 5: ${error.message}. ${REMEDY}`,
      { cause: error },
    );
  }
}

/**
 * The variables of a file, found by their heads alone: no values are read.
 *
 * @throws {UserError} where the file is none of this format, or ends early
 */
export async function matVariables(file: OpenFile): Promise<MatVariable[]> {
  return await naming(file, async () => {
    if (file.bytes < HEADER) {
      throw new MatProblem(`expected a header of ${HEADER} bytes; found ${file.bytes} bytes`);
    }
    const header = Buffer.alloc(HEADER);
    await readInto(file, header);
    const mark = header.toString('latin1', 126);
    const little = mark === 'IM';
    const version = little ? header.readUInt16LE(124) : header.readUInt16BE(124);
    if ((mark !== 'IM' && mark !== 'MI') || version !== 0x0100) {
      throw new MatProblem(
        `expected version 0x0100 and the mark IM or MI at byte 124; found 0x${version.toString(16).padStart(4, '0')} ` +
          `and ${JSON.stringify(mark)}`,
      );
    }
    const variables: MatVariable[] = [];
    for (let at = HEADER; at < file.bytes;) {
      if (file.bytes - at < 8) throw new MatProblem(`found ${file.bytes - at} bytes after the last element`);
      const bytes = Buffer.alloc(8);
      await readInto(file, bytes, at);
      const tag = readTag(viewOf(bytes), 0, little);
      const isPacked = tag.type === COMPRESSED;
      const data = { at: at + tag.dataAt, bytes: tag.bytes, isPacked };
      if (data.at + data.bytes > file.bytes) {
        throw new MatProblem(
          `the element at byte ${at} should have ${tag.bytes} bytes; found ${file.bytes - data.at}`,
        );
      }
      if (isPacked || tag.type === MATRIX) variables.push(...(await readHead(file, data, little)));
      // Packed elements lie one after the other, without padding.
      at += isPacked ? tag.dataAt + tag.bytes : tag.next;
    }
    return variables;
  });
}

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

type Data = Pick<Place, 'at' | 'bytes' | 'isPacked'>;

/** The variable in an element; none where that is something else than an array of numbers. */
async function readHead(file: OpenFile, data: Data, little: boolean): Promise<MatVariable[]> {
  const head = await firstBytes(file, data);
  const view = viewOf(head);
  let at = 0;
  let whole = data.bytes;
  if (data.isPacked) {
    const outer = readTag(view, 0, little);
    if (outer.type !== MATRIX) return [];
    whole = outer.dataAt + outer.bytes;
    at = outer.dataAt;
    // zlib makes nothing smaller than a thousandth: no memory is taken for what cannot be there.
    if (whole > (data.bytes + 1) * MOST_PACKED) {
      throw new MatProblem(
        `the element at byte ${data.at} should unpack from ${data.bytes} to ${whole} bytes, which no zlib data does`,
      );
    }
  }
  const flags = readTag(view, at, little);
  if (flags.type !== 6 || flags.bytes !== 8)
    throw new MatProblem(`the array at byte ${data.at} has no flags`);
  const properties = view.getUint32(flags.dataAt, little);
  const kind = properties & 0xff;
  const isComplex = (properties & 0x0800) !== 0;
  const sizes = readTag(view, flags.next, little);
  if (sizes.type !== 5 || sizes.bytes % 4 !== 0 || sizes.bytes < 8) {
    throw new MatProblem(`the array at byte ${data.at} has no dimensions`);
  }
  const dimensions = Array.from({ length: sizes.bytes / 4 }, (_, i) =>
    view.getInt32(sizes.dataAt + 4 * i, little),
  );
  const title = readTag(view, sizes.next, little);
  const name = head.toString('latin1', title.dataAt, title.dataAt + title.bytes);
  // mxDOUBLE_CLASS to mxUINT64_CLASS are numbers; cells, structures and texts are others.
  if (kind < 6 || kind > 15 || isComplex) return [];
  const values = readTag(view, title.next, little);
  const number = NUMBERS[values.type];
  const count = dimensions.reduce((product, length) => product * length, 1);
  if (
    number === undefined ||
    dimensions.some((length) => length < 0) ||
    values.bytes !== count * number.bytes
  ) {
    throw new MatProblem(
      `the array '${name}' should have ${dimensions.join(' by ')} values; found ${values.bytes} bytes of type ${values.type}`,
    );
  }
  const valuesAt = values.dataAt;
  if (valuesAt + values.bytes > whole) {
    throw new MatProblem(
      `the array '${name}' has ${values.bytes} bytes of values in an element of ${whole} bytes`,
    );
  }
  const place = { ...data, whole, valuesAt, little };
  return [{ name, dimensions, type: values.type, valueBytes: number.bytes, place }];
}

/** The head of an element, unpacked. */
async function firstBytes(file: OpenFile, data: Data): Promise<Buffer> {
  if (!data.isPacked) {
    const bytes = Buffer.alloc(Math.min(LONGEST_HEAD, data.bytes));
    await readInto(file, bytes, data.at);
    return bytes;
  }
  const parts: Buffer[] = [];
  let found = 0;
  for await (const part of inflated(readPieces(file, data), { kind: 'zlib', limit: Infinity })) {
    parts.push(part);
    found += part.length;
    if (found >= LONGEST_HEAD) break;
  }
  return Buffer.concat(parts).subarray(0, LONGEST_HEAD);
}

/**
 * The values of a variable as they are stored, in pieces of any length.
 *
 * @throws {UserError} where they end early, or more comes than the variable has
 */
export async function* matValues(
  file: OpenFile,
  { place }: MatVariable,
  bytes: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const pieces = readPieces(file, place);
  const unpacked = place.isPacked ? inflated(pieces, { kind: 'zlib', limit: place.whole }) : pieces;
  const end = place.valuesAt + bytes;
  let at = 0;
  const next = (): Promise<IteratorResult<Uint8Array, void>> => naming(file, () => unpacked.next());
  try {
    for (let piece = await next(); piece.done !== true; piece = await next()) {
      const from = Math.max(0, place.valuesAt - at);
      const to = Math.min(piece.value.length, end - at);
      if (to > from) yield piece.value.subarray(from, to);
      at += piece.value.length;
    }
  } finally {
    await unpacked.return(undefined);
  }
  if (at < place.whole) {
    await naming(file, () =>
      Promise.reject(new MatProblem(`an array should unpack to ${place.whole} bytes; found ${at}`)),
    );
  }
}

/** All values of a variable, as numbers. */
export async function matNumbers(file: OpenFile, variable: MatVariable): Promise<Float64Array> {
  const count = variable.dimensions.reduce((product, length) => product * length, 1);
  const bytes = Buffer.alloc(count * variable.valueBytes);
  let at = 0;
  for await (const piece of matValues(file, variable, bytes.length)) {
    bytes.set(piece, at);
    at += piece.length;
  }
  const view = viewOf(bytes);
  const { read } = NUMBERS[variable.type]!;
  return Float64Array.from({ length: count }, (_, i) =>
    read(view, i * variable.valueBytes, variable.place.little),
  );
}
