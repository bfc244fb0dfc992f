import { readDocument, DOCUMENT_ENDINGS } from '../readDocument.ts';
import { findStudy } from './studies.ts';
import { parseStudy } from '../study/definition.ts';
import type { Study } from '../study/types.ts';
import { readTuned } from '../study/searchRecord.ts';

/**
 * A study by its name, or of the user's own from a file: a TypeScript or JavaScript module whose default export is a study
 * (`defineStudy`), JSON or YAML. With what a search found for it.
 *
 * @throws {UsageError} for an unknown name, with the nearest, and for a file that holds no study
 */
export async function loadStudy(nameOrFile: string): Promise<Study> {
  return withTuned(await readStudy(nameOrFile));
}

/**
 * The study with what a search found for it; as it is where there was none.
 *
 * @param results default: as for {@link readTuned}
 */
export function withTuned(study: Study, results?: string): Study {
  const tuned = readTuned(study.tuning, results);
  return tuned === undefined ? study : { ...study, tuned };
}

async function readStudy(nameOrFile: string): Promise<Study> {
  if (!isFile(nameOrFile)) return findStudy(nameOrFile);
  const document = await readDocument(nameOrFile, 'study');
  // What defineStudy made is complete.
  return isStudy(document) ? document : parseStudy(document, nameOrFile);
}

const isFile = (name: string): boolean =>
  /[/\\]/.test(name) || DOCUMENT_ENDINGS.some((ending) => name.toLowerCase().endsWith(ending));

/** Whether it is a study that {@link defineStudy} completed: in a complete one every arm says what it is a variation of. */
function isStudy(value: unknown): value is Study {
  const arms = (value as { arms?: unknown } | null)?.arms;
  return (
    Array.isArray(arms) && arms.length > 0 && arms.every((arm) => typeof arm === 'object' && 'of' in arm)
  );
}
