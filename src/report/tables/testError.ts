import { mean, SEEDS_FOR_INTERVAL, standardDeviation } from '../../measures/index.ts';
import { comparisons, errorAtWorst, outcome } from '../comparisons/compare.ts';
import { percentage, points } from '../format.ts';
import { armsWithRuns, baselineOf, seedsOf, type Arm, type StudyRecords } from '../study/study.ts';
import { UNROUNDED } from './columns.ts';
import { MOST_ARMS, type Column, type Table } from './table.ts';

const DEVIATION = 'standard deviation';

/**
 * Test error of each arm and its difference to the baseline, seed by seed, with the mean of the paired seeds. Of more than two arms
 * the errors alone, a row an arm: the comparison has the differences.
 */
export function testErrorTable(study: StudyRecords): Table {
  return study.arms.length > MOST_ARMS ? byArm(study) : bySeed(study);
}

function byArm(study: StudyRecords): Table {
  const seeds = seedsOf(study);
  const arms = armsWithRuns(study);
  const column = (name: string, values: Column['values']): Column => ({
    name,
    values,
    format: percentage,
    factor: 100,
  });
  const diverged = study.runs.some((run) => run.summary.status === 'diverged');
  const atWorst = (arm: Arm): number | null => {
    const ended = seeds.map((seed) => outcome(study, arm, seed)).filter(({ kind }) => kind !== 'missing');
    return ended.length === 0 ? null : mean(ended.map((one) => errorAtWorst(study, one)!));
  };
  return {
    title: 'Test error',
    note:
      'Percent of the test images. Means and differences are in the tables below.' +
      (diverged ? ' The last column counts a diverged run as guessing.' : ''),
    rowHeader: 'arm',
    rows: arms.map((arm) => arm.title),
    columns: [
      ...seeds.map((seed) =>
        column(
          `seed ${seed}`,
          arms.map((arm) => shown(study, arm, seed)),
        ),
      ),
      ...(diverged ? [column('mean, diverged = guessing', arms.map(atWorst))] : []),
    ],
    detail: true,
  };
}

/** The test error of a run, or what there is instead. */
function shown(study: StudyRecords, arm: Arm, seed: number): Column['values'][number] {
  const at = outcome(study, arm, seed);
  return at.kind === 'finished' ? at.error : at.kind === 'diverged' ? 'diverged' : null;
}

function bySeed(study: StudyRecords): Table {
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
    const errors = usable.map((seed) => errorAt(study, arm, seed));
    return {
      name: `${arm.title} (%)`,
      values: [
        ...seeds.map((seed) => shown(study, arm, seed)),
        ...summaries(errors),
        ...(worstCase ? [meanAtWorst(arm)] : []),
      ],
      format: percentage,
      factor: 100,
    };
  };
  const differenceColumn = (comparison: (typeof compared)[number]): Column => ({
    name: 'difference (points)',
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

  const baseline = baselineOf(study).title;
  return {
    title: 'Test error',
    note:
      (compared.length === 0
        ? ''
        : `A difference is the arm’s error minus that of ${baseline} at the same seed: below zero the arm is better. ${UNROUNDED} `) +
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

function errorAt(study: StudyRecords, arm: Arm, seed: number): number {
  const at = outcome(study, arm, seed);
  if (at.kind !== 'finished') throw new Error(`${arm.name} has no test error at seed ${seed}.`);
  return at.error;
}
