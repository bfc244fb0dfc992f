import type { ProgressReport } from '../../engine/index.ts';
import type { EpochRecord } from '../records.ts';
import type { Specification } from '../specification/index.ts';

/** A run to be made, wherever it is computed. */
export interface Task {
  readonly specification: Specification;
  /** Where the records go. */
  readonly folder: string;
  /** For people, e.g. `CE + MSL, seed 3`. */
  readonly label: string;
  /** `validation`: trained, and looked at on validation images only, as a search does; the test set is not touched. */
  readonly purpose: 'test' | 'validation';
}

/** How a task ended. */
export type TaskOutcome =
  | { readonly state: 'complete' }
  /** What people have to know; the others went on. */
  | { readonly state: 'failed'; readonly message: string };

/** What is said of tasks while they are at work; the number is the task's place in the list. */
export interface TaskListener {
  readonly onProgress?: (task: number, report: ProgressReport) => void;
  readonly onEpoch?: (task: number, record: EpochRecord) => void;
  readonly onEnd?: (task: number, outcome: TaskOutcome) => void;
  /** Something happened to a task that did not end it, e.g. its process was killed and it is tried again. */
  readonly onNote?: (text: string) => void;
}

/** The record that is written last, of each purpose. */
export const FINAL_RECORD = { test: 'summary.json', validation: 'validation.json' } as const;
