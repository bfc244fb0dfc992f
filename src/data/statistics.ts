import type { ImageSet, Normalisation } from './types.ts';

/**
 * Mean and standard deviation of each channel over all pixels of all images, in 0..255 units; the deviation has
 * divisor N. Sums are formed over the 256 values of a histogram, so they do not lose precision with many images.
 */
export function channelStatistics({
  images,
  channels,
}: Pick<ImageSet, 'images' | 'channels'>): Normalisation {
  const histograms = new Float64Array(channels * 256);
  for (let at = 0; at < images.length; at += channels) {
    for (let c = 0; c < channels; c++) histograms[c * 256 + images[at + c]!]!++;
  }
  const n = images.length / channels;
  const mean: number[] = [];
  const std: number[] = [];
  for (let c = 0; c < channels; c++) {
    const histogram = histograms.subarray(c * 256, (c + 1) * 256);
    const own = histogram.reduce((sum, count, value) => sum + count * value, 0) / n;
    mean.push(own);
    std.push(Math.sqrt(histogram.reduce((sum, count, value) => sum + count * (value - own) ** 2, 0) / n));
  }
  return { mean, std };
}

/** The number of images of each class. */
export function classCounts({ labels, classes }: Pick<ImageSet, 'labels' | 'classes'>): number[] {
  const counts = new Array<number>(classes.length).fill(0);
  for (const label of labels) counts[label]!++;
  return counts;
}
