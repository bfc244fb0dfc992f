/** The parts of a document that are made of records, between two comments that name them. */
import { counted, UserError } from '../../engine/index.ts';
import { STUDIES, type TuningRecord } from '../../experiments/index.ts';
import { listing } from '../format.ts';
import { tableMarkdown } from '../formats/markdown.ts';
import { searchTable, type Table } from '../tables/index.ts';
import { answers } from './answers.ts';
import { choicesTable } from './choices.ts';
import { claims, claimsTable, claimText, verdictSentence } from './claims.ts';
import { familyTable } from './family.ts';
import { estimateTable } from './fullScale.ts';
import { precisionTable } from './precision.ts';
import { plannedRuns, type Publication } from './publication.ts';
import { studyContents, studySection } from './study.ts';
import { publishedCostTable, publishedProtocolTable } from './tables.ts';

/** Markdown by the names of the blocks. */
export type Blocks = Readonly<Record<string, string>>;

/** Every block that a document can have, made of what is published. */
export function resultBlocks(publication: Publication): Blocks {
  const { published, searches } = publication;
  const table = (of: Table): string => tableMarkdown(of, { level: 0 });
  return {
    state: stateSentence(publication),
    verdicts: verdictSentence(publication),
    claims: table(claimsTable(publication)),
    evidence: claims(publication).map(claimText).join('\n'),
    answers: answers(publication),
    primary: table(familyTable(publication)),
    precision: table(precisionTable(publication)),
    protocol: published.length === 0 ? 'Nothing yet.' : table(publishedProtocolTable(publication)),
    contents: published.length === 0 ? 'None yet.' : studyContents(published),
    studies: published.length === 0 ? 'None yet.' : published.map(studySection).join('\n'),
    searches:
      searches.length === 0
        ? 'None yet.'
        : searches.map((record) => tableMarkdown(searchOf(record))).join('\n'),
    choices: table(choicesTable(publication)),
    cost: published.length === 0 ? 'Nothing yet.' : table(publishedCostTable(publication)),
    estimates: table(estimateTable(publication)),
  };
}

/** What was searched for a study, its arms by their titles. */
export function searchOf(record: TuningRecord): Table {
  const arms = STUDIES.find(({ name }) => name === record.study)?.arms ?? [];
  const titles = Object.keys(record.arms).map((arm) => [
    arm,
    arms.find(({ name }) => name === arm)?.title ?? arm,
  ]);
  return {
    ...searchTable(record, Object.fromEntries(titles) as Record<string, string>),
    title: `Search of ${record.study}`,
  };
}

/** Which studies are published, which are not complete, and which are not yet run. */
export function stateSentence({ published, missing }: Publication): string {
  const names = (of: readonly { readonly name: string }[]): string =>
    listing(of.map(({ name }) => `\`${name}\``));
  const incomplete = published.filter((one) => one.left.length > 0);
  const runsIn = (of: Publication['published']): number =>
    of.reduce((sum, { records }) => sum + records.runs.length, 0);
  const repeats = runsIn(published.filter((one) => one.repeats !== undefined));
  const left = incomplete.reduce((sum, one) => sum + one.left.length, 0);
  const planned = missing.reduce((sum, study) => sum + plannedRuns(study), 0);
  return [
    published.length === 0
      ? 'No study is published yet.'
      : `Published: ${names(published)}, ${counted(runsIn(published), 'run')}` +
        (repeats === 0
          ? '.'
          : `, ${repeats} of which ${repeats === 1 ? 'repeats a training' : 'repeat trainings'} of another study.`),
    ...(incomplete.length === 0
      ? []
      : [`Incomplete: ${names(incomplete)}, ${counted(left, 'run')} ${left === 1 ? 'is' : 'are'} left.`]),
    ...(missing.length === 0 ? [] : [`**Not yet run**: ${names(missing)}, ${counted(planned, 'run')}.`]),
  ].join(' ');
}

const BLOCK = /<!-- results: ([\w-]+) -->\n[\s\S]*?<!-- end of results -->/g;

/**
 * A document with each of its blocks made again. A block stands between `<!-- results: NAME -->` and `<!-- end of results -->`.
 *
 * @throws {UserError} for a name that is none, and for a block that does not end
 */
export function fillBlocks(document: string, blocks: Blocks, source: string): string {
  const opened = document.match(/<!-- results: /g)?.length ?? 0;
  const whole = document.match(BLOCK)?.length ?? 0;
  if (opened !== whole) {
    throw new UserError(`${source}: a block of results does not end with <!-- end of results -->.`);
  }
  return document.replace(BLOCK, (_, name: string) => {
    const text = blocks[name];
    if (text === undefined) {
      throw new UserError(
        `${source}: there is no block '${name}' of results; there are ${Object.keys(blocks).join(', ')}.`,
      );
    }
    return `<!-- results: ${name} -->\n\n${text.trim()}\n\n<!-- end of results -->`;
  });
}
