import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { createStream } from '../../src/engine/index.ts';

/**
 * Writes a small set in the layout of CIFAR-10's binary files: 200 training and 60 test images of ten classes, each
 * class with a colour of its own under noise, so that a small network learns them in a few steps.
 *
 * @param folder data folder; the files go to `<folder>/cifar10`
 * @param seed of the noise: others are other images
 */
export function writeTinyCifar(folder: string, seed = 1): void {
  const target = path.join(folder, 'cifar10');
  mkdirSync(target, { recursive: true });
  const stream = createStream(seed, 'tiny cifar');
  const file = (n: number): Buffer => {
    const bytes = Buffer.alloc(n * 3073);
    for (let i = 0; i < n; i++) {
      const label = i % 10;
      bytes[i * 3073] = label;
      for (let c = 0; c < 3; c++) {
        const level = 40 + ((label * (7 + 5 * c)) % 10) * 18;
        for (let p = 0; p < 1024; p++) bytes[i * 3073 + 1 + c * 1024 + p] = level + stream.int(40);
      }
    }
    return bytes;
  };
  for (let b = 1; b <= 5; b++) writeFileSync(path.join(target, `data_batch_${b}.bin`), file(40));
  writeFileSync(path.join(target, 'test_batch.bin'), file(60));
}
