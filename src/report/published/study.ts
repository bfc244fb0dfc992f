/** A published study as a part of RESULTS.md. */
import { counted } from '../../engine/index.ts';
import { STUDIES, type Specification } from '../../experiments/index.ts';
import { testErrorComparisons } from '../comparisons/comparisonFamilies.ts';
import { differenceText, oneDecimal, whole } from '../format.ts';
import { escapeMarkdown, headingAnchor, tableMarkdown } from '../formats/markdown.ts';
import { countsText, partWords } from '../sentences/partOf.ts';
import { isPart, type PublishedCounts } from '../study/publishedCounts.ts';
import { imagesText, type StudyRecords } from '../study/study.ts';
import { comparisonTable, resultsTable, separabilityTable } from '../tables/index.ts';
import { questionFindings } from '../sentences/told.ts';
import { ablationTable } from './ablations.ts';
import { publishedFigures } from './figures.ts';
import { publishedSizes } from './fullScale.ts';
import { notRun } from './notRun.ts';
import type { PlannedRun, PublishedStudy } from './publication.ts';
import { divergedTable, hoursOf } from './tables.ts';

/** Where RESULTS.md finds the pictures. */
const FIGURES = 'results/figures';

/** How many images a set has as it was published; `undefined` of one that is imported. */
function publishedCounts(dataset: string): PublishedCounts | undefined {
  const sizes = publishedSizes(dataset);
  return sizes && { train: sizes.train.n, test: sizes.test.n };
}

/** How many images a study used, and whether they are the whole of their set, or the trainings those of another study. */
export function dataSentence({
  records: study,
  repeats,
}: Pick<PublishedStudy, 'records' | 'repeats'>): string {
  const [run] = study.runs;
  if (run === undefined) return 'There is no run.';
  const { dataset, split } = run.spec as Specification;
  const used =
    `Data: ${imagesText(study.runs, 'train')} training images of ${dataset}, drawn by the seed, ${whole(split.validation)} more for validation, and ` +
    `${imagesText(study.runs, 'test')} test images.`;
  const counts = publishedCounts(dataset);
  const kind =
    counts === undefined
      ? ['The set is imported, and no published one.']
      : isPart(run, counts)
        ? [`They are **a part** of the published set, which has ${countsText(counts)}.`]
        : [];
  const again =
    repeats === undefined
      ? []
      : [
          `The trainings of CE and CE + MSL are those of \`${repeats}\`, made again with probes, and no further evidence.`,
        ];
  return [used, ...kind, ...partWords(run), ...again].join(' ');
}

/** Where a study's values come from, if not from a search of its own: a sentence with a space behind it, or nothing. */
function searched(name: string): string {
  const study = STUDIES.find((one) => one.name === name);
  return study === undefined || study.tuning === name
    ? ''
    : `Its values are those that were searched for \`${study.tuning}\`. `;
}

/** The command that makes a row again, and what it needs. */
function again({ name, records, images }: PublishedStudy): string {
  const isOfAll = records.runs.every((run) => {
    const counts = publishedCounts((run.spec as Specification).dataset);
    return counts !== undefined && !isPart(run, counts);
  });
  const command = `msl study run ${name} --profile ${records.profile} --arm ARM --seed SEED`;
  const row = 'A row again, with ARM and SEED from runs.csv';
  if (isOfAll) return `${row}:\n\n    npx ${command}\n`;
  if (images === undefined) {
    const other = 'on others, such as the whole set, the command is another experiment';
    return `${row}; with these very images, of which no list is published: ${other}:\n\n    npx ${command}\n`;
  }
  const { dataset } = records.runs[0]!.spec as Specification;
  return (
    `${row}; with these very images, which ${images} lists by their hashes, so that they can be taken of the whole set:\n\n` +
    `    npx msl data fetch ${dataset}\n` +
    `    npx msl data part ${dataset} --list ${images} --to parts\n` +
    `    MSL_DATA=parts npx ${command}\n`
  );
}

/** A line for each study, which leads to its part: its name, its runs, and how CE and CE + MSL compare. */
export function studyContents(published: readonly PublishedStudy[]): string {
  const compared = (records: StudyRecords): string => {
    const of = testErrorComparisons(records).find(({ arm }) => arm.name === 'msl');
    return of?.difference == null ? '' : `, ${differenceText(of.difference, of.statistics?.t)}`;
  };
  const anchors = published.map(({ records }) => headingAnchor(records.title));
  return published
    .map(({ name, records, left }, i) => {
      const { title } = records;
      // GitHub counts headings of one name from the second on.
      const before = anchors.slice(0, i).filter((anchor) => anchor === anchors[i]).length;
      const anchor = before === 0 ? anchors[i]! : `${anchors[i]!}-${before}`;
      return `- [${escapeMarkdown(title)}](#${anchor}) (\`${name}\`): ${runsThere(records, left)}${compared(records)}`;
    })
    .join('\n');
}

/** How many runs there are, and of how many where some are left. */
function runsThere({ runs }: StudyRecords, left: readonly PlannedRun[]): string {
  return left.length === 0
    ? counted(runs.length, 'run')
    : `${runs.length} of ${counted(runs.length + left.length, 'run')}`;
}

/** Heading, sentences, tables, figures and the commands of one study, as Markdown. */
export function studySection(published: PublishedStudy): string {
  const { name, records, left } = published;
  const { measured, result, saturation } = questionFindings(records);
  const tables = [
    resultsTable(records),
    name === 'ablations' ? ablationTable(records) : comparisonTable(records),
    separabilityTable(records),
    divergedTable(records),
  ].filter((table) => table.rows.length > 0);
  const folder = `results/${name}/full`;
  return [
    `### ${escapeMarkdown(records.title)}\n`,
    `Study \`${name}\`: ${escapeMarkdown(records.question)}\n`,
    `${dataSentence(published)} ${searched(name)}${runsThere(records, left)}, ${oneDecimal(hoursOf(records))} hours.${notRun(left)}\n`,
    `${[...measured, ...result].map(escapeMarkdown).join(' ')}\n`,
    `${saturation.map(escapeMarkdown).join(' ')}\n`,
    ...tables.map((table) => tableMarkdown(table, { level: 4 })),
    ...publishedFigures(published).map(
      ({ name: file, figure }) => `![${escapeMarkdown(figure.description)}](${FIGURES}/${file}.png)\n`,
    ),
    `Every run with its commit, engine and time: [report.md](${folder}/report.md); every number: [runs.csv](${folder}/runs.csv), ` +
      `[epochs.csv](${folder}/epochs.csv). ${again(published)}`,
  ].join('\n');
}
