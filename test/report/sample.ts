import type { EpochRecord, RunSummary } from '../../src/experiments/records.ts';
import type { RunRecord, StudyRecords } from '../../src/report/index.ts';

/** What a test says of a run; the rest is the same in every run. */
export interface SampleRun {
  /** Test error, 0 to 1; `diverged` for a run that did. */
  readonly error: number | 'diverged';
  /** Gradient norm at the logits, an epoch each. */
  readonly gradientNorms?: readonly number[];
  readonly taps?: RunSummary['taps'];
}

export interface SampleOptions {
  /** Runs of cross-entropy by seed 1, 2, ...; `undefined` where there is none. */
  readonly ce: readonly (SampleRun | undefined)[];
  readonly msl: readonly (SampleRun | undefined)[];
  readonly titles?: readonly [string, string];
  readonly classes?: readonly string[];
}

const TAPS: RunSummary['taps'] = {
  stage1: { knnAccuracy: 0.5, betweenWithinRatio: 0.25 },
  stage2: { knnAccuracy: 0.625, betweenWithinRatio: 1.5 },
};

/** A study of two arms with plain numbers. */
export function sampleStudy(options: SampleOptions): StudyRecords {
  const [ce, msl] = options.titles ?? ['CE', 'CE + MSL'];
  const classes = options.classes ?? ['cat', 'dog'];
  const runs = (arm: string, list: SampleOptions['ce']): RunRecord[] =>
    list.flatMap((run, i) => (run === undefined ? [] : [record(arm, i + 1, run, classes)]));
  return {
    name: 'sample',
    title: 'A sample study',
    question: 'Does it matter?',
    profile: 'tiny',
    arms: [
      { name: 'ce', title: ce },
      { name: 'msl', title: msl },
    ],
    runs: [...runs('msl', options.msl), ...runs('ce', options.ce)],
    classes,
  };
}

/** The study with more arms, which have these runs each. */
export function withMoreArms(
  study: StudyRecords,
  names: readonly string[],
  runs: SampleOptions['ce'],
): StudyRecords {
  const own = sampleStudy({ ce: runs, msl: [] }).runs;
  return {
    ...study,
    arms: [...study.arms, ...names.map((name) => ({ name, title: `CE + ${name}` }))],
    runs: [...study.runs, ...names.flatMap((arm) => own.map((run) => ({ ...run, arm })))],
  };
}

/**
 * The study with probes in every epoch: what MSL sends back stays while cross-entropy's part is halved.
 *
 * @param atLogits the gradient there, by the epoch
 */
export function withProbes(study: StudyRecords, atLogits: (epoch: number) => number = () => 1): StudyRecords {
  const probes = (arm: string, epoch: number): NonNullable<EpochRecord['probes']> => {
    const msl = (value: number) => (arm === 'ce' ? {} : { msl: value });
    return {
      steps: 1,
      gradientNorms: {
        stage1: { crossEntropy: 0.1 / epoch, ...msl(0.01), total: 0.2 / epoch },
        logits: { crossEntropy: atLogits(epoch), ...msl(0), total: atLogits(epoch) },
      },
      saturated: { '0.1': 0.5, '0.01': arm === 'ce' ? 0.25 : 0.125 },
      margins: { '0.05': -1, '0.5': epoch, '0.95': 3 * epoch },
      cosines: msl(0.1 * epoch),
      updateShares: arm === 'ce' ? {} : { 'stage1/conv1': { msl: 0.25 * epoch }, dense: { msl: 0 } },
    };
  };
  return {
    ...study,
    runs: study.runs.map((run) => ({
      ...run,
      epochs: run.epochs.map((epoch) => ({ ...epoch, probes: probes(run.arm, epoch.epoch) })),
    })),
  };
}

function record(arm: string, seed: number, run: SampleRun, classes: readonly string[]): RunRecord {
  const norms = run.gradientNorms ?? [1, 0.01];
  const msl = arm === 'msl' ? { weight: 0.1, margin: 1 } : null;
  return {
    arm,
    seed,
    spec: { schemaVersion: 1, dataset: 'cifar10', loss: { msl }, network: { widths: [16, 32] }, seed },
    environment: { schemaVersion: 1, node: 'v20.19.0', cpu: `Model ${seed}`, commit: null, dirty: false },
    epochs: norms.map((norm, i) => epoch(i + 1, norm)),
    summary: {
      schemaVersion: 1,
      status: run.error === 'diverged' ? 'diverged' : 'finished',
      epochs: norms.length,
      selection: { rule: 'last', epoch: norms.length },
      test: { n: 10000, error: run.error === 'diverged' ? NaN : run.error, crossEntropy: 1.5 },
      train: { n: 5000, accuracy: 0.9975, crossEntropy: 0.0123456, gradientNormLogits: norms.at(-1)! * 0.5 },
      taps: run.taps ?? TAPS,
      parameters: 1000,
      timing: {
        startedAt: '',
        finishedAt: '',
        seconds: 60 * seed,
        imagesPerSecond: 1000 * seed,
        peakMemoryBytes: 1,
      },
    },
    projection: {
      schemaVersion: 1,
      tap: 'stage2',
      method: 'pca',
      classes,
      labels: [0, 1, 1],
      points: [
        [1, 2],
        [-1.23456, 0],
        [0, -2],
      ],
      explainedVariance: [0.5, 0.254],
    },
  };
}

function epoch(number: number, gradientNormLogits: number): EpochRecord {
  return {
    schemaVersion: 1,
    epoch: number,
    learningRate: 0.1,
    train: {
      losses: { total: 3 / number, crossEntropy: 2 / number },
      accuracy: 1 - 0.5 / number,
      gradientNormLogits,
    },
    validation: { accuracy: 0.6, crossEntropy: 1 },
    timing: { seconds: 1, imagesPerSecond: 1000 },
  };
}
