import path from 'node:path';

import { PNG } from 'pngjs';

import { extractFeatures, type Features } from '../analysis/index.ts';
import { imageReader, loadDataset, type ImageReader, type ImageSet } from '../data/index.ts';
import { createStream, type Progress } from '../engine/index.ts';
import type { CompleteRun } from '../experiments/index.ts';
import { pairDistances } from '../measures/index.ts';
import {
  confusion,
  confusionMatrix,
  distanceHistograms,
  worstMistakes,
  type Mistake,
} from './figures/index.ts';
import { studyPage, type PageSection } from './html.ts';
import type { Page } from './page.ts';

/** Test images whose distances are drawn: all of their pairs, two million, take a second. */
const MEASURED = 2000;
/** Mistakes that are shown. */
const SHOWN = 24;

/**
 * The page of one run: how it went, as a study of one arm and seed, and what its network does with the test images.
 *
 * @throws {UserError} where its checkpoint or data are not there
 */
export async function runPage(
  run: CompleteRun,
  options: { readonly command: string; readonly progress?: Progress; readonly signal?: AbortSignal },
): Promise<Page> {
  const { command, ...rest } = options;
  const features = await extractFeatures(run.folder, rest);
  const { test } = await loadDataset(run.spec.dataset);
  const name = path.basename(run.folder);
  return await studyPage(
    {
      name,
      title: `${run.arm}, seed ${run.seed}`,
      question: '',
      profile: 'one run',
      arms: [{ name: run.arm, title: run.arm }],
      runs: [run],
      classes: features.classes,
      command,
    },
    [mistakesSection(features, test), distancesSection(features)],
  );
}

function mistakesSection(features: Features, images: ImageSet): PageSection {
  const { labels, classes, logits, indices } = features;
  const predictions = Array.from(labels, (_, i) => predict(logits.values, i, classes.length));
  const matrix = confusion(
    labels,
    predictions.map(({ label }) => label),
    classes,
  );
  const reader = imageReader(images);
  const worst = predictions
    .map((prediction, i) => ({ ...prediction, i }))
    .filter(({ label, i }) => label !== labels[i])
    .sort((a, b) => b.probability - a.probability || a.i - b.i)
    .slice(0, SHOWN)
    .map(({ label, probability, i }): Mistake => ({
      image: pngUri(reader, indices[i]!, images),
      label: classes[labels[i]!]!,
      predicted: classes[label]!,
      probability,
    }));
  return {
    heading: 'Mistakes on the test images',
    figures: {
      confusion: {
        figure: confusionMatrix(matrix),
        caption: 'A row is a true class, a column what its images were taken for.',
      },
      ...(worst.length === 0
        ? {}
        : {
            mistakes: {
              figure: worstMistakes(worst),
              caption:
                'The mistakes that the network was surest of: the class, → what it was taken for, and how sure it was.',
            },
          }),
    },
  };
}

function distancesSection({ taps, labels }: Features): PageSection {
  const n = Math.min(MEASURED, labels.length);
  const distances = Object.entries(taps).map(([tap, { values, dim }]) => {
    const measured = pairDistances({
      features: unitLength(values.subarray(0, n * dim), dim),
      labels: labels.subarray(0, n),
      dim,
      stream: createStream(0, 'distances', tap),
      bins: 40,
    });
    return [tap, measured] as const;
  });
  return {
    heading: 'Distances between test images',
    figures: {
      distances: {
        figure: distanceHistograms(Object.fromEntries(distances)),
        caption: `Distances of unit-norm features of ${n} test images. The less the two overlap, the better a threshold tells pairs of one class from others.`,
      },
    },
  };
}

/** The rows scaled to length 1; a row of zeros stays. */
function unitLength(rows: Float32Array, dim: number): Float32Array {
  const scaled = Float32Array.from(rows);
  for (let at = 0; at < scaled.length; at += dim) {
    const row = scaled.subarray(at, at + dim);
    const length = Math.hypot(...row);
    if (length > 0) row.forEach((value, i) => (row[i] = value / length));
  }
  return scaled;
}

/** The class with the largest logit of row `i`, and its softmax. */
function predict(logits: Float32Array, i: number, classes: number): { label: number; probability: number } {
  const row = logits.subarray(i * classes, (i + 1) * classes);
  const largest = Math.max(...row);
  const sum = row.reduce((total, logit) => total + Math.exp(logit - largest), 0);
  return { label: row.indexOf(largest), probability: 1 / sum };
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
