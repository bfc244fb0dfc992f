/** What a trained run takes an image for. */
import { readFile } from 'node:fs/promises';

import { tf } from '../../engine/tf.ts';
import { BadImageError, decodeImage, type ImageSet } from '../../data/index.ts';
import { tensorsOf, unreadable, UsageError } from '../../engine/index.ts';
import { evaluateImages } from '../export/check.ts';
import type { TrainedRun } from '../export/run.ts';
import { openTrainedRun } from './open.ts';

export interface Prediction {
  readonly image: string;
  /** The most probable classes, the first the most. Probabilities are 0 to 1. */
  readonly classes: readonly { readonly name: string; readonly probability: number }[];
}

/**
 * What a trained run takes images in files for. An image of another size is brought to the network's as an import does, by Lanczos: as
 * that of the run's own images did (its `fit`), else its middle part of the right shape.
 *
 * @param top how many classes to name; default 3
 * @throws {UsageError} for a run or image that is not there, or a file that is no image
 */
export async function predictImages(options: {
  readonly run: string;
  readonly images: readonly string[];
  readonly top?: number;
  readonly dataFolder?: string;
}): Promise<Prediction[]> {
  const { images, top = 3 } = options;
  const run = await openTrainedRun(options.run, options.dataFolder);
  try {
    const set = await decodeSet(run, images);
    const { probabilities } = await evaluateImages(run, set);
    const { classes } = run.data;
    return images.map((image, i) => ({
      image,
      classes: classes
        .map((name, c) => ({ name, probability: probabilities![i * classes.length + c]! }))
        .sort((a, b) => b.probability - a.probability)
        .slice(0, top),
    }));
  } finally {
    tf.dispose(tensorsOf([run.parameters, run.statistics]));
  }
}

async function decodeSet({ data }: TrainedRun, files: readonly string[]): Promise<ImageSet> {
  const { height, width, channels } = data.image;
  const { fit = 'cover' } = data;
  const images = new Uint8Array(files.length * height * width * channels);
  for (const [i, file] of files.entries()) {
    let bytes: Uint8Array;
    try {
      bytes = await readFile(file);
    } catch (error) {
      throw new UsageError(`The image '${file}' cannot be read: ${unreadable(error)}.`);
    }
    try {
      const decoded = await decodeImage(bytes, { size: { width, height }, fit, grey: channels === 1 });
      images.set(decoded.pixels, i * decoded.pixels.length);
    } catch (error) {
      if (!(error instanceof BadImageError)) throw error;
      throw new UsageError(`The image '${file}' cannot be used: ${error.message}.`, { cause: error });
    }
  }
  return {
    ...{ images, labels: new Uint8Array(files.length), n: files.length },
    ...{ height, width, channels, classes: data.classes },
  };
}
