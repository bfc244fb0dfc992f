import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { UserError } from '../../engine/index.ts';
import type { EpochRecord, RunSummary } from '../../experiments/index.ts';
import { parseCsv } from '../csv.ts';
import type { ReportFile } from '../formats/index.ts';
import { type RunRecord, type StudyRecords } from '../study/study.ts';
import { fromCell, fromLeaves, without } from '../study/leaves.ts';
import { EXTRACT_VERSION, extractFiles, hashOf, type ExtractedStudy } from './write.ts';

/**
 * Reads what `msl study report --save` kept of a study. Pictures of features are not in it.
 *
 * @param folder with `study.json`, `runs.csv` and `epochs.csv`
 * @throws {UserError} where a file is missing or damaged, or a run's specification is not the one that its hash names
 */
export function readExtract(folder: string): StudyRecords {
  const { schemaVersion, specifications, environments, ...study } = readStudy(folder);
  if (schemaVersion !== EXTRACT_VERSION) {
    throw new UserError(
      `${path.join(folder, 'study.json')} has the schema version ${String(schemaVersion)}; this release reads ${EXTRACT_VERSION}.`,
    );
  }
  const epochs = rowsOf(path.join(folder, 'epochs.csv'));
  const runs = rowsOf(path.join(folder, 'runs.csv')).map(
    ({ arm, seed, specification, environment, summary }): RunRecord => {
      const hash = String(specification);
      const run = {
        arm: String(arm),
        seed: Number(seed),
        spec: { ...specifications[hash], seed: Number(seed) },
        environment: environments[Number(environment)] ?? {},
        epochs: epochs
          .filter((row) => row['arm'] === arm && row['seed'] === seed)
          .map((row) => without(row, 'arm', 'seed') as unknown as EpochRecord),
        summary: summary as RunSummary,
      };
      if (hashOf(run) !== hash) {
        throw new UserError(
          `${folder}: the specification of ${run.arm}, seed ${run.seed}, has the hash ${hashOf(run)}, not ${hash} as runs.csv says. ` +
            'Remove the folder, and make the extract again from the records: msl study report NAME --save results.',
        );
      }
      return run;
    },
  );
  return { ...study, runs };
}

/**
 * Makes the files of an extract again out of itself.
 *
 * @param study default what is read of the folder; with its family where other studies are known, whose p-values `report.md` depends on
 * @returns those that are not, to the byte, what they were
 */
export function staleFiles(folder: string, study: StudyRecords = readExtract(folder)): ReportFile[] {
  return extractFiles(study).filter(({ name, text }) => readText(path.join(folder, name)) !== text);
}

function readStudy(folder: string): ExtractedStudy {
  const file = path.join(folder, 'study.json');
  const text = readText(file);
  try {
    return JSON.parse(text) as ExtractedStudy;
  } catch (error) {
    throw new UserError(`${file} is no JSON: ${(error as Error).message}.`);
  }
}

function rowsOf(file: string): Record<string, unknown>[] {
  const text = readText(file);
  let cells: string[][];
  try {
    cells = parseCsv(text);
  } catch (error) {
    throw new UserError(`${file} is damaged: ${(error as Error).message}.`);
  }
  const [columns = [], ...rows] = cells;
  // A branch that is empty in one row and has leaves in another stands at one place in both, so that writing gives the same again.
  const place = (column: string): number =>
    columns.findIndex((other) => column === other || column.startsWith(`${other}.`));
  const order = columns.map((_, c) => c).sort((a, b) => place(columns[a]!) - place(columns[b]!) || a - b);
  return rows.map((row) =>
    fromLeaves(order.flatMap((c) => (row[c] ? [[columns[c]!, fromCell(columns[c]!, row[c])] as const] : []))),
  );
}

function readText(file: string): string {
  if (!existsSync(file)) throw new UserError(`${file} is not there.`);
  return readFileSync(file, 'utf8');
}
