import { UsageError, unknownName } from '../../engine/index.ts';
import type { Study } from '../study.ts';
import { earlySaturation } from './earlySaturation.ts';

/** The studies that come with the workbook. */
export const STUDIES: readonly Study[] = [earlySaturation];

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
