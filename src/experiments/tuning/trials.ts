import path from 'node:path';

import { createStream, permutation, UsageError, UserError, type Stream } from '../../engine/index.ts';
import {
  applySettings,
  parseSpecification,
  specificationHash,
  type Specification,
} from '../specification/index.ts';
import type { SearchRange, StudyTuning } from '../study/schema.ts';
import type { Study, StudyArm } from '../study/types.ts';
import { runName } from '../runFolder.ts';
import { profileOf } from '../study/runs.ts';
import { refuseSwitchedOn } from '../study/switchedOn.ts';

/** Values of an arm's hyper-parameters that are tried. */
export interface Trial {
  /** As the arm is written. */
  readonly arm: string;
  /** From 1; the first is the values as they are written. */
  readonly number: number;
  readonly values: Readonly<Record<string, unknown>>;
  readonly runs: readonly TrialRun[];
}

export interface TrialRun {
  readonly seed: number;
  readonly specification: Specification;
  /** `<root>/<study>/tuning/<arm>/trial-<n>/seed-<n>-<hash8>` */
  readonly folder: string;
}

/** How a study is tuned, with what is changed by hand. */
export type SearchOptions = Partial<Pick<StudyTuning, 'trials' | 'search'>>;

/**
 * The trials of a search: as many for each arm, a pure function of the study. Trial by trial through the arms, so that a search
 * that is stopped has spent as much on each.
 *
 * @param root folder of all runs
 * @throws {UsageError} for a study that says nothing of tuning, an arm that has nothing to search, trials without validation
 * images, and a path that is set or searched in every arm and lies in what one of them does not have
 */
export function trialsOf(study: Study, root: string, options: SearchOptions = {}): Trial[] {
  const { tune } = study;
  if (tune === undefined) {
    throw new UsageError(
      `${study.name} says nothing of tuning: give it a field tune with a space, as in docs/studies.md.` +
        (study.tuning === study.name ? '' : ` It uses what a search found for ${study.tuning}.`),
    );
  }
  const { trials = tune.trials, search = tune.search } = options;
  const searched = study.arms.filter(({ tunedAs }) => tunedAs === undefined);
  const written = [...new Map(searched.map((arm) => [arm.of, arm])).values()];
  refuseSwitchedOn(
    study,
    written.map((arm) => ({
      arm: { ...arm, name: arm.of, variation: [] },
      changes: trialChanges(study, arm, tune),
      shared: [...profileOf(study, tune.profile).set, ...tune.set],
      // Where an arm searches the same by itself, it is meant.
      searched: Object.keys(tune.space).filter((at) => !(at in arm.space)),
    })),
  );
  const drawn = written.map((arm) => draw(study, arm, tune, trials, search));
  return Array.from({ length: trials }, (_, i) =>
    written.flatMap((arm, a): Trial[] => {
      const values = drawn[a]![i];
      return values === undefined ? [] : [trial(study, arm, tune, root, i + 1, values)];
    }),
  ).flat();
}

/**
 * Makes sure that a search found something, and that it belongs to the study as it is.
 *
 * @throws {UserError} where every trial of an arm diverged, an arm was another one when it was searched, or was not there
 */
export function refuseStale(study: Study): void {
  const { tuned, tune, name } = study;
  if (tuned?.diverged !== undefined) {
    throw new UserError(
      `${tuned.file}: every trial of ${tuned.diverged.join(', ')} diverged, so that the search found no values. Search lower learning ` +
        `rates and weights with \`npx msl study tune ${study.tuning}\`, or remove the file.`,
    );
  }
  // Values of another study are taken as they are: it says what it searched.
  if (tuned === undefined || tune === undefined || study.tuning !== name) return;
  for (const { arm, runs } of trialsOf(study, '', { trials: 1 })) {
    if (!Object.hasOwn(tuned.arms, arm)) {
      throw new UserError(
        `${tuned.file} has no values of the arm ${arm}, which ${name} searches: it would be trained as it is written, and the others with ` +
          `what was found. Search it with \`npx msl study tune ${name}\`; trials that are on disk are not repeated.`,
      );
    }
    const then = tuned.hashes?.[arm];
    if (then === undefined || then === specificationHash(runs[0]!.specification)) continue;
    throw new UserError(
      `${tuned.file} was made when the arm ${arm} of ${name} was another. Tune it again with \`npx msl study tune ${name}\`, or ` +
        'remove the file.',
    );
  }
}

/** What an arm of a search changes in the base, but for the values that are tried. */
function trialChanges(study: Study, arm: StudyArm, tune: StudyTuning): string[] {
  return [...profileOf(study, tune.profile).set, ...tune.set, ...arm.set];
}

/** The specification of a trial's run. */
function trialSpecification(
  study: Study,
  arm: StudyArm,
  tune: StudyTuning,
  { number, values, seed }: Pick<Trial, 'number' | 'values'> & { readonly seed: number },
): Specification {
  const found = Object.entries(values).map(([at, value]) => `${at}=${JSON.stringify(value)}`);
  const source = `${study.name}, search, arm ${arm.of}, trial ${number}`;
  const specification = parseSpecification(
    applySettings(study.base, [...trialChanges(study, arm, tune), ...found, `seed=${seed}`]),
    source,
  );
  if (specification.split.validation === 0) {
    throw new UsageError(
      `${source}: a search chooses by validation images, and split.validation is 0. Set how many are held out, in the base or in ` +
        'tune.set.',
    );
  }
  return specification;
}

function trial(
  study: Study,
  arm: StudyArm,
  tune: StudyTuning,
  root: string,
  number: number,
  values: Trial['values'],
): Trial {
  const runs = tune.seeds.map((seed): TrialRun => {
    const specification = trialSpecification(study, arm, tune, { number, values, seed });
    const folder = path.join(root, study.name, 'tuning', arm.of, `trial-${number}`, runName(specification));
    return { seed, specification, folder };
  });
  return { arm: arm.of, number, values, runs };
}

/** The values of each trial of an arm. */
function draw(
  study: Study,
  arm: StudyArm,
  tune: StudyTuning,
  trials: number,
  search: StudyTuning['search'],
): Trial['values'][] {
  const space = { ...tune.space, ...arm.space };
  if (Object.keys(space).length === 0) {
    throw new UsageError(
      `${study.name}: the arm ${arm.of} has nothing to search; give it a space, or tune one.`,
    );
  }
  if (search === 'random') {
    const columns = Object.entries(space).map(
      ([at, range]) => [at, stratified(range, trials - 1, createStream(0, 'tune', study.name, at))] as const,
    );
    return Array.from({ length: trials }, (_, i) =>
      i === 0 ? {} : Object.fromEntries(columns.map(([at, values]) => [at, values[i - 1]])),
    );
  }
  const combinations = Object.entries(space).reduce<Trial['values'][]>(
    (all, [at, range]) =>
      all.flatMap((values) => listed(study, at, range).map((v) => ({ ...values, [at]: v }))),
    [{}],
  );
  const order = permutation(combinations.length, createStream(0, 'tune', study.name, arm.of));
  return [{}, ...Array.from(order, (place) => combinations[place]!)].slice(0, trials);
}

function listed(study: Study, at: string, range: SearchRange): readonly unknown[] {
  if ('values' in range) return range.values;
  throw new UsageError(
    `${study.name}: a grid needs lists, and ${at} is searched from ${range.from} to ${range.to}; write { values: [...] }.`,
  );
}

/**
 * A range cut into as many parts as there are draws, and a value of each part, in random order (a Latin hypercube, McKay et al.
 * 1979): a few draws cover it. The stream knows the path alone, so that every arm tries the same values of what it shares, e.g.
 * the same learning rates, and none of them is luckier.
 */
function stratified(range: SearchRange, draws: number, stream: Stream): unknown[] {
  return Array.from(permutation(draws, stream), (part) => valueIn(range, (part + stream.next()) / draws));
}

/** The value at a place from 0 to 1, on the range's scale; numbers to three digits, so that a record can be read. */
function valueIn(range: SearchRange, at: number): unknown {
  if ('values' in range) return range.values[Math.floor(at * range.values.length)];
  const { from, to, scale } = range;
  const value = scale === 'log' ? from * (to / from) ** at : from + (to - from) * at;
  return Number(value.toPrecision(3));
}
