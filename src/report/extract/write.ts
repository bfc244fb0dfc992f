import { specificationHash, type Specification } from '../../experiments/index.ts';
import { csv } from '../csv.ts';
import { markdownReport, type ReportFile } from '../formats/index.ts';
import { runsOf, type RunRecord, type StudyRecords } from '../study/study.ts';
import { toCell, toLeaves, without } from '../study/leaves.ts';

/** The version of the form of an extract. */
export const EXTRACT_VERSION = 1;

/** `study.json` of an extract: all that is not a row. */
export interface ExtractedStudy extends Omit<StudyRecords, 'runs' | 'family'> {
  readonly schemaVersion: number;
  /** By the hashes that `runs.csv` names, without the seed, which stands there. */
  readonly specifications: Readonly<Record<string, object>>;
  /** By their numbers in `runs.csv`. */
  readonly environments: readonly object[];
}

/**
 * What is kept of a study in `results/`, small enough for a repository: `study.json`, `runs.csv` with a row a run,
 * `epochs.csv` with a row an epoch, and `report.md`, whose tables can be made again of the other three. Pictures of features
 * are left out.
 */
export function extractFiles(study: StudyRecords): ReportFile[] {
  const runs = study.arms.flatMap((arm) => runsOf(study, arm));
  const specifications: Record<string, object> = {};
  const environments: string[] = [];
  const rows = runs.map((run) => {
    const hash = hashOf(run);
    specifications[hash] = without(run.spec as Specification, 'seed');
    const environment = JSON.stringify(run.environment);
    if (!environments.includes(environment)) environments.push(environment);
    return new Map<string, unknown>([
      ['arm', run.arm],
      ['seed', run.seed],
      ['specification', hash],
      ['environment', environments.indexOf(environment)],
      ...toLeaves(run.summary, 'summary.'),
    ]);
  });
  const epochs = runs.flatMap((run) =>
    run.epochs.map(
      (epoch) => new Map<string, unknown>([['arm', run.arm], ['seed', run.seed], ...toLeaves(epoch)]),
    ),
  );
  const described = {
    schemaVersion: EXTRACT_VERSION,
    ...without(study, 'runs', 'family'),
    specifications,
    environments: environments.map((text) => JSON.parse(text) as object),
  } satisfies Partial<ExtractedStudy>;
  return [
    { name: 'study.json', text: `${JSON.stringify(described, null, 2)}\n` },
    { name: 'runs.csv', text: table(rows) },
    { name: 'epochs.csv', text: table(epochs) },
    { name: 'report.md', text: markdownReport(study) },
  ];
}

/** What a run's specification is called in an extract: the first 16 digits of its hash. */
export function hashOf({ spec }: Pick<RunRecord, 'spec'>): string {
  return specificationHash(spec as Specification).slice(0, 16);
}

/** Rows with the columns that any of them has. */
function table(rows: readonly ReadonlyMap<string, unknown>[]): string {
  const columns = [...new Set(rows.flatMap((row) => [...row.keys()]))];
  return csv([columns, ...rows.map((row) => columns.map((column) => toCell(column, row.get(column))))]);
}
