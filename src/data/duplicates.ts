import { createHash } from 'node:crypto';

import type { ImageSet } from './types.ts';

/** An image of the test part whose pixels are those of an image of the training part. */
export interface Duplicate {
  readonly train: number;
  readonly test: number;
}

type Pixels = Pick<ImageSet, 'images' | 'n' | 'height' | 'width' | 'channels'>;

/** The test images that can be trained on, by their indices: the first training image of the same pixels for each. */
export function duplicatesAcross(train: Pixels, test: Pixels): Duplicate[] {
  const places = new Map<string, number>();
  // From the end, so that the first of several stays.
  for (let i = train.n - 1; i >= 0; i--) places.set(digest(train, i), i);
  return Array.from({ length: test.n }, (_, i) => ({ train: places.get(digest(test, i)), test: i })).filter(
    (pair): pair is Duplicate => pair.train !== undefined,
  );
}

function digest({ images, height, width, channels }: Pixels, index: number): string {
  const bytes = height * width * channels;
  return createHash('sha256')
    .update(images.subarray(index * bytes, (index + 1) * bytes))
    .digest('base64');
}
