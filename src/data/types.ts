/**
 * Pixels that stay in a file, which holds nothing else. It is open as long as somebody has this object, so that whoever
 * removes or replaces the file disturbs nobody. Data only: threads of the process read it, too.
 */
export interface PixelFile {
  readonly path: string;
  readonly bytes: number;
  readonly descriptor: number;
}

/** A number of images of one size with their labels. */
export interface ImageSet {
  /**
   * Pixels `[n, height, width, channels]`, row by row, 0 to 255: in memory, or in a file. Batches are made of either;
   * {@link imageBlocks} goes through either, {@link pixelsInMemory} gives the bytes of either.
   */
  readonly images: Uint8Array | PixelFile;
  /** `[n]`, each an index into `classes`. */
  readonly labels: Uint8Array;
  readonly n: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly classes: readonly string[];
}

/** A set whose pixels are in memory. */
export type MemoryImageSet = ImageSet & { readonly images: Uint8Array };

/** What brings pixels to mean 0 and deviation 1: `(pixel - mean[c]) / std[c]`, in units of the pixels (0 to 255). */
export interface Normalisation {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** What is known of the images of a training part that says how some of them are to be held out. */
export interface HoldOut {
  /** So many neighbours resemble each other, as digits cut from one photograph do, and stay together. */
  readonly blockSize?: number | undefined;
  /** `[n]`: images of one number, of one person for instance, stay together. */
  readonly groups?: Uint32Array | undefined;
  /** The images from this one on were given to be held out. */
  readonly givenFrom?: number | undefined;
}

/** A data set with its fixed division into a training and a test part. */
export interface Dataset extends HoldOut {
  /** The name in the manifest, e.g. `cifar10`. */
  readonly name: string;
  /** Images to train on and to hold out from it, see {@link splitValidation}. */
  readonly train: ImageSet;
  readonly test: ImageSet;
  /** Whether every file is, to the byte, the one the authors published. */
  readonly official: boolean;
  /** SHA-256 of the images, labels, groups and classes of both parts: equal where, and only where, the sets are. */
  readonly digest: string;
  /** Of the official training part, from the manifest: the same for parts of the set. */
  readonly normalisation: Normalisation;
}
