import { isDeepStrictEqual } from 'node:util';

import { UsageError } from '../../engine/index.ts';
import { applySettings, type SpecificationInput } from '../specification/index.ts';
import type { SearchRange } from './schema.ts';
import type { StudyArm, TunedAs } from './types.ts';

/** Values by their paths: all combinations, or one after the other around what is there. */
interface Variations {
  readonly grid?: Readonly<Record<string, readonly unknown[]>> | undefined;
  readonly oneAtATime?: Readonly<Record<string, readonly unknown[]>> | undefined;
}

/** An arm as it is written. */
interface WrittenArm extends Variations {
  readonly name: string;
  readonly title?: string | undefined;
  readonly set: readonly string[];
  readonly seeds?: number | undefined;
  readonly space: Readonly<Record<string, SearchRange>>;
  readonly tunedAs?: TunedAs | undefined;
}

interface WrittenStudy extends Variations {
  readonly base: SpecificationInput;
  readonly arms: readonly WrittenArm[];
}

/** One combination of changes; without changes it is the base. */
interface Variation {
  readonly set: readonly string[];
  /** Of names, e.g. `-margin-0.5`; empty for the base. */
  readonly suffix: string;
  /** Of titles, e.g. `, margin 0.5`. */
  readonly words: string;
}

/** @throws {UsageError} where a study or an arm has two kinds of variations, or two arms have one name */
export function checkVariations(
  { arms, ...study }: Variations & { readonly arms: readonly WrittenArm[] },
  source: string,
): void {
  for (const { place, of } of [
    { place: 'the study', of: study },
    ...arms.map((arm) => ({ place: `the arm ${arm.name}`, of: arm })),
  ]) {
    if (of.grid !== undefined && of.oneAtATime !== undefined) {
      throw new UsageError(`${source}: ${place} has both grid and oneAtATime; it can have one of them.`);
    }
  }
  const twice = arms.find(({ name }, i) => arms.findIndex((other) => other.name === name) !== i);
  if (twice !== undefined) {
    throw new UsageError(
      `${source}: there are two arms '${twice.name}'; their runs need names of their own.`,
    );
  }
}

/**
 * The arms of a study with every variation. A variation of the base that an arm does not see, because the arm sets the same
 * itself, makes no second arm of it.
 *
 * @throws {UsageError} for a variation that changes nothing in any arm, and for two of one name or title
 */
export function expandArms(study: WrittenStudy, source: string): [StudyArm, ...StudyArm[]] {
  const arms: StudyArm[] = [];
  const seen: { readonly of: string; readonly name: string; readonly written: unknown }[] = [];
  for (const base of variationsOf(study)) {
    let reached = base.set.length === 0;
    /** The name of the first arm in this variation, or what it is the same as. */
    let baseline: string | undefined;
    for (const arm of study.arms) {
      for (const own of variationsOf(arm)) {
        // One at a time: a variation of the base is not varied again.
        if (study.oneAtATime && arm.oneAtATime && base.set.length > 0 && own.set.length > 0) continue;
        const written = applySettings(study.base, [...base.set, ...arm.set, ...own.set]);
        const same = seen.find((other) => other.of === arm.name && isDeepStrictEqual(other.written, written));
        baseline ??= same?.name ?? `${arm.name}${base.suffix}${own.suffix}`;
        if (same !== undefined) continue;
        reached = true;
        const name = `${arm.name}${base.suffix}${own.suffix}`;
        seen.push({ of: arm.name, name, written });
        arms.push({
          name,
          title: `${arm.title ?? arm.name}${base.words}${own.words}`,
          ...{ before: base.set, set: arm.set, variation: own.set, of: arm.name, baseline },
          ...(arm.seeds === undefined ? {} : { seeds: arm.seeds }),
          space: arm.space,
          ...(arm.tunedAs === undefined ? {} : { tunedAs: arm.tunedAs }),
        });
      }
    }
    if (!reached) {
      throw new UsageError(
        `${source}: ${base.set.join(', ')} changes nothing in any arm; an arm that sets a value itself keeps it. Put the ` +
          'variation into the arm.',
      );
    }
  }
  const twice = arms.find(({ name }, i) => arms.findIndex((other) => other.name === name) !== i);
  if (twice !== undefined) {
    throw new UsageError(`${source}: two variations have the name '${twice.name}'.`);
  }
  for (const [i, { name, title }] of arms.entries()) {
    const other = arms.slice(0, i).find((one) => one.title === title);
    if (other === undefined) continue;
    throw new UsageError(
      `${source}: the arms '${other.name}' and '${name}' have both the title '${title}'; tables and figures tell arms apart by their ` +
        'titles, so that each needs its own.',
    );
  }
  return arms as [StudyArm, ...StudyArm[]];
}

/** The combinations, in the order of the lists; the base alone where there are none. */
function variationsOf({ grid, oneAtATime }: Variations): Variation[] {
  const none: Variation = { set: [], suffix: '', words: '' };
  const paths = Object.keys(grid ?? oneAtATime ?? {});
  const single = (path: string, value: unknown): Variation => {
    const label = labelOf(path, paths);
    return {
      set: [`${path}=${JSON.stringify(value)}`],
      suffix: `-${label}-${nameOf(value)}`,
      words: `, ${label} ${wordsOf(value)}`,
    };
  };
  if (oneAtATime !== undefined) {
    return [none, ...Object.entries(oneAtATime).flatMap(([at, values]) => values.map((v) => single(at, v)))];
  }
  return Object.entries(grid ?? {}).reduce<Variation[]>(
    (all, [path, values]) =>
      all.flatMap((before) =>
        values.map((value) => {
          const { set, suffix, words } = single(path, value);
          return {
            set: [...before.set, ...set],
            suffix: before.suffix + suffix,
            words: before.words + words,
          };
        }),
      ),
    [none],
  );
}

/** The last word of a path; the whole path where two end alike. */
function labelOf(path: string, paths: readonly string[]): string {
  const last = path.slice(path.lastIndexOf('.') + 1);
  const alike = paths.filter((other) => other === last || other.endsWith(`.${last}`));
  return alike.length > 1 ? path : last;
}

/** As part of a folder's name. */
const nameOf = (value: unknown): string =>
  JSON.stringify(value)
    .replaceAll(/(^|[[,:])-(?=\d)/g, '$1minus')
    .replaceAll(/[^\w.]+/g, '-')
    .replaceAll(/^-|-$/g, '');

const wordsOf = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value).replaceAll('"', '').replaceAll(',', ', ');
