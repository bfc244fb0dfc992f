import { z } from 'zod';

import { UsageError } from '../engine/index.ts';
import { explain } from './specification/problems.ts';
import type { SpecificationInput } from './specification/index.ts';
import { checkVariations, expandArms } from './studyArms.ts';
import type { TunedValues } from './tuning/record.ts';

const name = z
  .string()
  .regex(
    /^[A-Za-z0-9][\w.-]*$/,
    'a name has letters, digits, -, _ and ., and begins with a letter or digit: it is a folder, too',
  );

/** Changes, as on the command line (`loss.msl=null`), or each path with its value. */
const changes = z
  .union([
    z.array(z.string().regex(/^[^=]+=/, 'a change is PATH=VALUE, e.g. loss.msl.margin=0.8')).readonly(),
    z
      .record(z.string(), z.json())
      .transform((values): readonly string[] =>
        Object.entries(values).map(([path, value]) => `${path}=${JSON.stringify(value)}`),
      ),
  ])
  .default([]);

const lists = z.record(z.string(), z.array(z.json()).min(1).readonly());

const variations = {
  /** Every combination of these values, by their paths. */
  grid: lists.optional(),
  /** The base, and beside it each of these values alone. */
  oneAtATime: lists.optional(),
};

const seed = z.int().nonnegative();
const seeds = z
  .array(seed)
  .min(1)
  .refine((list) => new Set(list).size === list.length, 'a seed is there twice')
  .readonly();

/** Where a search looks for a value: in a list, or between two numbers. */
const range = z.union([
  z.strictObject({ values: z.array(z.json()).min(1).readonly() }),
  z
    .strictObject({ from: z.number(), to: z.number(), scale: z.enum(['linear', 'log']).default('linear') })
    .refine(({ from, to }) => from < to, 'from has to be less than to')
    .refine(({ from, scale }) => scale === 'linear' || from > 0, 'a logarithmic scale begins above 0'),
]);

export type SearchRange = z.output<typeof range>;

const space = z.record(z.string(), range).default({});

const arm = z.strictObject({
  /** Short, for folders and tables, e.g. `msl`. */
  name,
  /** For people, e.g. `CE + MSL`; default the name. */
  title: z.string().optional(),
  /** What it changes in the base; applied after every other change of the study, so that it holds. */
  set: changes,
  /** Variations of this arm alone: each is an arm of the study. */
  ...variations,
  /** How many of a profile's seeds it takes, from the first; default all. */
  seeds: z.int().positive().optional(),
  /** What `msl study tune` searches in this arm, beside what it searches in all. */
  space,
  /**
   * Has the values that a search found for the arm `arm`, but at the paths of `except` those of another: which part of a difference
   * is due to which value. It is not searched itself, and has no run where it is the same as `arm`.
   */
  tunedAs: z.strictObject({ arm: name, except: z.record(z.string(), name).default({}) }).optional(),
});

const profile = z.strictObject({
  title: z.string().default(''),
  /** Default: those of the study. */
  seeds: seeds.optional(),
  /** What it changes in the base. */
  set: changes,
});

const tune = z.strictObject({
  /** The profile whose runs are tuned. */
  profile: z.string().default('full'),
  /** What is changed in it, to make a trial shorter. */
  set: changes,
  /** Seeds of the search alone: a study's own are not among them. */
  seeds: seeds.default([1001, 1002]),
  /** Trials of each arm: the same for all. */
  trials: z.int().positive().default(12),
  /** `random`: values drawn from the ranges; `grid`: combinations of the lists, in random order. */
  search: z.enum(['random', 'grid']).default('random'),
  /** Searched in every arm. */
  space,
});

/** The form in which a study is written: in TypeScript with {@link defineStudy}, in JSON or in YAML. */
const studySchema = z.strictObject({
  name,
  /** Default: the name. */
  title: z.string().optional(),
  /** What it asks, in a sentence or two. */
  question: z.string().default(''),
  /** A specification as it is written for `msl train`; `seed` is set by the study. */
  base: z.record(z.string(), z.unknown()).default({}),
  /** The sides of the comparison; the first is the baseline. */
  arms: z
    .array(arm)
    .min(1)
    .default([{ name: 'base', set: [], space: {} }]),
  /** Variations of the base: each is tried in every arm that it reaches. */
  ...variations,
  seeds: seeds.default([1, 2, 3]),
  /** Sizes in which it is run; default `full`, as it is written, and `smoke`, a check that everything works. */
  profiles: z.record(name, profile).default({ full: { title: 'as it is written', set: [] } }),
  tune: tune.optional(),
  /** The study whose tuned values it uses; default its own. */
  tuning: name.optional(),
});

type Written = z.input<typeof studySchema>;

/** A study as one writes it. */
export type StudyInput = Omit<Written, 'base'> & { readonly base?: SpecificationInput };

/** One side of a comparison, complete. */
export interface StudyArm {
  readonly name: string;
  readonly title: string;
  /** What the study's variation changes in the base: less than what the arm sets. */
  readonly before: readonly string[];
  /** What the arm changes, as on the command line. */
  readonly set: readonly string[];
  /** What the arm's own variation changes: more than a tuned value. */
  readonly variation: readonly string[];
  /** The arm as it is written, which this one is a variation of; itself where there is none. */
  readonly of: string;
  /** The arm that this one is compared with: the first, in the same variation of the base where there is one. */
  readonly baseline: string;
  readonly seeds?: number;
  readonly space: Readonly<Record<string, SearchRange>>;
  /** Whose tuned values it has; absent where they are its own. */
  readonly tunedAs?: TunedAs;
}

/** The arm whose tuned values another has, and for some paths the arms whose values hold instead. */
export interface TunedAs {
  readonly arm: string;
  readonly except: Readonly<Record<string, string>>;
}

/** One size of a study. */
export interface StudyProfile {
  readonly title: string;
  readonly seeds: readonly number[];
  readonly set: readonly string[];
}

/** How an arm's hyper-parameters are searched. */
export type StudyTuning = z.output<typeof tune>;

/** A comparison of arms over seeds: a base, what each arm changes, and how large it is run. */
export interface Study {
  readonly name: string;
  readonly title: string;
  readonly question: string;
  readonly base: SpecificationInput;
  /** With every variation; the first is the baseline. */
  readonly arms: readonly [StudyArm, ...StudyArm[]];
  readonly profiles: Readonly<Record<string, StudyProfile>>;
  readonly tune?: StudyTuning;
  /** The study whose tuned values it uses. */
  readonly tuning: string;
  /** What a search found for its arms; absent where there was none. */
  readonly tuned?: TunedValues;
}

/** What makes a check of any study: few images, two epochs, and two seeds. */
const SMOKE = { train: 1000, validation: 500, epochs: 2, seeds: 2 };

/** A check that everything works: of a study that is smaller by itself, no more than it asks for. */
function smokeOf({ split, epochs }: SpecificationInput, seeds: readonly number[]): z.output<typeof profile> {
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
        : [`tune.profile: '${tune.profile}' is none of ${Object.keys(profiles).join(', ')}`]),
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
      .map((other) => `the arm ${arm.name} is tuned as '${other!}', which is none of ${searched.join(', ')}`),
  ]);
  if (problems.length > 0) throw refusal(source, problems);
}

function refusal(source: string, problems: readonly string[]): UsageError {
  return new UsageError(
    `${source} is no valid study:\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
  );
}
