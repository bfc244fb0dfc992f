import { readFile } from 'node:fs/promises';

import type { Features } from '../../analysis/index.ts';
import { decodeImage, encodePng, pngReader, type ImageSet } from '../../data/index.ts';
import type { Prediction } from '../../experiments/index.ts';
import { confusionCounts, predictedClasses, softmax, type PredictedClass } from '../../measures/index.ts';
import type { Confusion } from './confusion.ts';
import { predictedPictures, type Mistake } from './mistakes.ts';
import type { Figure } from './theme.ts';
import { pngUri } from './pngUri.ts';

/** Labels and logits of the same images, as `extractFeatures` gives them. */
type Predicted = Pick<Features, 'labels' | 'classes' | 'logits'>;

/** Counts which class was taken for which; an image is taken for the class of its largest logit. */
export function confusionOf({ labels, classes, logits }: Predicted): Confusion {
  const takenFor = predictionsOf(logits).map(({ label }) => label);
  return { classes, counts: confusionCounts(labels, takenFor, classes.length) };
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
  const png = pngReader(images);
  return predictionsOf(logits)
    .map((prediction, i) => ({ ...prediction, i }))
    .filter(({ label, i }) => label !== labels[i])
    .sort((a, b) => b.probability - a.probability || a.i - b.i)
    .slice(0, most)
    .map(({ label, probability, i }) => ({
      image: pngUri(png(indices[i]!)),
      label: classes[labels[i]!]!,
      predicted: classes[label]!,
      probability,
    }));
}

/**
 * Pictures from files as a network gets them, in its size, and what it takes them for.
 *
 * @param predictions of `predictImages`
 * @param shape of the network's images, e.g. `dataset.train`
 */
export async function predictionsFigure(
  predictions: readonly Prediction[],
  shape: Pick<ImageSet, 'height' | 'width' | 'channels'>,
): Promise<Figure> {
  const { height, width, channels } = shape;
  const options = { size: { height, width }, grey: channels === 1 };
  const pictures = predictions.map(async ({ image, classes }) => {
    const { pixels } = await decodeImage(await readFile(image), options);
    return { image: pngUri(encodePng(pixels, shape)), classes };
  });
  return predictedPictures(await Promise.all(pictures));
}

function predictionsOf({ values, dim }: Features['logits']): PredictedClass[] {
  return predictedClasses(softmax(values, dim), dim);
}
