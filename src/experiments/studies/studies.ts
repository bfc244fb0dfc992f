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

/** @throws {UserError} for an unknown name, with the nearest */
export function findStudy(name: string): Study {
  const study = STUDIES.find((s) => s.name === name);
  if (study === undefined) {
    throw new UsageError(
      unknownName(
        'study',
        name,
        STUDIES.map((s) => s.name),
      ),
    );
  }
  return study;
}
