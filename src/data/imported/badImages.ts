import { UserError } from '../../engine/errors.ts';
import type { SkippedImage } from './header.ts';

/** What becomes of images that cannot be used. */
export interface BadImages {
  /** Those left out so far. */
  readonly skipped: readonly SkippedImage[];
  /**
   * Leaves an image out.
   *
   * @param file its name within the source
   * @param reason what was expected and found, without a full stop
   * @throws {UserError} with both, unless such images are to be skipped
   */
  leaveOut(file: string, reason: string): void;
}

/** Collects the images that cannot be used, or refuses the first. */
export function badImages({ skip }: { readonly skip: boolean }): BadImages {
  const skipped: SkippedImage[] = [];
  return {
    skipped,
    leaveOut: (file, reason) => {
      if (!skip) {
        throw new UserError(
          `${file}: ${reason}. Nothing was imported. Repair or remove it, or leave such images out with --skip-bad.`,
        );
      }
      skipped.push({ file, reason });
    },
  };
}
