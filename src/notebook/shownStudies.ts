import { predictionsOf, readPredictions, type StudyPredictions } from '../analysis/index.ts';
import { listDatasets, loadDataset, readManifest, type Dataset } from '../data/index.ts';
import { counted } from '../engine/index.ts';
import {
  chooseRuns,
  findStudy,
  loadStudy,
  readSearch,
  resultsFolder,
  runsFolder,
  studyRuns,
} from '../experiments/index.ts';
import { extractOf, publishedSizes, type ProtocolOf } from '../report/index.ts';
import { progressBar } from './progress.ts';
import { rootOf, studyResults, type StudyResults, type StudyResultsOptions } from './studyResults.ts';

/** A study that a notebook shows. */
export interface ShownStudy extends ProtocolOf {
  readonly source: StudyResults['source'];
  /** What its networks take the test images for, where that is recorded. */
  readonly predictions?: StudyPredictions | undefined;
}

/** Studies of which a notebook shows what there is. */
export interface ShownStudies {
  readonly shown: readonly ShownStudy[];
  /** What is shown and what is not, and what to type for the rest: a sentence each, in Markdown. */
  readonly notes: readonly string[];
}

/** The arms that are run where nothing is published: the study's question. */
const QUESTION = ['ce', 'msl'];

/**
 * What a notebook shows of several studies: those whose full results are published. With `fresh` the first is run here, in the
 * notebook's profile. Where none is published, cross-entropy and MSL of the first are run in its smoke profile, which shows that everything
 * works and is no result. What is to be run and whose data is not on disk is left out. The notes say which of these it was.
 *
 * @param studies their names, the one of most interest first; one that is named again is shown once
 * @throws {UserError} for an unknown study or profile, and a damaged extract
 */
export async function shownStudies(
  studies: readonly string[],
  options: Omit<StudyResultsOptions, 'arms'>,
): Promise<ShownStudies> {
  const { profile, fresh = false, results = resultsFolder(), runs = runsFolder() } = options;
  const isPublished = (name: string): boolean => extractOf(name, results) !== undefined;
  const names: readonly string[] = [...new Set(studies)];
  const [first] = names as readonly [string, ...string[]];
  const { dataset = 'cifar10' } = findStudy(first).base;
  const wanted = fresh || !names.some(isPublished);
  const isRun = wanted && (await isThere(dataset));
  const shown: ShownStudy[] = [];
  const notes: string[] = [];
  if (isRun) {
    const size = fresh ? profile : 'smoke';
    shown.push(await runHere(first, { ...options, profile: size, results, runs }));
    notes.push(
      fresh
        ? `**${first}** was run on this machine, profile \`${size}\`.`
        : `**${first}** has no published results yet. What follows is its \`smoke\` profile, two arms run on this machine for two epochs: it ` +
            'shows that everything works, and is **no result**.',
    );
  } else if (wanted) {
    notes.push(`**${first}** cannot be run: its images are not on this machine (${howToGet(dataset)}).`);
  }
  const published = names.filter((name) => isPublished(name) && !(isRun && name === first));
  for (const name of published) {
    const { records } = await studyResults(name, { profile, results });
    shown.push({
      ...{ study: records, source: 'published', search: readSearch(findStudy(name).tuning, results) },
      predictions: readPredictions(extractOf(name, results)!),
      published: publishedCounts(findStudy(name).base.dataset ?? 'cifar10'),
    });
    notes.push(`**${name}**: published results of its full profile, ${counted(records.runs.length, 'run')}.`);
  }
  const missing = names.filter((name) => !isPublished(name) && !(isRun && name === first));
  if (missing.length > 0) {
    notes.push(
      `Not published yet: ${missing.join(', ')}. \`npx msl study run ${missing[0]!} --profile full\` makes it.`,
    );
  }
  return { shown, notes };
}

async function runHere(
  name: string,
  options: Omit<StudyResultsOptions, 'arms'> & { readonly results: string; readonly runs: string },
): Promise<ShownStudy> {
  const { profile, results } = options;
  const { records, source } = await studyResults(name, { ...options, arms: QUESTION });
  const study = await loadStudy(name);
  const runs = chooseRuns(study, studyRuns(study, profile, rootOf(options)), { arms: QUESTION });
  return {
    ...{ study: records, source, search: readSearch(study.tuning, results) },
    predictions: await predictionsOf(runs, { progress: progressBar() }),
    published: publishedCounts(runs[0]!.specification.dataset),
  };
}

/** How many images a data set has as its authors publish it; `undefined` for one that was imported. */
function publishedCounts(dataset: string): ProtocolOf['published'] {
  const sizes = publishedSizes(dataset);
  return sizes && { train: sizes.train.n, test: sizes.test.n };
}

/**
 * A data set where it is on disk.
 *
 * @throws {UserError} where it is damaged
 */
export async function datasetIfThere(name: string): Promise<Dataset | undefined> {
  return (await isThere(name)) ? await loadDataset(name) : undefined;
}

async function isThere(name: string): Promise<boolean> {
  const listed = (await listDatasets()).find((set) => set.name === name);
  return listed !== undefined && listed.state !== 'absent' && listed.state !== 'incomplete';
}

/** What to type to have a data set. */
function howToGet(name: string): string {
  const known = Object.hasOwn(readManifest().datasets, name);
  return known ? `\`npx msl data fetch ${name}\`` : `\`npx msl data import ${name} FOLDER --size 32\``;
}
