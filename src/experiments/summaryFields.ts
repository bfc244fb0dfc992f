import { z } from 'zod';

import { UserError } from '../engine/index.ts';
import { SELECTION_RULES, type RunSummary } from './records.ts';
import { explain } from './specification/problems.ts';

const number = z.number();
/** JSON has no infinity and no NaN: what diverged, or a ratio of classes that are each one point. */
const maybe = number.nullable();
const text = z.string();

/** What every `summary.json` has; other fields are let through. */
const summarySchema = z.looseObject({
  status: z.enum(['finished', 'diverged']),
  epochs: number,
  selection: z.looseObject({ rule: z.enum(SELECTION_RULES), epoch: number }),
  test: z.looseObject({ n: number, error: number, crossEntropy: maybe }),
  train: z.looseObject({ n: number, accuracy: number, crossEntropy: maybe, gradientNormLogits: maybe }),
  taps: z.record(text, z.looseObject({ knnAccuracy: number, betweenWithinRatio: maybe })),
  parameters: number,
  timing: z.looseObject({ startedAt: text, finishedAt: text, seconds: number, imagesPerSecond: number }),
});

/**
 * A record as the summary of a run.
 *
 * @param file where it stands
 * @throws {UserError} for fields that are missing or of another type, as where it was changed by hand
 */
export function requireSummary(record: unknown, file: string): RunSummary {
  const { error } = summarySchema.safeParse(record, { reportInput: true });
  if (error === undefined) return record as RunSummary;
  const problems = error.issues.map((issue) => `  ${explain(issue, record, summarySchema, 'the record')}`);
  throw new UserError(
    `${file} is no summary of a run:\n${problems.join('\n')}\n` +
      'Remove this file: the command that made the run makes it again from the last checkpoint.',
  );
}
