import { tf } from '../engine/tf.ts';
import type { Batch } from '../data/index.ts';
import type { Network } from '../models/index.ts';

/** A batch on the engine: `images [n, height, width, channels] float32`, `labels [n] int32`. */
export function batchTensors(
  batch: Batch,
  imageShape: Network['imageShape'],
): { images: tf.Tensor4D; labels: tf.Tensor1D } {
  return { images: imagesTensor(batch, imageShape), labels: tf.tensor1d(batch.labels, 'int32') };
}

/** `[n, height, width, channels] float32` */
export function imagesTensor(
  { images, n }: Pick<Batch, 'images' | 'n'>,
  [height, width, channels]: Network['imageShape'],
): tf.Tensor4D {
  return tf.tensor4d(images, [n, height, width, channels]);
}
