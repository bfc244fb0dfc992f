/** A study, complete. */
import type { SpecificationInput } from '../specification/index.ts';
import type { SearchRange, StudyTuning } from './schema.ts';
import type { TunedValues } from './searchRecord.ts';

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
