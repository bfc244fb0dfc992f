import type { ImageSet, Normalisation } from './types.ts';

/**
 * Mean and standard deviation of each channel over all pixels of all images, in 0..255 units; the deviation has
 * divisor N. Exact up to the last rounding: sums are formed from integer histograms.
 */
export function channelStatistics({ images, channels }: Pick<ImageSet, 'images' | 'channels'>): Normalisation {
  const histograms = new Float64Array(channels * 256);
  for (let at = 0; at < images.length; at += channels) {
    for (let c = 0; c < channels; c++) histograms[c * 256 + images[at + c]!]!++;
  }
  const n = images.length / channels;
  const mean: number[] = [];
  const std: number[] = [];
  for (let c = 0; c < channels; c++) {
    let sum = 0;
    let squares = 0;
    for (let value = 0; value < 256; value++) {
      const count = histograms[c * 256 + value]!;
      sum += count * value;
      squares += count * value * value;
    }
    mean.push(sum / n);
    // n·Σx² - (Σx)² would pass 2^53; the centred form of the same keeps its precision.
    std.push(Math.sqrt(squares / n - (sum / n) ** 2));
  }
  return { mean, std };
}

/** The number of images of each class. */
export function classCounts({ labels, classes }: Pick<ImageSet, 'labels' | 'classes'>): number[] {
  const counts = new Array<number>(classes.length).fill(0);
  for (const label of labels) counts[label]!++;
  return counts;
}
