import type { ProbeRecord } from '../training/index.ts';

/**
 * What a run leaves behind in its folder, `runs/<study>/<profile>/<arm>/seed-<n>-<hash8>/`:
 * `spec.json`, `environment.json`, `metrics.jsonl` (one {@link EpochRecord} a line), `projection.json`,
 * `summary.json` (written last), `checkpoint/`, and `weights/` where those of chosen epochs are kept. Everything that depends on the clock or the machine's
 * speed lies under `timing`, so that two runs of one specification are equal but for it.
 */

/** The version of every record written by this release. */
export const SCHEMA_VERSION = 1;

/** How the epoch that is evaluated is chosen: the last, or the earliest of the best validation accuracy. */
export const SELECTION_RULES = ['last', 'validation'] as const;

export type SelectionRule = (typeof SELECTION_RULES)[number];

/** One line of `metrics.jsonl`: what an epoch (counted from 1) measured. */
export interface EpochRecord {
  readonly schemaVersion: number;
  readonly epoch: number;
  /** Learning rate of the epoch's last step. */
  readonly learningRate: number;
  /** Means over the epoch's training batches, taken during the steps. */
  readonly train: {
    /** Every named part: `total`, `crossEntropy`, `msl/stage1/withinClass`, `msl/stage1/betweenClass`, ... */
    readonly losses: Readonly<Record<string, number>>;
    /** Share of the samples classified correctly, 0 to 1. */
    readonly accuracy: number;
    /** Mean over the samples of `||softmax(logits) - onehot||_2`: the gradient at the logits. */
    readonly gradientNormLogits: number;
  };
  /** What drove the training, where the specification has `probes` and a step of the epoch was probed. */
  readonly probes?: ProbeRecord;
  /** On the validation split; absent where the specification has none. */
  readonly validation?: { readonly accuracy: number; readonly crossEntropy: number };
  readonly timing: {
    /** Of the training steps. */
    readonly seconds: number;
    readonly imagesPerSecond: number;
    /** Of `seconds`, those of probes; absent where there are none. */
    readonly probeSeconds?: number;
    /** Absent where there is no validation, and in records of earlier releases. */
    readonly validationSeconds?: number;
    /** Absent in records of earlier releases. */
    readonly finishedAt?: string;
  };
}

/** Separability of one tap's pooled features (`[n, channels]`), measured on held-out images. */
export interface TapMeasures {
  /** Share of test images whose 5 nearest training images (Euclidean, unit-norm features) vote for their class. */
  readonly knnAccuracy: number;
  /** `tr S_B / tr S_W` of unit-norm features, not centred; `null` where it is infinite, since each class is one point. */
  readonly betweenWithinRatio: number | null;
}

/** `summary.json`: the result of a finished run. */
export interface RunSummary {
  readonly schemaVersion: number;
  readonly status: 'finished' | 'diverged';
  /**
   * Where a diverged run ended, and the first term that was not finite; its measures are those of the chosen one of its sound
   * checkpoints, the last of which is named here (0 = none; absent in records of earlier releases).
   */
  readonly divergence?: {
    readonly epoch: number;
    readonly step: number;
    readonly measure: string;
    readonly lastCheckpoint?: number;
  };
  /** Epochs that were asked for. */
  readonly epochs: number;
  /** How the evaluated epoch was chosen, and which it was. */
  readonly selection: { readonly rule: SelectionRule; readonly epoch: number };
  /**
   * The test set, used once, at the end, with the weights of the chosen epoch. `error` is 0 to 1; a number that is not finite is
   * `null` in JSON, here and below.
   */
  readonly test: { readonly n: number; readonly error: number; readonly crossEntropy: number | null };
  /** The training images in evaluation mode, with the same weights. */
  readonly train: {
    readonly n: number;
    readonly accuracy: number;
    readonly crossEntropy: number | null;
    readonly gradientNormLogits: number | null;
  };
  /** Per tap, from the first stage to the last. */
  readonly taps: Readonly<Record<string, TapMeasures>>;
  readonly parameters: number;
  readonly timing: {
    /** Of the process that finished the run. */
    readonly startedAt: string;
    readonly finishedAt: string;
    /** Of training steps, validations and the last evaluation, without interruptions. */
    readonly seconds: number;
    readonly imagesPerSecond: number;
    readonly peakMemoryBytes: number;
  };
}

/** `validation.json`: what a trial of a search came to; such a run has no summary. */
export interface ValidationRecord {
  readonly schemaVersion: number;
  readonly status: 'finished' | 'diverged';
  /** The epoch that the specification selects, and what the validation images said after it; absent where it diverged. */
  readonly epoch?: number;
  readonly validation?: { readonly accuracy: number; readonly crossEntropy: number };
  readonly timing: { readonly seconds: number };
}

/** `projection.json`: test features of one tap in two dimensions, for a picture. */
export interface ProjectionRecord {
  readonly schemaVersion: number;
  readonly tap: string;
  readonly method: 'pca';
  readonly classes: readonly string[];
  /** `[n]` class of each point. */
  readonly labels: readonly number[];
  /** `[n][2]` coordinates. */
  readonly points: readonly (readonly [number, number])[];
  /** Share of the features' variance along each of the two axes. */
  readonly explainedVariance: readonly [number, number];
}
