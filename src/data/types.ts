/** A number of images of one size with their labels. */
export interface ImageSet {
  /** Pixels `[n, height, width, channels]`, row by row, 0 to 255. */
  readonly images: Uint8Array;
  /** `[n]`, each an index into `classes`. */
  readonly labels: Uint8Array;
  readonly n: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly classes: readonly string[];
}

/** What brings pixels to mean 0 and deviation 1: `(pixel - mean[c]) / std[c]`, in units of the pixels (0 to 255). */
export interface Normalisation {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** A data set with its fixed division into a training and a test part. */
export interface Dataset {
  /** The name in the manifest, e.g. `cifar10`. */
  readonly name: string;
  readonly train: ImageSet;
  readonly test: ImageSet;
  /** Whether every file is, to the byte, the one the authors published. */
  readonly official: boolean;
  /** Of the official training part, from the manifest: the same for parts of the set. */
  readonly normalisation: Normalisation;
  /** For {@link splitValidation}, where neighbours in the training part resemble each other. */
  readonly blockSize?: number | undefined;
}
