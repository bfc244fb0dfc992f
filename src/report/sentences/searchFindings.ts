/** What a search of hyper-parameters chose, and what only came along. */
import { binomialError } from '../../measures/index.ts';
import {
  STUDIES,
  studyRuns,
  trialsOf,
  valueAt,
  type Specification,
  type TunedArm,
  type TuningRecord,
} from '../../experiments/index.ts';
import { inWords, listing, percentage, whole } from '../format.ts';
import { meanOrNull } from '../study/study.ts';

/** What a search found for an arm. */
export interface SearchedArm extends Pick<TunedArm, 'best' | 'trials'> {
  /** The specification of the first trial, of which the record names no values; absent where the study is none of the workbook's. */
  readonly written?: Specification | undefined;
}

/** An arm of a search with what is written of it; `undefined` where it was not searched. */
export function searchedArm(record: TuningRecord, name: string): SearchedArm | undefined {
  const arm = record.arms[name];
  const study = STUDIES.find((one) => one.name === record.study);
  if (arm === undefined || study?.tune === undefined) return arm;
  const first = trialsOf(study, '.', { trials: 1 }).find((trial) => trial.arm === name);
  return { ...arm, written: first?.runs[0]!.specification };
}

/** A value that an arm took, `margin 0.648`; `↑` or `↓` behind it where no trial tried a larger or a smaller one. */
export function valueTaken({ best, trials, written }: SearchedArm, path: string): string {
  const value = best.values[path];
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const tried = [valueAt(written, path.split('.')), ...trials.map(({ values }) => values[path])].filter(
    (one): one is number => typeof one === 'number',
  );
  const [least, most] = [Math.min(...tried), Math.max(...tried)];
  const edge = least === most ? '' : value === most ? '↑' : value === least ? '↓' : '';
  return `${pathEnd(path)} ${text}${edge}`;
}

/** `loss.layers.0.temperature` is known by its end. */
function pathEnd(path: string): string {
  return path.split('.').at(-1)!;
}

/** How a trial differs from a run of the study that was searched, as that is defined; nothing of one that is none of the workbook's. */
export function trialWords(record: TuningRecord): string[] {
  const study = STUDIES.find(({ name }) => name === record.study);
  if (study?.tune === undefined) return [];
  const trial = trialsOf(study, '.')[0]!.runs[0]!.specification;
  const run = studyRuns(study, 'full', '.')[0]!.specification;
  const { train, validation } = trial.split;
  const fewer = validation - run.split.validation;
  const images =
    train !== null && train !== run.split.train
      ? ` on ${whole(train)} images`
      : train === null && fewer > 0
        ? ` on ${whole(fewer)} images fewer`
        : '';
  const accuracy = meanOrNull(
    Object.values(record.arms).map(
      ({ best, trials }) => trials.find((one) => one.trial === best.trial)?.accuracy,
    ),
  );
  const error = accuracy === null ? null : binomialError(accuracy, validation * record.search.seeds.length);
  return [
    `A trial trained ${trial.epochs} epochs${images}, a run of ${study.name} ${run.epochs}; it was judged on ${whole(validation)} validation images` +
      (error === null
        ? '.'
        : `, which tell an accuracy to ±${percentage(error)} points (one standard error): trials that differ by less are not told apart.`),
  ];
}

/**
 * Whether the arms were decided by what they share: where one trial won in most of them, that is said, and which values were only
 * drawn beside the shared ones.
 *
 * @param titles of the arms by their names; arms without one are left out
 */
export function searchFindings(record: TuningRecord, titles: Readonly<Record<string, string>>): string[] {
  const arms = Object.entries(titles).flatMap(([name, title]) => {
    const arm = searchedArm(record, name);
    return arm === undefined ? [] : [{ ...arm, title }];
  });
  const wins = (trial: number) => arms.filter(({ best }) => best.trial === trial);
  const most = arms.reduce<typeof arms>((largest, { best }) => {
    const own = wins(best.trial);
    return own.length > largest.length ? own : largest;
  }, []);
  const [first] = most;
  if (first === undefined || arms.length < 2 || 2 * most.length <= arms.length) return [];
  const among =
    most.length === arms.length
      ? `all ${inWords(arms.length)} arms`
      : `${inWords(most.length)} of ${inWords(arms.length)} arms (${most.map(({ title }) => title).join('; ')})`;
  if (first.best.trial === 1) return [`In ${among} the values as written won.`];
  const values = most.map(({ best }) => best.values);
  const paths = [...new Set(values.flatMap((own) => Object.keys(own)))];
  const isShared = (path: string) => values.every((own) => own[path] === first.best.values[path]);
  const shared = paths.filter(isShared);
  if (shared.length === 0) return [];
  const along = paths.filter((path) => !isShared(path)).map(pathEnd);
  const decided = listing(shared.map((path) => valueTaken(first, path)));
  return [
    `In ${among} the same trial won, that with ${decided}.`,
    ...(along.length === 0
      ? []
      : [
          `What they share decided: ${listing([...new Set(along)])} had been drawn beside it and came along, and ` +
            'cannot be said to be chosen.',
        ]),
  ];
}
