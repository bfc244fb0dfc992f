import type { ArmPredictions, StudyPredictions } from '../../analysis/index.ts';
import { pngReader, type ImageSet } from '../../data/index.ts';
import { UserError } from '../../engine/index.ts';
import type { NamedConfusion } from './confusionPair.ts';
import type { Mistake } from './mistakes.ts';
import { pngUri } from './pngUri.ts';
import type { StudyRecords } from '../study/study.ts';

/**
 * The mistakes that the networks of an arm share, as `predictionsOf` recorded them, with their pictures.
 *
 * @param images the test part that they are of
 * @throws {UserError} where the images are others
 */
export function sharedMistakes(
  { mistakes }: Pick<ArmPredictions, 'mistakes'>,
  images: ImageSet,
  most: number,
): Mistake[] {
  const png = pngReader(images);
  const { classes, labels } = images;
  return mistakes.slice(0, most).map(({ index, label, predicted, probability }) => {
    if (labels[index] !== label) {
      throw new UserError(
        `Test image ${index} has another class than the records say: these are other images.`,
      );
    }
    return {
      image: pngUri(png(index)),
      label: classes[label]!,
      predicted: classes[predicted]!,
      probability,
    };
  });
}

/** The confusions of two arms, by their names, over all seeds; `undefined` where those of one are not recorded. */
export function confusionsOf(
  { classes, arms }: StudyPredictions,
  study: StudyRecords,
  names: readonly [string, string],
): readonly [NamedConfusion, NamedConfusion] | undefined {
  const [first, second] = names.map((name): NamedConfusion | undefined => {
    const counts = arms[name]?.confusion;
    const title = study.arms.find((arm) => arm.name === name)?.title ?? name;
    return counts && { title, classes, counts };
  });
  return first && second && [first, second];
}
