import path from 'node:path';

import { extractFeatures, type Features } from '../analysis/index.ts';
import { loadDataset, type ImageSet } from '../data/index.ts';
import { createStream, type Progress } from '../engine/index.ts';
import type { CompleteRun } from '../experiments/index.ts';
import { pairDistances } from '../measures/index.ts';
import { confusionMatrix, distanceHistograms, worstMistakes } from './figures/index.ts';
import { studyPage, type PageSection } from './html.ts';
import type { Page } from './page.ts';
import { confusionOf, surestMistakes } from './predictions.ts';

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
  const worst = surestMistakes(features, images, SHOWN);
  return {
    heading: 'Mistakes on the test images',
    figures: {
      confusion: {
        figure: confusionMatrix(confusionOf(features)),
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
