import {
  sittingsOf,
  specificationHash,
  type EnvironmentRecord,
  type Specification,
} from '../../experiments/index.ts';
import { NOTHING, whole } from '../format.ts';
import { commitOf, machineOf } from '../study/machine.ts';
import { runsOf, type RunRecord, type StudyRecords } from '../study/study.ts';
import type { Column, Table } from './table.ts';

/** Where every run comes from: what was asked, by which version of the code, on what, when, and how long it took. */
export function provenanceTable(study: StudyRecords): Table {
  const runs = study.arms.flatMap((arm) => runsOf(study, arm).map((run) => ({ arm, run })));
  const text = (
    name: string,
    of: (run: RunRecord, environment: Partial<EnvironmentRecord>) => string,
  ): Column => ({
    name,
    values: runs.map(({ run }) => of(run, run.environment)),
    format: String,
    textWidth: 24,
  });
  return {
    title: 'Provenance',
    note:
      'Specification: the first digits of the SHA-256 of spec.json. Commit: of the workbook; + where files were changed since. ' +
      'Where others went on with a stopped run, all of them. Seconds are without interruptions.',
    rowHeader: 'run',
    rows: runs.map(({ arm, run }) => `${arm.title}, seed ${run.seed}`),
    columns: [
      text('specification', (run) => specificationHash(run.spec as Specification).slice(0, 8)),
      text('status', (run) => run.summary.status),
      text('commit', (_, environment) => ofSittings(environment, (one) => commitOf(one) ?? NOTHING)),
      text('engine', (_, { engine, engineVersion }) => [engine, engineVersion].join(' ').trim()),
      text('threads', (_, { threads }) => String(threads ?? NOTHING)),
      text('machine', (_, environment) => ofSittings(environment, machineOf)),
      { name: 'seconds', values: runs.map(({ run }) => run.summary.timing.seconds), format: whole },
      text('finished', (run) => run.summary.timing.finishedAt.slice(0, 19)),
    ],
    detail: true,
    ofMachine: true,
  };
}

/** What a run's sittings have, each once, in their order. */
function ofSittings(
  environment: Partial<EnvironmentRecord>,
  of: (sitting: Partial<EnvironmentRecord>) => string,
): string {
  return [...new Set(sittingsOf(environment).map(of))].join('; ');
}
