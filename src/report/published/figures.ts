/** The pictures of published studies: few, of the two arms that the paper is about, and of all arms one. */
import { createHash } from 'node:crypto';

import { testErrorComparisons } from '../comparisons/comparisonFamilies.ts';
import { forestOf, forestPlot } from '../figures/forest.ts';
import { gradientNormCurves, learningCurves, separabilityByStage, type Figure } from '../figures/index.ts';
import { withQuestion } from '../study/study.ts';
import type { Publication, PublishedStudy } from './publication.ts';

export interface PublishedFigure {
  /** Of its file, without an ending. */
  readonly name: string;
  readonly figure: Figure;
  /** Of what it is made: a picture with another one is stale. */
  readonly sha256: string;
}

function publishedFigure(name: string, figure: Figure): PublishedFigure {
  const hash = createHash('sha256').update(JSON.stringify([figure.data, figure.layout]));
  return { name, figure, sha256: hash.digest('hex') };
}

/** All pictures: those of each study, and one of all. */
export function allPublishedFigures(publication: Pick<Publication, 'published'>): PublishedFigure[] {
  const { published } = publication;
  return published.length === 0
    ? []
    : [publishedFigure('studies', differencesByStudy(publication)), ...published.flatMap(publishedFigures)];
}

/** Of a study: learning curves, saturation and separability of CE and MSL, and the differences of all arms. */
export function publishedFigures({ name, records }: PublishedStudy): PublishedFigure[] {
  const drawn = withQuestion(records);
  const named = (kind: string, figure: Figure): PublishedFigure => publishedFigure(`${name}-${kind}`, figure);
  return [
    named('learning', learningCurves(drawn)),
    named('gradient', gradientNormCurves(drawn)),
    named('separability', separabilityByStage(drawn)),
    ...(records.arms.length > 2 ? [named('arms', forestPlot(records))] : []),
  ];
}

/** The difference of CE and MSL in every published study, a row each; a study that repeats another is not drawn twice. */
export function differencesByStudy({ published }: Pick<Publication, 'published'>): Figure {
  const comparisons = published.flatMap(({ name, records, repeats }) =>
    (repeats === undefined ? testErrorComparisons(records) : [])
      .filter(({ arm }) => arm.name === 'msl')
      .map((comparison) => ({ name, comparison })),
  );
  return forestOf(
    comparisons.map(({ name, comparison }) => ({
      ...comparison,
      arm: { ...comparison.arm, title: name },
    })),
    { rows: ['study', 'studies'], compared: comparisons[0]?.comparison.arm.title ?? 'CE + MSL' },
  );
}
