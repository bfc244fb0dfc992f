import { hash } from 'node:crypto';
import { join } from 'node:path';

import { UserError } from '../../engine/errors.ts';
import { countValues } from '../statistics.ts';
import type { DecodedImage } from './decodeImage.ts';
import { createFlatFile } from './flatFile.ts';
import { flatFileName, type ImportedPart, type Part } from './header.ts';
import type { ListedImage } from './listing.ts';

export interface WritePartOptions {
  /** Where the flat files go. */
  readonly folder: string;
  readonly part: Part;
  readonly classes: readonly string[];
  /** Gets, by a hash of its pixels, every image that is written. */
  readonly onImage: (listed: ListedImage, digest: string) => void;
  /** `[channels, 256]`, gets the values of all pixels. */
  readonly histogram?: Float64Array | undefined;
}

/**
 * Writes the images and labels of one part as they come.
 *
 * @throws {UserError} naming a class of which no image came
 */
export async function writePart(
  images: AsyncIterable<{ readonly listed: ListedImage; readonly decoded: DecodedImage }>,
  { folder, part, classes, onImage, histogram }: WritePartOptions,
): Promise<ImportedPart> {
  const labelOf = new Map(classes.map((name, label) => [name, label]));
  const perClass = classes.map(() => 0);
  const pixelFile = await createFlatFile(join(folder, flatFileName(part, 'images')));
  try {
    const labelFile = await createFlatFile(join(folder, flatFileName(part, 'labels')));
    try {
      for await (const { listed, decoded } of images) {
        const label = labelOf.get(listed.label)!;
        perClass[label]!++;
        if (histogram !== undefined) {
          countValues(histogram, { images: decoded.pixels, channels: decoded.channels });
        }
        onImage(listed, hash('sha256', decoded.pixels, 'base64'));
        await pixelFile.append(decoded.pixels);
        await labelFile.append(Uint8Array.of(label));
      }
      const empty = perClass.indexOf(0);
      if (empty >= 0) {
        throw new UserError(
          `No image of the class '${classes[empty]}' in the ${part} part decodes: expected at least one. Add images, ` +
            'or remove the class.',
        );
      }
      return {
        n: perClass.reduce((sum, n) => sum + n, 0),
        perClass,
        images: await pixelFile.finish(),
        labels: await labelFile.finish(),
      };
    } finally {
      await labelFile.close();
    }
  } finally {
    await pixelFile.close();
  }
}
