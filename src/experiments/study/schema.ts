import { z } from 'zod';

import type { SpecificationInput } from '../specification/index.ts';

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

/** One size of a study. */
export const profileSchema = z.strictObject({
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

/** How an arm's hyper-parameters are searched. */
export type StudyTuning = z.output<typeof tune>;

/** The form in which a study is written: in TypeScript with {@link defineStudy}, in JSON or in YAML. */
export const studySchema = z.strictObject({
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
  profiles: z.record(name, profileSchema).default({ full: { title: 'as it is written', set: [] } }),
  tune: tune.optional(),
  /** The study whose tuned values it uses; default its own. */
  tuning: name.optional(),
});

type Written = z.input<typeof studySchema>;

/** A study as one writes it. */
export type StudyInput = Omit<Written, 'base'> & { readonly base?: SpecificationInput };
