import { mean, SEEDS_FOR_INTERVAL, standardDeviation } from '../measures/index.ts';
import { comparisons, errorAtWorst, outcome } from './compare.ts';
import { percentage, points, threeDigits, whole } from './format.ts';
import {
  baselineOf,
  finishedRunsOf,
  meanOrNull,
  runsOf,
  seedsOf,
  tapsOf,
  type Arm,
  type RunRecord,
  type StudyRecords,
} from './study.ts';

/** A column of a table: numbers as they are, and how they are shown. */
export interface Column {
  readonly name: string;
  /** One a row; a text (such as `diverged`) is shown as it is, `null` stands for no value. */
  readonly values: readonly (number | string | null)[];
  /** Makes the number of a row readable. */
  readonly format: (value: number, row: number) => string;
  /** For a column of sentences: they stand on the left, in lines of at most so many characters. */
  readonly textWidth?: number;
}

/** A table as data; `danfo.ts` makes danfojs frames, text and HTML of it. */
export interface Table {
  readonly title: string;
  /** How to read it, complete sentences. */
  readonly note: string;
  /** What the rows are. */
  readonly rowHeader: string;
  readonly rows: readonly string[];
  readonly columns: readonly Column[];
  /** How many of the last rows sum up the others, and are set apart; 0 by default. */
  readonly summaryRows?: number;
}

/** The tables of a study, those without a row left out. */
export function studyTables(study: StudyRecords): Table[] {
  return [testErrorTable(study), trainingTable(study), separabilityTable(study)].filter(
    (table) => table.rows.length > 0,
  );
}

const DEVIATION = 'standard deviation';

/** Test error of each arm and its difference to the baseline, seed by seed, with the mean of the paired seeds. */
export function testErrorTable(study: StudyRecords): Table {
  const seeds = seedsOf(study);
  const compared = comparisons(study);
  // The means are over the same seeds in every arm, so that the mean difference is the difference of the means.
  const usable = seeds.filter((seed) =>
    study.arms.every((arm) => outcome(study, arm, seed).kind === 'finished'),
  );
  const hasSpread = usable.length >= SEEDS_FOR_INTERVAL;
  const ended = seeds.filter((seed) =>
    study.arms.every((arm) => outcome(study, arm, seed).kind !== 'missing'),
  );
  const worstCase = ended.length > usable.length;
  const meanAtWorst = (arm: Arm): number =>
    mean(ended.map((seed) => errorAtWorst(study, outcome(study, arm, seed))!));
  const hasMean = usable.length > 0;

  const rows = [
    ...seeds.map((seed) => `seed ${seed}`),
    ...(hasMean ? ['mean'] : []),
    ...(hasSpread ? [DEVIATION] : []),
    ...(worstCase ? ['mean, diverged = guessing'] : []),
  ];
  const summaries = (values: readonly number[]): (number | null)[] => [
    ...(hasMean ? [mean(values)] : []),
    ...(hasSpread ? [standardDeviation(values)] : []),
  ];
  const errorColumn = (arm: Arm): Column => {
    const outcomes = seeds.map((seed) => outcome(study, arm, seed));
    const errors = usable.map((seed) => errorAt(study, arm, seed));
    return {
      name: `${arm.title} (%)`,
      values: [
        ...outcomes.map((o) => (o.kind === 'finished' ? o.error : o.kind === 'diverged' ? 'diverged' : null)),
        ...summaries(errors),
        ...(worstCase ? [meanAtWorst(arm)] : []),
      ],
      format: percentage,
    };
  };
  const differenceColumn = (comparison: (typeof compared)[number]): Column => ({
    name:
      study.arms.length === 2
        ? 'difference (points)'
        : `${comparison.arm.title} − ${comparison.baseline.title} (points)`,
    values: [
      ...seeds.map((seed) => comparison.differences[comparison.seeds.indexOf(seed)] ?? null),
      ...summaries(
        usable.map(
          (seed) => errorAt(study, comparison.arm, seed) - errorAt(study, comparison.baseline, seed),
        ),
      ),
      ...(worstCase ? [meanAtWorst(comparison.arm) - meanAtWorst(comparison.baseline)] : []),
    ],
    format: (value, row) => (rows[row] === DEVIATION ? percentage(value) : points(value)),
  });

  const baseline = baselineOf(study);
  return {
    title: 'Test error',
    note:
      `A difference is the arm’s error minus that of ${baseline.title} at the same seed: below zero the arm is better. ` +
      (hasSpread
        ? 'Mean and standard deviation are over the seeds that finished in every arm.'
        : `The mean is over the seeds that finished in every arm; below ${SEEDS_FOR_INTERVAL} seeds no spread is given.`) +
      (worstCase
        ? ' The last row counts a diverged run as guessing, over the seeds that ended in every arm.'
        : ''),
    rowHeader: 'seed',
    rows,
    summaryRows: rows.length - seeds.length,
    columns: [...study.arms.map(errorColumn), ...compared.map(differenceColumn)],
  };
}

/** How training ended, and what it cost: a row an arm, means over its finished runs. */
export function trainingTable(study: StudyRecords): Table {
  const arms = study.arms.filter((arm) => finishedRunsOf(study, arm).length > 0);
  const column = (
    name: string,
    format: Column['format'],
    value: (run: RunRecord) => number | undefined,
  ): Column => ({
    name,
    values: arms.map((arm) => meanOrNull(finishedRunsOf(study, arm).map(value))),
    format,
  });
  return {
    title: 'End of training',
    note:
      'Means over the finished runs, on the training images after the last epoch; the gradient norm is the mean over images of ' +
      '‖softmax − one-hot‖, which is 0 where nothing is left to learn from cross-entropy.',
    rowHeader: 'arm',
    rows: arms.map((arm) => arm.title),
    columns: [
      column('training accuracy (%)', percentage, (run) => run.summary.train.accuracy),
      column('training cross-entropy', threeDigits, (run) => run.summary.train.crossEntropy),
      column('gradient norm at the logits', threeDigits, (run) => run.summary.train.gradientNormLogits),
      column('seconds a run', whole, (run) => run.summary.timing.seconds),
      column('images a second', whole, (run) => run.summary.timing.imagesPerSecond),
    ],
  };
}

/** Separability of each tap's features on held-out images: means over the arm's finished runs. */
export function separabilityTable(study: StudyRecords): Table {
  const taps = tapsOf(study);
  const arms = study.arms.filter((arm) => runsOf(study, arm).length > 0);
  const columns = (
    name: string,
    format: Column['format'],
    measure: 'knnAccuracy' | 'betweenWithinRatio',
  ): Column[] =>
    arms.map((arm) => ({
      name: `${name}, ${arm.title}`,
      values: taps.map((tap) =>
        meanOrNull(finishedRunsOf(study, arm).map((run) => run.summary.taps[tap]?.[measure])),
      ),
      format,
    }));
  return {
    title: 'Separability of the stages',
    note:
      'Of held-out images, means over the finished runs. kNN: share whose 5 nearest training images vote for their class. Ratio: ' +
      'scatter between the classes over scatter within them, of unit-norm features; MSL nearly optimises it, so it proves nothing alone.',
    rowHeader: 'tap',
    rows: taps,
    columns: [
      ...columns('kNN accuracy (%)', percentage, 'knnAccuracy'),
      ...columns('scatter ratio', threeDigits, 'betweenWithinRatio'),
    ],
  };
}

function errorAt(study: StudyRecords, arm: Arm, seed: number): number {
  const at = outcome(study, arm, seed);
  if (at.kind !== 'finished') throw new Error(`${arm.name} has no test error at seed ${seed}.`);
  return at.error;
}
