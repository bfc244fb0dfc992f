import type { z } from 'zod';

import { UsageError } from '../../engine/index.ts';
import { explain, meant } from '../specification/problems.ts';
import type { SpecificationInput } from '../specification/index.ts';
import { checkVariations, expandArms } from './arms.ts';
import { studySchema, type profileSchema, type StudyInput } from './schema.ts';
import type { Study } from './types.ts';

/** What makes a check of any study: few images, two epochs, and two seeds. */
const SMOKE = { train: 1000, validation: 500, epochs: 2, seeds: 2 };

/** A check that everything works: of a study that is smaller by itself, no more than it asks for. */
function smokeOf(
  { split, epochs }: SpecificationInput,
  seeds: readonly number[],
): z.output<typeof profileSchema> {
  const atMost = (written: unknown, most: number): number =>
    typeof written === 'number' ? Math.min(written, most) : most;
  const train = atMost(split?.train, SMOKE.train);
  const passes = atMost(epochs, SMOKE.epochs);
  const chosen = seeds.slice(0, SMOKE.seeds);
  return {
    title:
      `a check that everything works: ${train.toLocaleString('en')} images, ` +
      `${passes} ${passes === 1 ? 'epoch' : 'epochs'}, ${chosen.length === 1 ? 'one seed' : 'two seeds'}`,
    seeds: chosen,
    set: [
      `split.train=${train}`,
      `split.validation=${atMost(split?.validation, SMOKE.validation)}`,
      `epochs=${passes}`,
    ],
  };
}

/**
 * A study, complete.
 *
 * @throws {UsageError} naming each wrong path, its value, and what would be right
 */
export function defineStudy(study: StudyInput): Study {
  return parseStudy(study, `The study ${study.name}`);
}

/**
 * Checks a study that was written and completes it. Its specifications are checked when its runs are made.
 *
 * @param source where it came from, for messages
 * @throws {UsageError} naming each wrong path, its value, and what would be right
 */
export function parseStudy(value: unknown, source: string): Study {
  const result = studySchema.safeParse(value, { reportInput: true });
  if (!result.success) {
    const { issues } = result.error;
    throw refusal(
      source,
      issues.map((issue) => explain(issue, value, studySchema, 'the study')),
    );
  }
  const { title, tune, tuning, seeds, ...written } = result.data;
  const base = written.base as SpecificationInput;
  checkVariations(written, source);
  checkTunedAs(written.arms, source);
  const profiles = Object.fromEntries(
    Object.entries({
      ...written.profiles,
      smoke: written.profiles['smoke'] ?? smokeOf(base, seeds),
    }).map(([key, own]) => [key, { ...own, seeds: own.seeds ?? seeds }]),
  );
  if (tune !== undefined) {
    const own = new Set(Object.values(profiles).flatMap((profile) => profile.seeds));
    const shared = tune.seeds.filter((candidate) => own.has(candidate));
    const problems = [
      ...(shared.length === 0
        ? []
        : [`tune.seeds: ${shared.join(', ')} are seeds of a profile; a search has its own`]),
      ...(Object.hasOwn(profiles, tune.profile)
        ? []
        : [`tune.profile: '${tune.profile}' is ${noneOf(tune.profile, Object.keys(profiles))}`]),
    ];
    if (problems.length > 0) throw refusal(source, problems);
  }
  return {
    name: written.name,
    title: title ?? written.name,
    question: written.question,
    base,
    arms: expandArms({ ...written, base }, source),
    profiles,
    ...(tune === undefined ? {} : { tune }),
    tuning: tuning ?? written.name,
  };
}

/** @throws {UsageError} where an arm has tuned values of one that is not there, or has none of its own */
function checkTunedAs(arms: z.output<typeof studySchema>['arms'], source: string): void {
  const searched = arms.filter(({ tunedAs }) => tunedAs === undefined).map((arm) => arm.name);
  const problems = arms.flatMap(({ tunedAs, ...arm }) => [
    ...(tunedAs === undefined || Object.keys(arm.space).length === 0
      ? []
      : [`the arm ${arm.name} has both tunedAs and space; it takes its values from others, or is searched`]),
    ...[tunedAs?.arm, ...Object.values(tunedAs?.except ?? {})]
      .filter((other) => other !== undefined && !searched.includes(other))
      .map((other) => `the arm ${arm.name} is tuned as '${other!}', which is ${noneOf(other!, searched)}`),
  ]);
  if (problems.length > 0) throw refusal(source, problems);
}

/** @param names that there are */
const noneOf = (name: string, names: readonly string[]): string =>
  names.length === 0 ? 'not there' : `none of ${names.join(', ')}${meant(name, names)}`;

function refusal(source: string, problems: readonly string[]): UsageError {
  return new UsageError(
    `${source} is no valid study:\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
  );
}
