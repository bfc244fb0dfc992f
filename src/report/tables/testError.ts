import { mean, SEEDS_FOR_INTERVAL, standardDeviation } from '../../measures/index.ts';
import { comparisons, errorAtWorst, outcome } from '../compare.ts';
import { percentage, points } from '../format.ts';
import { baselineOf, seedsOf, type Arm, type StudyRecords } from '../study.ts';
import { MOST_ARMS, type Column, type Table } from './table.ts';

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
      factor: 100,
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
    factor: 100,
  });

  const baselines = [...new Set(compared.map(({ baseline }) => baseline.title))];
  const baseline = baselines.length > 1 ? 'its baseline' : (baselines[0] ?? baselineOf(study).title);
  return {
    title: 'Test error',
    note:
      (compared.length === 0
        ? ''
        : `A difference is the arm’s error minus that of ${baseline} at the same seed: below zero the arm is better. `) +
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
    detail: study.arms.length > MOST_ARMS,
  };
}

function errorAt(study: StudyRecords, arm: Arm, seed: number): number {
  const at = outcome(study, arm, seed);
  if (at.kind !== 'finished') throw new Error(`${arm.name} has no test error at seed ${seed}.`);
  return at.error;
}
