import { counted } from '../../engine/index.ts';
import { sittingsOf, type TuningRecord } from '../../experiments/index.ts';
import { listing } from '../format.ts';
import { machineOf } from '../study/machine.ts';
import { commandOf, finishedRunsOf, type StudyRecords } from '../study/study.ts';

/** What all runs of a study took, on what, what the search before them took, and what to type to make them again. */
export function costSentences(study: StudyRecords, search?: TuningRecord): string[] {
  const runs = study.arms.flatMap((arm) => finishedRunsOf(study, arm));
  if (runs.length === 0) return ['No run has finished.'];
  const seconds = runs.reduce((sum, run) => sum + run.summary.timing.seconds, 0);
  const machines = runs
    .flatMap(({ environment }) => sittingsOf(environment))
    .map((sitting) => {
      const { engine, engineVersion, threads } = sitting;
      return `${machineOf(sitting)}, with ${String(engine)} ${String(engineVersion)} in ${String(threads)} threads`;
    });
  const [first] = runs;
  const one = `npx msl study run ${study.name} --profile ${study.profile}`;
  return [
    `${counted(runs.length, 'run')} took ${duration(seconds)} of training and evaluation${runs.length === 1 ? '' : ' together'}, on ${listing([...new Set(machines)])}.`,
    ...(search === undefined
      ? []
      : [`The search of ${search.study} took ${duration(search.timing.seconds)}.`]),
    `All of it again: \`${commandOf(study)}\`; one run of it: \`${one} --arm ${first!.arm} --seed ${first!.seed}\`.`,
  ];
}

/** `1 h 05 min`, `5 min`, `40 s`. */
function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}
