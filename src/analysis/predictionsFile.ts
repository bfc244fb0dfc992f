/** `predictions.json`, written and read. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { UserError } from '../engine/index.ts';
import { SCHEMA_VERSION } from '../experiments/index.ts';
import type { StudyPredictions } from './predictions.ts';

/** The file's name. */
export const PREDICTIONS = 'predictions.json';

/** A list of numbers, or of what stands in one line. */
const SHORT = /([[{])\n\s+([^[\]{}]*?)\n\s*([\]}])/g;

/** The file's text: a line for each row of a matrix and each mistake. */
export function predictionsText(predictions: StudyPredictions): string {
  const text = JSON.stringify(predictions, null, 1);
  const joined = text.replace(SHORT, (_, open: string, inner: string, close: string) => {
    const space = open === '{' ? ' ' : '';
    return `${open}${space}${inner.replace(/\n\s*/g, ' ')}${space}${close}`;
  });
  return `${joined}\n`;
}

/**
 * Reads `predictions.json`; `undefined` where it is not there.
 *
 * @throws {UserError} for a damaged file, or one of another release
 */
export function readPredictions(folder: string): StudyPredictions | undefined {
  const file = path.join(folder, PREDICTIONS);
  if (!existsSync(file)) return undefined;
  let predictions: StudyPredictions;
  try {
    predictions = JSON.parse(readFileSync(file, 'utf8')) as StudyPredictions;
  } catch (error) {
    throw new UserError(`${file} cannot be read: ${(error as Error).message}.`);
  }
  if (predictions.schemaVersion !== SCHEMA_VERSION) {
    throw new UserError(
      `${file} has the schema version ${String(predictions.schemaVersion)}; this release reads ${SCHEMA_VERSION}.`,
    );
  }
  return predictions;
}
