import { loadFilesOf } from '../custom/files.ts';
import { readLocated } from '../readDocument.ts';
import { parseSpecification } from './parse.ts';
import type { Specification, SpecificationInput } from './schema.ts';
import { applySettings } from './settings.ts';

/**
 * Reads a specification, changes it, and fills in the defaults; loads the files of custom parts that it names.
 *
 * @param settings changes such as `loss.msl.margin=0.8`
 * @throws {UsageError} for a file or value that is wrong
 */
export async function readSpecification(
  file: string,
  settings: readonly string[] = [],
): Promise<Specification> {
  const { value, locate } = await readLocated(file, 'specification');
  const changed = applySettings(value as SpecificationInput, settings);
  await loadFilesOf(changed);
  return parseSpecification(changed, file, locate);
}
