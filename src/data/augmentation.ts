import { UserError } from '../engine/errors.ts';
import type { Stream } from '../engine/random.ts';
import type { ImageSet } from './types.ts';
import { type Jitter, type JitterFactors, drawJitter } from './jitter.ts';

/** Random changes of training images that keep their class. */
export interface Augmentation {
  /**
   * Pixels by which the image is padded on each side before a window of its own size is cut out at a random place;
   * 0 for none, less than the image's shorter side. The padding is 0 after normalisation, that is, the mean colour of the training set.
   */
  readonly crop: number;
  /** Whether half of the images are mirrored left to right. */
  readonly flip: boolean;
  /** Random brightness, contrast and saturation; default none. */
  readonly jitter?: Jitter | undefined;
  /**
   * Side of a square of the mean colour, whose middle lies anywhere in the image (DeVries and Taylor, "Improved
   * regularization of convolutional neural networks with cutout", 2017), less than its longer side; 0 for none, the default.
   */
  readonly cutout?: number | undefined;
}

/** One image's change. */
export interface Placement {
  /** Columns and rows, `-crop` to `crop`, by which the window lies right of and below the image. */
  readonly dx: number;
  readonly dy: number;
  /** Whether the window is mirrored afterwards. */
  readonly mirror: boolean;
  /** What is done to its colours before. */
  readonly jitter?: JitterFactors | undefined;
  /** The square that is covered afterwards, which may reach out of the image. */
  readonly cutout?: { readonly left: number; readonly top: number; readonly side: number } | undefined;
}

/** Whether images stay as they are. */
export function changesNothing({ crop, flip, jitter, cutout = 0 }: Augmentation): boolean {
  return crop === 0 && !flip && cutout === 0 && Object.values(jitter ?? {}).every((range) => range === 0);
}

/**
 * @param images that are changed
 * @throws {UserError} where a number is out of range, or nothing of an image would be left
 */
export function checkAugmentation(
  { crop, cutout = 0, jitter }: Augmentation,
  { height, width, channels }: Pick<ImageSet, 'height' | 'width' | 'channels'>,
): void {
  for (const [name, value] of Object.entries({ crop, cutout })) {
    if (Number.isInteger(value) && value >= 0) continue;
    throw new UserError(
      `augmentation.${name} must be a number of pixels, 0 or a positive integer; it is ${value}.`,
    );
  }
  const [shorter, longer] = [Math.min(height, width), Math.max(height, width)];
  if (crop >= shorter) {
    throw new UserError(
      `augmentation.crop is ${crop}: shifted by so many pixels, nothing is left of an image of ${height} x ${width}; it has to be 0 to ` +
        `${shorter - 1}.`,
    );
  }
  if (cutout >= longer) {
    throw new UserError(
      `augmentation.cutout is ${cutout}: a square of so many pixels a side can cover all of an image of ${height} x ${width}; it has to ` +
        `be 0 to ${longer - 1}.`,
    );
  }
  for (const [name, value] of Object.entries(jitter ?? {}) as [string, number][]) {
    if (Number.isFinite(value) && value >= 0) continue;
    throw new UserError(`augmentation.jitter.${name} must be 0 or a positive number; it is ${value}.`);
  }
  if (jitter !== undefined && channels !== 1 && channels !== 3) {
    throw new UserError(`augmentation.jitter needs images of 3 channels or 1; these have ${channels}.`);
  }
}

/** Draws the change of one image of a size. */
export function drawPlacement(
  { crop, flip, jitter, cutout = 0 }: Augmentation,
  stream: Stream,
  size: { readonly height: number; readonly width: number },
): Placement {
  const dx = crop > 0 ? stream.int(2 * crop + 1) - crop : 0;
  const dy = crop > 0 ? stream.int(2 * crop + 1) - crop : 0;
  const mirror = flip && stream.int(2) === 1;
  // After the older changes, so that these stay the same where nothing else is asked for.
  const factors = jitter === undefined ? undefined : drawJitter(jitter, stream);
  if (cutout === 0) return { dx, dy, mirror, jitter: factors };
  const left = stream.int(size.width) - (cutout >> 1);
  const top = stream.int(size.height) - (cutout >> 1);
  return { dx, dy, mirror, jitter: factors, cutout: { left, top, side: cutout } };
}
