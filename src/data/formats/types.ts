import type { FileHandle } from 'node:fs/promises';

/** The size of an image. */
export interface ImageSize {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** The images and labels of a file or part. */
export interface DecodedImages {
  /** `[n, height, width, channels]` */
  readonly images: Uint8Array;
  /** `[n]` */
  readonly labels: Uint8Array;
}

/** One file of a part, opened for reading. */
export interface OpenFile {
  readonly path: string;
  readonly handle: FileHandle;
  readonly bytes: number;
}

/** What the images of a part have to be. */
export interface PartDescription {
  readonly size: ImageSize;
  /** Number of classes: labels are `0..classes-1`. */
  readonly classes: number;
}

/** A part whose files have been looked at, but not read. */
export interface OpenPart {
  /** Number of images. */
  readonly n: number;
  /** Reads all of them, in blocks of whole images from first to last: memory does not grow with their number. */
  readonly blocks: () => AsyncGenerator<DecodedImages, void, undefined>;
}

/**
 * A file format: looks at the files of a part, in the manifest's order.
 *
 * @throws {UserError} naming file, place, expected and found, where they are not what the format says; what cannot be
 *   seen without reading everything is refused by `blocks`, at the end at the latest
 */
export type Format = (files: readonly OpenFile[], part: PartDescription) => Promise<OpenPart>;

/** What to do about a file that is not what its format says. */
export const REMEDY = 'Remove it and fetch the data set again, or put the right file there.';

/** How many images make a block: some megabytes of pixels. */
export function imagesPerBlock({ height, width, channels }: ImageSize): number {
  return Math.max(1, Math.floor((4 << 20) / (height * width * channels)));
}
