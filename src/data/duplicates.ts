import { hash } from 'node:crypto';

import { imageBlocks } from './pixels.ts';
import type { ImageSet } from './types.ts';

/** An image of the test part whose pixels are those of an image of the training part. */
export interface Duplicate {
  readonly train: number;
  readonly test: number;
}

type Pixels = Pick<ImageSet, 'images' | 'height' | 'width' | 'channels'>;

/** The test images that can be trained on, by their indices: the first training image of the same pixels for each. */
export function duplicatesAcross(train: Pixels, test: Pixels): Duplicate[] {
  const places = new Map<string, number>();
  for (const { digest, index } of digests(train)) if (!places.has(digest)) places.set(digest, index);
  return [...digests(test)].flatMap(({ digest, index }) => {
    const same = places.get(digest);
    return same === undefined ? [] : [{ train: same, test: index }];
  });
}

function* digests(set: Pixels): Generator<{ digest: string; index: number }> {
  const bytes = set.height * set.width * set.channels;
  let index = 0;
  for (const block of imageBlocks(set)) {
    for (let at = 0; at < block.length; at += bytes) {
      yield { digest: hash('sha256', block.subarray(at, at + bytes), 'base64'), index: index++ };
    }
  }
}
