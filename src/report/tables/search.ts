import type { TuningRecord } from '../../experiments/index.ts';
import { percentage } from '../format.ts';
import { searchedArm, searchFindings, trialWords, valueTaken } from '../sentences/searchFindings.ts';
import type { Column, Table } from './table.ts';

const EDGES = '↑, ↓: the largest or the smallest value that was tried, so that a better one may lie beyond.';
/** Where the values as written are not known. */
const EDGES_OF_DRAWN =
  '↑, ↓: the largest or the smallest value that was drawn; that of the arm as it is written may lie beyond.';

/**
 * What a search of hyper-parameters found: a row an arm.
 *
 * @param titles of the arms by their names, in the order of the rows; arms without one are left out
 */
export function searchTable(record: TuningRecord, titles: Readonly<Record<string, string>>): Table {
  const arms = Object.entries(titles).flatMap(([name, title]) => {
    const arm = searchedArm(record, name);
    return arm === undefined ? [] : [{ title, ...arm }];
  });
  const { trials, seeds, kind } = record.search;
  const edges = arms.every(({ written }) => written !== undefined) ? EDGES : EDGES_OF_DRAWN;
  const accuracy = (name: string, of: (arm: (typeof arms)[number]) => number): Column => ({
    name,
    values: arms.map((arm) => arm.trials.find(({ trial }) => trial === of(arm))?.accuracy ?? null),
    format: percentage,
    factor: 100,
  });
  return {
    title: 'What the search found',
    note:
      `${trials} trials for each arm (${kind}), ${seeds.length} ${seeds.length === 1 ? 'seed' : 'seeds'} each, by the accuracy on validation ` +
      `images; the first trial is the arm as it is written. ${[...trialWords(record), edges, ...searchFindings(record, titles)].join(' ')}`,
    rowHeader: 'arm',
    rows: arms.map(({ title }) => title),
    columns: [
      {
        name: 'values taken',
        values: arms.map((arm) => {
          const values = Object.keys(arm.best.values).map((path) => valueTaken(arm, path));
          return values.length === 0 ? 'as written' : values.join(', ');
        }),
        format: String,
        textWidth: 60,
      },
      accuracy('as written (%)', () => 1),
      accuracy('taken (%)', ({ best }) => best.trial),
      {
        name: 'diverged',
        values: arms.map((arm) => arm.trials.filter((trial) => trial.accuracy === null).length),
        format: String,
      },
    ],
  };
}
