/** Studies that train the networks of another one again. */
import { specificationHash, type Specification } from '../../experiments/index.ts';
import { finishedRunsOf, withQuestion, type RunRecord, type StudyRecords } from '../study/study.ts';

/**
 * The study whose trainings another one repeats: of cross-entropy and MSL every run is one of its runs but for the probes, and came out the
 * same. Such a study shows more of these networks, and is no further evidence.
 *
 * @returns its name; `undefined` for a study without probes, or of networks of its own
 */
export function repeated(study: StudyRecords, others: readonly StudyRecords[]): string | undefined {
  const runs = questionRuns(study);
  if (runs.length === 0 || !runs.every(({ spec }) => 'probes' in (spec as object))) return undefined;
  return others.find((other) => {
    const trainings = new Set(questionRuns(other).map(training));
    return other.name !== study.name && runs.every((run) => trainings.has(training(run)));
  })?.name;
}

function questionRuns(study: StudyRecords): RunRecord[] {
  const question = withQuestion(study);
  return question.arms.flatMap((arm) => finishedRunsOf(question, arm));
}

/** What was trained, and what came out. */
function training({ spec, summary }: RunRecord): string {
  const trained = { ...(spec as Specification) };
  delete trained.probes;
  return `${specificationHash(trained)} ${summary.test.error}`;
}
