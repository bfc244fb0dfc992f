import path from 'node:path';

import { UsageError, unknownName } from '../../engine/index.ts';
import {
  applySettings,
  parseSpecification,
  specificationHash,
  type Specification,
} from '../specification/index.ts';
import { runName } from '../runFolder.ts';
import { pathOf, refuseSwitchedOn } from './switchedOn.ts';
import type { Study, StudyArm, StudyProfile } from './types.ts';

/** One run of a study. */
export interface StudyRun {
  readonly arm: StudyArm;
  readonly seed: number;
  readonly specification: Specification;
  /** `<root>/<study>/<profile>/<arm>/seed-<n>-<hash8>` */
  readonly folder: string;
}

/**
 * The runs of a study: for each seed all arms in turn, so that a study that is stopped has whole pairs.
 *
 * @param root folder of all runs
 * @param settings changes to every run, as on the command line; they go before what a search found
 * @throws {UserError} for an unknown profile, an invalid specification, settings that make two arms the same, or a change of all arms
 * that gives one what it is without
 */
export function studyRuns(
  study: Study,
  profileName: string,
  root: string,
  settings: readonly string[] = [],
): StudyRun[] {
  const profile = profileOf(study, profileName);
  const [firstSeed] = profile.seeds;
  const all = study.arms.map((arm): RunArm => {
    const specification = parseSpecification(
      applySettings(study.base, [...armChanges(study, arm, profile.set, settings), `seed=${firstSeed}`]),
      `${study.name}, profile ${profileName}, arm ${arm.name}`,
    );
    return { arm, specification, hash: specificationHash(specification) };
  });
  refuseSwitchedOn(
    study,
    study.arms.map((arm) => ({
      ...{ arm, changes: armChanges(study, arm, profile.set, settings) },
      shared: [...profile.set, ...settings, ...arm.before],
    })),
  );
  const different = withoutTwins(all);
  refuseTwins(study, different);
  return profile.seeds.flatMap((seed, place) =>
    different
      .filter(({ arm }) => place < (arm.seeds ?? Infinity))
      .map(({ arm, specification: first }): StudyRun => {
        const specification = { ...first, seed };
        const folder = path.join(root, study.name, profileName, arm.name, runName(specification));
        return { arm, seed, specification, folder };
      }),
  );
}

/** An arm, and what its runs have in common: the specification of the first, which differs from the others' by its seed. */
interface RunArm {
  readonly arm: StudyArm;
  readonly specification: Specification;
  readonly hash: string;
}

/** @throws {UsageError} for an unknown name, with the nearest */
export function profileOf(study: Study, name: string): StudyProfile {
  if (Object.hasOwn(study.profiles, name)) return study.profiles[name]!;
  throw new UsageError(unknownName(`profile of ${study.name}`, name, Object.keys(study.profiles)));
}

/**
 * All that an arm changes in the base, in the order in which it is applied: the profile, the study's variation, settings by
 * hand, the arm, what a search found for it, and its own variation.
 */
function armChanges(
  study: Study,
  arm: StudyArm,
  profile: readonly string[],
  settings: readonly string[],
): string[] {
  const named = settings.map(pathOf);
  // All of it, or a part of it.
  const byHand = (at: string): boolean =>
    named.some((path) => `${at}.`.startsWith(`${path}.`) || path.startsWith(`${at}.`));
  const tuned = Object.entries(tunedValues(study, arm)).flatMap(([at, value]) =>
    byHand(at) ? [] : [`${at}=${JSON.stringify(value)}`],
  );
  return [...profile, ...settings, ...arm.before, ...arm.set, ...tuned, ...arm.variation];
}

/** What a search found for an arm, by paths. */
function tunedValues({ tuned }: Study, { of, tunedAs }: StudyArm): Readonly<Record<string, unknown>> {
  const found = (arm: string): Readonly<Record<string, unknown>> => tuned?.arms[arm] ?? {};
  if (tunedAs === undefined) return found(of);
  const { arm, except } = tunedAs;
  // A path that the best trial of the other arm left as it is written is not set here, either.
  const own = Object.entries(found(arm)).filter(([at]) => !(at in except));
  const others = Object.entries(except).flatMap(([at, other]) =>
    at in found(other) ? [[at, found(other)[at]] as const] : [],
  );
  return Object.fromEntries([...own, ...others]);
}

/** Some of the runs, by arm and by seed; all where nothing is named. */
export function chooseRuns(
  study: Study,
  runs: readonly StudyRun[],
  { arms = [], seeds = [] }: { readonly arms?: readonly string[]; readonly seeds?: readonly number[] },
): StudyRun[] {
  const known = study.arms.map(({ name }) => name);
  const unknown = arms.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new UsageError(unknownName(`arm of ${study.name}`, unknown, known));
  const same = arms.find((name) => runs.every((run) => run.arm.name !== name));
  if (same !== undefined) {
    throw new UsageError(
      `${study.name} has no run of the arm ${same}: with the values that it has from others it is the same as one of them.`,
    );
  }
  const there = [...new Set(runs.map((run) => run.seed))];
  const missing = seeds.find((seed) => !there.includes(seed));
  if (missing !== undefined) {
    throw new UsageError(
      `${study.name} has no run of the seed ${missing} in this profile; its seeds are ${there.join(', ')}.`,
    );
  }
  return runs.filter(
    ({ arm, seed }) =>
      (arms.length === 0 || arms.includes(arm.name)) && (seeds.length === 0 || seeds.includes(seed)),
  );
}

/** Without those that are tuned as others and turn out to be the same as one that is not. */
function withoutTwins(arms: readonly RunArm[]): RunArm[] {
  const isBorrowed = ({ arm }: RunArm): boolean => arm.tunedAs !== undefined;
  const own = new Set(arms.filter((arm) => !isBorrowed(arm)).map(({ hash }) => hash));
  return arms.filter((arm) => !isBorrowed(arm) || !own.has(arm.hash));
}

function refuseTwins(study: Study, arms: readonly RunArm[]): void {
  const seen = new Map<string, StudyArm>();
  for (const { arm, hash } of arms) {
    const twin = seen.get(hash);
    if (twin !== undefined) {
      throw new UsageError(
        `${study.name}: with these settings the arms ${twin.name} and ${arm.name} are the same, so there ` +
          'is nothing to compare.',
      );
    }
    seen.set(hash, arm);
  }
}
