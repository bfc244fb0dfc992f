import { SEEDS_FOR_INTERVAL } from '../../measures/index.ts';
import { seedsOf, type StudyRecords } from '../study/study.ts';
import { comparisonTable, otherMeasuresTable, otherMethodsTable } from './comparisons.ts';
import { costTable } from './cost.ts';
import { provenanceTable } from './provenance.ts';
import { resultsTable } from './results.ts';
import { separabilityTable } from './separability.ts';
import { MOST_ARMS, type Table } from './table.ts';
import { testErrorTable } from './testError.ts';

/** The tables of a study in the order in which they are read, those without a row left out. */
export function studyTables(study: StudyRecords): Table[] {
  return [
    testErrorTable(study),
    // Two arms of few seeds: the first table has it all.
    ...(seedsOf(study).length < SEEDS_FOR_INTERVAL && study.arms.length <= MOST_ARMS
      ? []
      : [comparisonTable(study)]),
    otherMethodsTable(study),
    resultsTable(study),
    separabilityTable(study),
    otherMeasuresTable(study),
    costTable(study),
    provenanceTable(study),
  ].filter((table) => table.rows.length > 0);
}
