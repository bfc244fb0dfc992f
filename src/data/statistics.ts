import { imageBlocks } from './pixels.ts';
import type { ImageSet, Normalisation } from './types.ts';

/**
 * Mean and standard deviation of each channel over all pixels of all images, in 0..255 units; the deviation has
 * divisor N. Sums are formed over the 256 values of a histogram, so they do not lose precision with many images.
 */
export function channelStatistics(
  set: Pick<ImageSet, 'images' | 'height' | 'width' | 'channels'>,
): Normalisation {
  const { channels } = set;
  const histogram = new Float64Array(channels * 256);
  for (const images of imageBlocks(set)) countValues(histogram, { images, channels });
  return histogramStatistics(histogram);
}

/** Adds to `histogram [channels, 256]` how often each channel of some images has each value. */
export function countValues(
  histogram: Float64Array,
  { images, channels }: { readonly images: Uint8Array; readonly channels: number },
): void {
  for (let at = 0; at < images.length; at += channels) {
    for (let c = 0; c < channels; c++) histogram[c * 256 + images[at + c]!]!++;
  }
}

/** Mean and standard deviation (divisor N) of each channel from its counts of values, `[channels, 256]`. */
export function histogramStatistics(histogram: Float64Array): Normalisation {
  const mean: number[] = [];
  const std: number[] = [];
  for (let at = 0; at < histogram.length; at += 256) {
    const counts = histogram.subarray(at, at + 256);
    const n = counts.reduce((sum, count) => sum + count, 0);
    const own = counts.reduce((sum, count, value) => sum + count * value, 0) / n;
    mean.push(own);
    std.push(Math.sqrt(counts.reduce((sum, count, value) => sum + count * (value - own) ** 2, 0) / n));
  }
  return { mean, std };
}

/** The number of images of each class. */
export function classCounts({ labels, classes }: Pick<ImageSet, 'labels' | 'classes'>): number[] {
  const counts = new Array<number>(classes.length).fill(0);
  for (const label of labels) counts[label]!++;
  return counts;
}
