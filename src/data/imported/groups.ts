import { UsageError, UserError } from '../../engine/errors.ts';
import type { ListedImage } from './listing.ts';

/**
 * Gives each image the group that a regular expression finds in its file name (without folders).
 *
 * @param pattern with one group in round brackets, e.g. `^(\d+)_` for `17_3.jpg`
 * @throws {UsageError} where it is no such expression
 * @throws {UserError} for a file name that it does not match, or images that have groups already
 */
export function groupByName(images: readonly ListedImage[], pattern: string): ListedImage[] {
  const expression = compile(pattern);
  return images.map((image) => {
    if (image.group !== undefined) {
      throw new UserError(
        "The CSV has a column 'group' and --group is given: expected one of both. Leave one out.",
      );
    }
    const group = expression.exec(image.file.split('/').at(-1)!)?.[1];
    if (group === undefined) {
      throw new UserError(
        `${image.file} has no group: expected a file name that ${pattern} matches. Widen the expression of --group.`,
      );
    }
    return { ...image, group };
  });
}

function compile(pattern: string): RegExp {
  const refuse = (found: string, cause?: unknown): UsageError =>
    new UsageError(
      `--group '${pattern}' is no regular expression with one group in round brackets: ${found}. ` +
        "Write '^(\\d+)_', for instance.",
      { cause },
    );
  let groups: number;
  try {
    // With an empty alternative it matches, and the match tells how many groups there are.
    groups = new RegExp(`${pattern}|`).exec('')!.length - 1;
  } catch (error) {
    throw refuse((error as Error).message, error);
  }
  if (groups !== 1) throw refuse(`found ${groups} groups`);
  return new RegExp(pattern);
}
