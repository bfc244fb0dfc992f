import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

import {
  readSearch,
  resultsFolder,
  STUDIES,
  studyRuns,
  type Specification,
  withTuned,
  type Study,
  type TuningRecord,
} from '../../experiments/index.ts';
import { readExtract } from '../extract/index.ts';
import type { StudyRecords } from '../study/study.ts';
import { isMember, PRIMARY_STUDIES } from '../study/primary.ts';
import { withFamily } from './withFamily.ts';
import { repeated } from './repeats.ts';

/** A run that a study is to have. */
export interface PlannedRun {
  /** The title of its arm. */
  readonly arm: string;
  readonly seed: number;
}

/** A study with its published results, the extract of its full profile. */
export interface PublishedStudy {
  readonly name: string;
  readonly title: string;
  readonly records: StudyRecords;
  /** Runs of the full profile that are not there; none where the study is not known by name. */
  readonly left: readonly PlannedRun[];
  /** The study whose trainings these are, made again with probes; absent where they are its own. */
  readonly repeats?: string;
  /** The published list of the images, `results/images/<dataset>.csv`, of which `msl data part` takes them; absent where there is none. */
  readonly images?: string;
}

/** All that is published in a folder of results. */
export interface Publication {
  /** The workbook's studies in their order, then those of others by name. */
  readonly published: readonly PublishedStudy[];
  /** The workbook's studies without results. */
  readonly missing: readonly Study[];
  /** Searches of hyper-parameters, in the order of the studies, then those of others by name. */
  readonly searches: readonly TuningRecord[];
}

/**
 * Reads what is published: `<study>/full` of every study that has it, and `tuning/<study>.json`. What is missing is no error:
 * studies end one after the other.
 *
 * @param results default `results` of the project, or `MSL_RESULTS`
 * @throws {UserError} for an extract or a search that is damaged
 */
export function readPublication(results: string = resultsFolder()): Publication {
  const studies = STUDIES.map((study) => withTuned(study, results));
  const known = studies.map(({ name }) => name);
  const withOthers = (names: readonly string[]): string[] => [
    ...known,
    ...names.filter((name) => !known.includes(name)).sort(),
  ];
  const names = withOthers(entriesOf(results));
  // A search may be there before any run.
  const searched = withOthers(
    entriesOf(path.join(results, 'tuning')).flatMap((file) => /^(.+)\.json$/.exec(file)?.[1] ?? []),
  );
  const published = names.flatMap((name): PublishedStudy[] => {
    const folder = extractOf(name, results);
    if (folder === undefined) return [];
    const records = readExtract(folder);
    const study = studies.find((one) => one.name === name);
    const left = study === undefined ? [] : runsLeft(study, records);
    const images = imageList(records, results);
    return [{ name, title: records.title, records, left, ...(images === undefined ? {} : { images }) }];
  });
  return {
    published: published.map((one) => {
      const repeats = repeated(
        one.records,
        published.map(({ records }) => records),
      );
      return {
        ...one,
        records: withFamily(one.records, published),
        ...(repeats === undefined ? {} : { repeats }),
      };
    }),
    missing: studies.filter(({ name }) => !published.some((one) => one.name === name)),
    searches: searched.flatMap((name) => readSearch(name, results) ?? []),
  };
}

/** What is in a folder; nothing where there is none. */
function entriesOf(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

/**
 * The records of one study with what its primary comparison is corrected with: those of the other data sets that are published.
 *
 * @param results default `results` of the project, or `MSL_RESULTS`
 * @throws {UserError} for an extract that is damaged
 */
export function withPublishedFamily(records: StudyRecords, results: string = resultsFolder()): StudyRecords {
  if (!isMember(records)) return records;
  const others = PRIMARY_STUDIES.flatMap(({ study }) => {
    const folder = study === records.name ? undefined : extractOf(study, results);
    return folder === undefined ? [] : [{ name: study, records: readExtract(folder) }];
  });
  return withFamily(records, others);
}

/** The folder of a study's published results; `undefined` where there are none. */
export function extractOf(study: string, results: string = resultsFolder()): string | undefined {
  const folder = path.join(results, study, 'full');
  return existsSync(path.join(folder, 'study.json')) ? folder : undefined;
}

/** Where the images of a study are listed, as seen from the folder above the results. */
function imageList({ runs }: StudyRecords, results: string): string | undefined {
  const dataset = (runs[0]?.spec as Specification | undefined)?.dataset;
  const file = path.join('images', `${dataset}.csv`);
  return dataset !== undefined && existsSync(path.join(results, file))
    ? path.join(path.basename(results), file)
    : undefined;
}

/** How many runs a study's full profile has. */
export function plannedRuns(study: Study): number {
  return studyRuns(study, 'full', '').length;
}

/** The runs of a study's full profile that are not among its records. */
function runsLeft(study: Study, { runs }: StudyRecords): PlannedRun[] {
  return studyRuns(study, 'full', '')
    .filter(({ arm, seed }) => !runs.some((run) => run.arm === arm.name && run.seed === seed))
    .map(({ arm, seed }) => ({ arm: arm.title, seed }));
}

/** The records of a published study; `undefined` where it is not published. */
export function recordsOf({ published }: Publication, study: string): StudyRecords | undefined {
  return published.find(({ name }) => name === study)?.records;
}
