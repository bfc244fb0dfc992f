import type { Batch } from './makeBatch.ts';
import type { Dataset, MemoryImageSet } from './types.ts';

/** The images of a batch as they are before they are normalised, so that one can look at them. */
export function batchImages(
  { images, labels, n }: Batch,
  { train, normalisation: { mean, std } }: Pick<Dataset, 'train' | 'normalisation'>,
): MemoryImageSet {
  const { height, width, channels, classes } = train;
  // A value beyond the range becomes the nearest.
  const pixels = Uint8ClampedArray.from(
    images,
    (value, i) => value * std[i % channels]! + mean[i % channels]!,
  );
  return {
    images: new Uint8Array(pixels.buffer),
    labels: Uint8Array.from(labels),
    ...{ n, height, width, channels, classes },
  };
}
