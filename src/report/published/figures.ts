/** The pictures of published studies: few, of the two arms that the paper is about, and of all arms one. */
import { createHash } from 'node:crypto';

import { testErrorComparisons } from '../comparisonFamilies.ts';
import { forestOf, forestPlot } from '../figures/forest.ts';
import { gradientNormCurves, learningCurves, separabilityByStage, type Figure } from '../figures/index.ts';
import { withQuestion } from '../study.ts';
import type { Publication, PublishedStudy } from './publication.ts';

export interface PublishedFigure {
  /** Of its file, without an ending. */
  readonly name: string;
  readonly figure: Figure;
  /** Of what it is made: a picture with another one is stale. */
  readonly sha256: string;
}

/** Learning curves, saturation and separability of CE and MSL, and the differences of all arms. */
export function publishedFigures({ name, records }: PublishedStudy): PublishedFigure[] {
  const drawn = withQuestion(records);
  const named = (kind: string, figure: Figure): PublishedFigure => ({
    ...{ name: `${name}-${kind}`, figure },
    sha256: createHash('sha256')
      .update(JSON.stringify([figure.data, figure.layout]))
      .digest('hex'),
  });
  return [
    named('learning', learningCurves(drawn)),
    named('gradient', gradientNormCurves(drawn)),
    named('separability', separabilityByStage(drawn)),
    ...(records.arms.length > 2 ? [named('arms', forestPlot(records))] : []),
  ];
}

/** The difference of CE and MSL in every published study, a row each; a study that repeats another is not drawn twice. */
export function differencesByStudy({ published }: Pick<Publication, 'published'>): Figure {
  return forestOf(
    published.flatMap(({ name, records, repeats }) =>
      (repeats === undefined ? testErrorComparisons(records) : [])
        .filter(({ arm }) => arm.name === 'msl')
        .map((comparison) => ({ ...comparison, arm: { ...comparison.arm, title: name } })),
    ),
    ['study', 'studies'],
  );
}
