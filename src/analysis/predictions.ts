/** What the networks of a study take the test images for: confusions over all seeds, and the mistakes that seeds share. */
import { UsageError, UserError, type Progress } from '../engine/index.ts';
import { SCHEMA_VERSION, RunFolder, type StudyRun } from '../experiments/index.ts';
import { confusionCounts, predictedClasses, predictedLabels, softmax } from '../measures/index.ts';
import { extractFeatures, type Features } from './features.ts';

/** An image that networks get wrong. */
export interface SharedMistake {
  /** Its place in the test part. */
  readonly index: number;
  /** Its class, and the one that it is taken for. */
  readonly label: number;
  readonly predicted: number;
  /** Of the class that it is taken for, 0 to 1: the mean over the seeds. */
  readonly probability: number;
}

/** What the networks of an arm, one a seed, take the test images for. */
export interface ArmPredictions {
  readonly seeds: readonly number[];
  /** `[class][taken for]`, summed over the seeds. */
  readonly confusion: readonly (readonly number[])[];
  /** Images that the networks together, by the mean of their probabilities, get wrong: the surest first. */
  readonly mistakes: readonly SharedMistake[];
}

/** `predictions.json` beside the other records that are kept of a study. */
export interface StudyPredictions {
  readonly schemaVersion: number;
  readonly dataset: string;
  /** Names of the classes, in the order of their labels. */
  readonly classes: readonly string[];
  /** By the names of the arms. */
  readonly arms: Readonly<Record<string, ArmPredictions>>;
}

/** Mistakes that are kept of an arm. */
const KEPT = 24;

/**
 * What the finished runs of a study take the test images for: their networks are evaluated once more, with the weights that
 * their results are of.
 *
 * @throws {UsageError} for runs of several data sets, whose classes and images are not the same
 * @throws {UserError} where a checkpoint or the data set is not there, or none of the runs is finished
 */
export async function predictionsOf(
  runs: readonly StudyRun[],
  { dataFolder, progress, signal }: PredictionsOptions = {},
): Promise<StudyPredictions> {
  const datasets = [...new Set(runs.map(({ specification }) => specification.dataset))];
  if (datasets.length > 1) {
    throw new UsageError(
      `The runs are of several data sets (${datasets.join(', ')}), and predictions are of one; choose arms of one.`,
    );
  }
  const finished = runs.filter(({ folder }) => new RunFolder(folder).summary()?.status === 'finished');
  if (finished.length === 0) throw new UserError('None of the runs is finished, so there is no prediction.');
  const byArm = new Map<string, { seeds: number[]; outputs: Predicted[] }>();
  let classes: readonly string[] = [];
  for (const [done, { arm, seed, folder }] of finished.entries()) {
    progress?.({ label: 'predictions', done, total: finished.length, note: `${arm.title}, seed ${seed}` });
    const features = await extractFeatures(folder, {
      ...{ taps: [], cache: false, dataFolder },
      ...(signal === undefined ? {} : { signal }),
    });
    classes = features.classes;
    const own = byArm.get(arm.name) ?? { seeds: [], outputs: [] };
    own.seeds.push(seed);
    own.outputs.push(features);
    byArm.set(arm.name, own);
  }
  progress?.({ label: 'predictions', done: finished.length, total: finished.length });
  const arms = [...byArm].map(([name, { seeds, outputs }]) => [name, { seeds, ...armPredictions(outputs) }]);
  return {
    schemaVersion: SCHEMA_VERSION,
    dataset: datasets[0]!,
    classes,
    arms: Object.fromEntries(arms) as never,
  };
}

export interface PredictionsOptions {
  /** Folder of the data sets; default: `MSL_DATA`, else the project's `data`. */
  readonly dataFolder?: string | undefined;
  readonly progress?: Progress | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Labels and logits of the same images. */
type Predicted = Pick<Features, 'labels' | 'logits'>;

/**
 * Sums up what several networks say of the same images.
 *
 * @param outputs of each network, at least one
 * @param most mistakes at most
 */
export function armPredictions(
  outputs: readonly Predicted[],
  most = KEPT,
): Pick<ArmPredictions, 'confusion' | 'mistakes'> {
  const { labels, logits } = outputs[0]!;
  const { dim } = logits;
  const mean = new Float64Array(labels.length * dim);
  const takenFor = outputs.flatMap(({ logits: own }) => {
    const probabilities = softmax(own.values, dim);
    probabilities.forEach((p, at) => (mean[at]! += p / outputs.length));
    return predictedLabels(probabilities, dim);
  });
  const trueClasses = outputs.flatMap(() => [...labels]);
  const confusion = confusionCounts(trueClasses, takenFor, dim);
  const mistakes = predictedClasses(mean, dim)
    .map(({ label: predicted, probability }, index): SharedMistake => ({
      ...{ index, label: labels[index]!, predicted },
      probability: Number(probability.toFixed(4)),
    }))
    .filter(({ label, predicted }) => label !== predicted)
    .sort((a, b) => b.probability - a.probability || a.index - b.index)
    .slice(0, most);
  return { confusion, mistakes };
}
