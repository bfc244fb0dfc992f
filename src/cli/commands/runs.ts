import path from 'node:path';

import { Command } from '@commander-js/extra-typings';

import { isSystemError, loadEngine, UserError } from '../../engine/index.ts';
import {
  compareRuns,
  describeRun,
  findRun,
  keepRun,
  listRuns,
  removeRun,
  type RunComparison,
  type StoredRun,
} from '../../experiments/index.ts';
import { columns, percent, terminal } from '../output.ts';
import { RUN_ARGUMENT, runsFolder, shortPath } from '../paths.ts';

/** `msl runs list | compare | keep | rm` */
export function runsCommand(): Command {
  const runs = new Command('runs').description('the runs on disk: list, compare, keep small, remove');

  runs
    .command('list')
    .description('every run, where it stands and what came of it')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  $ msl runs list')
    .action(({ json }) => {
      const found = listRuns(runsFolder());
      if (json === true) terminal.print(JSON.stringify(found, null, 2));
      else if (found.length === 0) terminal.note(`There is no run in ${shortPath(runsFolder())}.`);
      else {
        terminal.print(
          columns([['run', 'state', 'epochs', 'test error', 'validation error'], ...found.map(row)]),
        );
        for (const { problem } of found) if (problem !== undefined) terminal.note(problem);
      }
    });

  runs
    .command('compare')
    .description('what differs between two runs: specification, machine and result')
    .argument('<a>', RUN_ARGUMENT)
    .argument('<b>', 'another')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  $ msl runs compare 0123abcd 4567cdef')
    .action((a, b, { json }) => {
      const [one, two] = [findRun(a, runsFolder()), findRun(b, runsFolder())];
      const comparison = compareRuns(one, two);
      if (json === true) terminal.print(JSON.stringify({ a: one, b: two, ...comparison }, null, 2));
      else terminal.print(describe(comparison, shortPath(one), shortPath(two)));
    });

  runs
    .command('keep')
    .description(
      'a small copy of a finished run, which can be evaluated but not trained: records and weights',
    )
    .argument('<run>', RUN_ARGUMENT)
    .argument('<folder>', 'folder of the copy, e.g. to be committed; it must be empty where it exists')
    .option('--epochs', 'also the epochs that were kept by msl train --keep-epochs')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  $ msl runs keep 0123abcd results/networks/mine/msl/seed-1-0123abcd
  $ msl evaluate results/networks/mine/msl/seed-1-0123abcd`,
    )
    .action(async (name, folder, { epochs, json }) => {
      await loadEngine();
      const kept = keepRun(findRun(name, runsFolder()), path.resolve(folder), { epochs });
      if (json === true) terminal.print(JSON.stringify(kept, null, 2));
      else {
        terminal.print(
          `Kept in ${shortPath(kept.folder)}: ${Math.round(kept.bytes / 1000).toLocaleString('en')} kB, weights of epoch ` +
            kept.epochs.join(', '),
        );
      }
    });

  runs
    .command('rm')
    .description('remove runs, with all their records')
    .argument('<run...>', RUN_ARGUMENT)
    .option('--force', 'also runs that have ended')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  $ msl runs rm 0123abcd            a run that was stopped
  $ msl runs rm 0123abcd --force    one that has ended, with its result`,
    )
    .action((names, { force, json }) => {
      const chosen = names.map((name) => describeRun(findRun(name, runsFolder()), runsFolder()));
      // All of them are looked at before the first is gone.
      for (const { state, folder } of chosen) refuse(state, folder, force === true);
      const removed: string[] = [];
      const refused: string[] = [];
      for (const { folder } of chosen) {
        try {
          if (!removeRun(folder)) {
            terminal.note(`The folder ${shortPath(folder)} stays: there are other files in it.`);
          }
          removed.push(folder);
        } catch (error) {
          if (!isSystemError(error)) throw error;
          refused.push(`  ${shortPath(folder)} (${error.message})`);
        }
      }
      if (json === true) terminal.print(JSON.stringify({ removed }, null, 2));
      else for (const folder of removed) terminal.print(`Removed ${shortPath(folder)}`);
      if (refused.length > 0) {
        throw new UserError(
          'The system refused to remove what follows, or a part of it; once it is allowed, the same command removes ' +
            `the rest.\n${refused.join('\n')}`,
        );
      }
    });
  return runs;
}

function row({ id, state, epochs, of, testError, validationAccuracy: accuracy }: StoredRun): string[] {
  const validationError = accuracy === undefined ? undefined : 1 - accuracy;
  return [
    id,
    state,
    of === undefined ? '' : `${epochs} of ${of}`,
    percent(testError, ''),
    percent(validationError, ''),
  ];
}

function refuse(state: StoredRun['state'], folder: string, force: boolean): void {
  if (state === 'running') {
    throw new UserError(
      `A process is at work on the run in ${shortPath(folder)}; stop it first. Nothing was removed.`,
    );
  }
  if (state !== 'unfinished' && !force) {
    throw new UserError(
      `The run in ${shortPath(folder)} is ${state}; give --force to remove it. Nothing was removed.`,
    );
  }
}

function describe(
  { specification, environment, results, same }: RunComparison,
  a: string,
  b: string,
): string {
  const shown = (value: unknown) => (value === undefined ? '-' : JSON.stringify(value));
  const table = (title: string, differences: RunComparison['specification']): string[] =>
    differences.length === 0
      ? [`${title}: the same`]
      : [columns([[title, 'a', 'b'], ...differences.map((d) => [d.path, shown(d.a), shown(d.b)])])];
  const number = (value: number | null) =>
    value === null ? 'not finite' : Number.isInteger(value) ? String(value) : value.toPrecision(5);
  const less = (a: number | null, b: number | null) =>
    a === b ? '0' : a === null || b === null ? '-' : number(b - a);
  return [
    `a  ${a}\nb  ${b}`,
    ...table('specification', specification),
    ...table('machine', environment),
    results.length === 0
      ? 'result: one of them has not ended'
      : columns([
          ['result', 'a', 'b', 'b - a'],
          ...results.map((r) => [r.name, number(r.a), number(r.b), less(r.a, r.b)]),
        ]),
    ...(same ? ['The results are the same to the last bit.'] : []),
  ].join('\n\n');
}
