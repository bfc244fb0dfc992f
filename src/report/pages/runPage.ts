import path from 'node:path';

import { extractFeatures, type Features } from '../../analysis/index.ts';
import { loadDataset, type ImageSet } from '../../data/index.ts';
import { createStream, type Progress } from '../../engine/index.ts';
import type { CompleteRun } from '../../experiments/index.ts';
import { calibration, pairDistances, softmax, unitRows } from '../../measures/index.ts';
import { confusionMatrix, distanceHistograms, reliabilityDiagram, worstMistakes } from '../figures/index.ts';
import { whole } from '../format.ts';
import { studyPage, type PageSection } from './studyPage.ts';
import type { Page } from './page.ts';
import { confusionOf, surestMistakes } from '../figures/predictions.ts';

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
  return studyPage(
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
    [mistakesSection(features, test), calibrationSection(features), distancesSection(features)],
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

/** Whether the network is as often right as it is sure. */
export function calibrationSection({
  labels,
  classes,
  logits,
}: Pick<Features, 'labels' | 'classes' | 'logits'>): PageSection {
  const options = { probabilities: softmax(logits.values, logits.dim), labels, classes: classes.length };
  const { expectedError, overconfidence, bins } = calibration(options);
  return {
    heading: 'Calibration on the test images',
    figures: {
      reliability: {
        figure: reliabilityDiagram({ bins, expectedError }),
        caption:
          `Of ${whole(labels.length)} test images in 15 bins of confidence: bars below the line are of images that the network is surer of ` +
          `than it is right. On average its confidence is ${(100 * Math.abs(overconfidence)).toFixed(2)} points ` +
          `${overconfidence < 0 ? 'below' : 'above'} its accuracy.`,
      },
    },
  };
}

/** Of all test images: of many, pairs are drawn at random, since a data set may be sorted by class. */
export function distancesSection({ taps, labels }: Pick<Features, 'taps' | 'labels'>): PageSection {
  const distances = Object.entries(taps).map(([tap, { values, dim }]) => {
    const measured = pairDistances({
      ...{ labels, dim, features: unitRows('distances', values, dim).values },
      stream: createStream(0, 'distances', tap),
      bins: 40,
    });
    return [tap, measured] as const;
  });
  const { exact, same, different } = distances[0]?.[1] ?? {};
  const drawn = (different ?? same)?.pairs ?? 0;
  const pairs = exact === false ? `${whole(drawn)} pairs of each kind, drawn at random` : 'all pairs';
  return {
    heading: 'Distances between test images',
    figures: {
      distances: {
        figure: distanceHistograms(Object.fromEntries(distances)),
        caption: `Distances of unit-norm features of ${whole(labels.length)} test images, ${pairs}. P is the probability that a pair of different classes is farther apart than one of the same: 0.5 by chance, 1 where a threshold tells them apart.`,
      },
    },
  };
}
