import { PNG } from 'pngjs';

import type { Features } from '../analysis/index.ts';
import { imageReader, type ImageReader, type ImageSet } from '../data/index.ts';
import { confusion, type Confusion, type Mistake } from './figures/index.ts';

/** Labels and logits of the same images, as `extractFeatures` gives them. */
type Predicted = Pick<Features, 'labels' | 'classes' | 'logits'>;

/** Counts which class was taken for which; an image is taken for the class of its largest logit. */
export function confusionOf({ labels, classes, logits }: Predicted): Confusion {
  return confusion(
    labels,
    predictions(logits).map(({ label }) => label),
    classes,
  );
}

/**
 * The mistakes that a network was surest of, the surest first.
 *
 * @param features of the images, or some of them
 * @param images the part of the data set that they are of, e.g. `dataset.test`
 * @param most so many at most
 */
export function surestMistakes(
  { labels, classes, logits, indices }: Predicted & Pick<Features, 'indices'>,
  images: ImageSet,
  most: number,
): Mistake[] {
  const reader = imageReader(images);
  return predictions(logits)
    .map((prediction, i) => ({ ...prediction, i }))
    .filter(({ label, i }) => label !== labels[i])
    .sort((a, b) => b.probability - a.probability || a.i - b.i)
    .slice(0, most)
    .map(({ label, probability, i }) => ({
      image: pngUri(reader, indices[i]!, images),
      label: classes[labels[i]!]!,
      predicted: classes[label]!,
      probability,
    }));
}

/** The class with the largest logit of each row, and its softmax. */
function predictions({ values, dim }: Features['logits']): { label: number; probability: number }[] {
  return Array.from({ length: values.length / dim }, (_, i) => {
    const row = values.subarray(i * dim, (i + 1) * dim);
    const largest = Math.max(...row);
    const sum = row.reduce((total, logit) => total + Math.exp(logit - largest), 0);
    return { label: row.indexOf(largest), probability: 1 / sum };
  });
}

/** An image of a set as the address of a PNG. */
function pngUri(reader: ImageReader, index: number, { height, width, channels }: ImageSet): string {
  const from = reader.seek(index);
  const pixels = reader.bytes.subarray(from, from + height * width * channels);
  const png = new PNG({ width, height });
  for (let p = 0; p < height * width; p++) {
    for (let c = 0; c < 3; c++) png.data[4 * p + c] = pixels[p * channels + Math.min(c, channels - 1)]!;
    png.data[4 * p + 3] = 255;
  }
  return `data:image/png;base64,${PNG.sync.write(png).toString('base64')}`;
}
