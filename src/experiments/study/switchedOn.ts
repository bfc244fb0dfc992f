/** Changes for all arms that would give one of them what it is there to be without. */
import { UsageError } from '../../engine/index.ts';
import { isRecord } from '../isRecord.ts';
import { applySettings, parseSpecification, valueAt, type Specification } from '../specification/index.ts';
import type { Study, StudyArm } from './types.ts';

/** Changes for all arms, by their paths, in an arm whose specification they are a part of. */
interface Shared {
  readonly arm: StudyArm;
  readonly specification: Specification;
  readonly paths: readonly string[];
}

/**
 * A value of `loss.msl`, set for all arms, switches the loss on in an arm that is without it. Where another arm has the loss by itself, the
 * two were to be compared by it, and would not be.
 *
 * @throws {UsageError} for a path into what an arm is without only by default, and another arm has
 */
export function refuseSwitchedOn(study: Study, arms: readonly Shared[]): void {
  const defaults = parseSpecification({}, 'defaults');
  const hasItself = ({ set, variation }: StudyArm, place: readonly string[]): boolean =>
    isRecord(valueAt(applySettings(study.base, [...set, ...variation]), place));
  for (const { arm, specification, paths } of arms) {
    for (const path of paths) {
      const place = placesAround(path).find((around) => valueAt(defaults, around) === null);
      if (place === undefined || valueAt(specification, place) === null || hasItself(arm, place)) continue;
      const other = study.arms.find((one) => hasItself(one, place));
      if (other === undefined) continue;
      const what = place.join('.');
      throw new UsageError(
        `${study.name}: ${path} is set in every arm, and would give ${what} to the arm ${arm.name}, which has none by itself, as it is in ` +
          `${other.name}. Write ${what}=null into the set of ${arm.of}, or change ${path} in the arms that have it.`,
      );
    }
  }
}

/** What a path lies in, from the outside: `loss`, `loss.msl` of `loss.msl.margin`. */
export function placesAround(path: string): string[][] {
  const keys = path.split('.');
  return keys.slice(1).map((_, depth) => keys.slice(0, depth + 1));
}
