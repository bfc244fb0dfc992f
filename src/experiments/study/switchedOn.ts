/** Changes for all arms that would give one of them what it is there to be without. */
import { UsageError } from '../../engine/index.ts';
import { isRecord } from '../isRecord.ts';
import {
  applySettings,
  parseSpecification,
  valueAt,
  type SpecificationInput,
} from '../specification/index.ts';
import type { Study, StudyArm } from './types.ts';

/** What is done to an arm. */
interface Changed {
  readonly arm: StudyArm;
  /** All changes of the base, in their order, but those that a search tries. */
  readonly changes: readonly string[];
  /** Those that are made in all arms alike. */
  readonly shared: readonly string[];
  /** Paths that a search tries values of, in all arms alike; default none. */
  readonly searched?: readonly string[];
}

/**
 * A value of `loss.msl`, set or searched in all arms, switches the loss on in an arm that is without it. Where another arm has the loss by
 * itself, the two were to be compared by it, and would not be; and of the trials of a search, the first, which is the arm as it is
 * written, would be without the loss, and the others with it.
 *
 * @throws {UsageError} for a path into what an arm is without, by default or since it says so, and another arm has; for a path that is
 * searched, whatever other arms have
 */
export function refuseSwitchedOn(study: Study, arms: readonly Changed[]): void {
  const defaults = parseSpecification({}, 'defaults');
  const placeOf = (path: string): string[] | undefined =>
    placesAround(path).find((around) => valueAt(defaults, around) === null);
  const has = (written: SpecificationInput, place: readonly string[]): boolean =>
    isRecord(valueAt(written, place));
  const hasItself = ({ set, variation }: StudyArm, place: readonly string[]): boolean =>
    has(applySettings(study.base, [...set, ...variation]), place);
  for (const { arm, changes, shared, searched = [] } of arms) {
    const written = applySettings(study.base, changes);
    for (const path of shared.map(pathOf)) {
      const place = placeOf(path);
      if (place === undefined || !has(written, place) || hasItself(arm, place)) continue;
      const other = study.arms.find((one) => hasItself(one, place));
      if (other === undefined) continue;
      const what = place.join('.');
      throw new UsageError(
        `${study.name}: ${path} is set in every arm, and would give ${what} to the arm ${arm.name}, which has none by itself, as it is in ` +
          `${other.name}. Write ${what}=null into the set of ${arm.of}, or change ${path} in the arms that have it.`,
      );
    }
    for (const path of searched) {
      const place = placeOf(path);
      if (place === undefined || has(written, place)) continue;
      throw new UsageError(
        `${study.name}: tune.space searches ${path} in every arm, but the arm ${arm.of} has no ${place.join('.')} (it is null), and ` +
          'would get it. Put the path into the space of the arms that have it.',
      );
    }
  }
}

/** The path of a change, `loss.msl.margin` of `loss.msl.margin=0.8`. */
export const pathOf = (setting: string): string => setting.slice(0, setting.indexOf('='));

/** What a path lies in, from the outside: `loss`, `loss.msl` of `loss.msl.margin`. */
function placesAround(path: string): string[][] {
  const keys = path.split('.');
  return keys.slice(1).map((_, depth) => keys.slice(0, depth + 1));
}
