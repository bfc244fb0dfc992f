/** Which measures some images are too few for: those whose formula gives the same number whatever the network has learned. */
import { counted } from '../engine/index.ts';
import { EFFECTIVE_RANK_UP_TO, type Labels } from '../measures/index.ts';
import type { MeasureName } from './measureNames.ts';

/** Measures that are `NaN` for one reason. */
export interface NotDefined {
  /** `alignment`: of any two taps. */
  readonly measures: readonly (MeasureName | 'alignment')[];
  /** The taps that it is so for; absent: all. */
  readonly taps?: readonly string[];
  /** What would be enough, and what there is. */
  readonly needs: string;
}

/** Images that are measured, and those that neighbours, centroids and the probe learn from. */
export interface MeasuredImages {
  /** `[n]` */
  readonly labels: Labels;
  /** Of the data set, with those that no image is of. */
  readonly classes: readonly string[];
  /** `[reference]` of the training images; absent where each image is left out for itself. */
  readonly reference?: Labels | undefined;
  /** Neighbours that vote. */
  readonly neighbours: number;
  /** Whether alignment is the estimate without bias. */
  readonly debiased?: boolean | undefined;
}

/** Within classes against between them: 0, infinity or 0.5 with one class, or with one image of each. */
const OF_CLASSES = [
  ...(['silhouette', 'silhouetteCosine', 'betweenWithinRatio', 'bestDimension', 'daviesBouldin'] as const),
  ...(['calinskiHarabasz', 'separation', 'nc1', 'nc1Quotient', 'nc4Agreement', 'cdnv'] as const),
];

/**
 * - What sets classes against each other needs two of them, and two images of one: more images than classes that they are of
 *   (as scikit-learn demands it of silhouette and Davies-Bouldin). So do accuracies for which each image is left out for itself.
 * - k-means needs more images than clusters: else each image is a cluster.
 * - NC2 needs three classes: the centred means of two are opposite and equally long, whatever they are. NC3 needs two.
 * - Effective rank and alignment need three images: two lie on a line, whose rank is 1 and which every other line is aligned with. The debiased alignment needs four.
 * - Neighbours need more training images than vote, and those that learn need two classes.
 */
export function notDefined({
  labels,
  classes,
  reference,
  neighbours,
  debiased,
}: MeasuredImages): NotDefined[] {
  const n = labels.length;
  const present = classesOf(labels);
  const are = `these are ${of(n, present)}`;
  const leftOut = reference === undefined ? (['knnAccuracy', 'nearestCentroidAccuracy'] as const) : [];
  const result: NotDefined[] = [];
  if (present < 2 || n <= present) {
    result.push({
      measures: [...OF_CLASSES, ...leftOut],
      needs: `two classes, and more images than classes; ${are}`,
    });
  }
  if (present < 2 || n <= classes.length) {
    result.push({
      measures: ['kMeansNmi', 'kMeansAri'],
      needs: `two classes, and more images than clusters (${classes.length}, the data set's classes); ${are}`,
    });
  }
  if (present < 3) {
    result.push({
      measures: ['nc2Equinorm', 'nc2Equiangular', 'nc2MaximalAngle'],
      needs: `three classes (the centred means of two are opposite and equally long, whatever they are); ${are}`,
    });
  }
  if (present < 2) result.push({ measures: ['nc3SelfDuality'], needs: `two classes; ${are}` });
  if (n < 3) result.push({ measures: ['effectiveRank', 'alignment'], needs: `three images; ${are}` });
  else if (n < 4 && debiased === true) {
    result.push({ measures: ['alignment'], needs: `four images, without bias; ${are}` });
  }
  if (reference !== undefined) result.push(...ofReference(reference, neighbours));
  return result;
}

/** Taps whose rows are too many and too wide for their effective rank: known before minutes of work on the other measures. */
export function tooWide(n: number, taps: Readonly<Record<string, { readonly dim: number }>>): NotDefined[] {
  const names = Object.keys(taps).filter((tap) => Math.min(n, taps[tap]!.dim) > EFFECTIVE_RANK_UP_TO);
  if (names.length === 0) return [];
  const needs = `at most ${EFFECTIVE_RANK_UP_TO} images or features; there are ${n} images`;
  return [{ measures: ['effectiveRank'], taps: names, needs }];
}

function ofReference(reference: Labels, neighbours: number): NotDefined[] {
  const present = classesOf(reference);
  const are = `the run was trained on ${of(reference.length, present)}`;
  if (present < 2) {
    const measures = ['knnAccuracy', 'nearestCentroidAccuracy', 'linearProbeAccuracy'] as const;
    return [{ measures, needs: `training images of two classes; ${are}` }];
  }
  if (reference.length > neighbours) return [];
  return [
    {
      measures: ['knnAccuracy'],
      needs: `${neighbours + 1} training images, of which the nearest ${neighbours} vote; ${are}`,
    },
  ];
}

const of = (images: number, classes: number): string =>
  `${counted(images, 'image')} of ${classes === 1 ? 'one class' : `${classes} classes`}`;

const classesOf = (labels: Labels): number => new Set(Array.from(labels)).size;
