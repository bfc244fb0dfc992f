import { UsageError, unknownName } from '../../engine/index.ts';
import type { Study } from '../study/types.ts';
import { ablations } from './ablations.ts';
import { cifar10Studies } from './cifar10.ts';
import { earlySaturation, earlySaturationAugmented, earlySaturationPlain } from './earlySaturation.ts';
import { fullScaleStudies } from './fullScale.ts';
import { otherStudies } from './others.ts';

/** The studies that come with the workbook. */
export const STUDIES: readonly Study[] = [
  earlySaturation,
  earlySaturationPlain,
  earlySaturationAugmented,
  ...cifar10Studies,
  ...otherStudies,
  ablations,
  ...fullScaleStudies,
];

/** @throws {UsageError} for an unknown name, with the nearest, and how a study of one's own is named */
export function findStudy(name: string): Study {
  const study = STUDIES.find((s) => s.name === name);
  if (study === undefined) {
    const names = STUDIES.map((s) => s.name);
    // The folder of its runs has the name of a study of one's own, which is no name to find it by.
    throw new UsageError(
      `${unknownName('study', name, names)} One of your own is named by its file: .ts, .json, .yaml.`,
    );
  }
  return study;
}
