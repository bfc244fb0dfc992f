import type { Stream } from '../engine/random.ts';

/** Random changes of training images that keep their class. */
export interface Augmentation {
  /**
   * Pixels by which the image is padded on each side before a window of its own size is cut out at a random place;
   * 0 for none. The padding is 0 after normalisation, that is, the mean colour of the training set.
   */
  readonly crop: number;
  /** Whether half of the images are mirrored left to right. */
  readonly flip: boolean;
}

/** One image's change. */
export interface Placement {
  /** Columns and rows, `-crop` to `crop`, by which the window lies right of and below the image. */
  readonly dx: number;
  readonly dy: number;
  /** Whether the window is mirrored afterwards. */
  readonly mirror: boolean;
}

/** Draws one image's change. */
export function drawPlacement({ crop, flip }: Augmentation, stream: Stream): Placement {
  const dx = crop > 0 ? stream.int(2 * crop + 1) - crop : 0;
  const dy = crop > 0 ? stream.int(2 * crop + 1) - crop : 0;
  return { dx, dy, mirror: flip && stream.int(2) === 1 };
}
