import { tf } from '../../engine/tf.ts';
import { inferenceGraph, type InferenceGraph } from '../../engine/index.ts';
import type { TrainedRun } from './run.ts';

/** Name of the graph's input. */
export const INPUT = 'images';

/** Name of the output with the pooled features of a tap. */
export const featuresOf = (tap: string): string => `features_${tap}`;

/**
 * The inference graph of a trained run, from pixels to classes.
 *
 * Input `images` `[batch, height, width, channels] uint8`, 0 to 255. Bytes rather than numbers, because a network
 * that is fed pixels from 0 to 1 by mistake answers all the same, and wrongly; bytes cannot be confused so.
 *
 * Outputs: `logits` and `probabilities` `[batch, classes] float32`, and for each stage `features_<tap>`
 * `[batch, channels] float32`, the global average of its activation. Batch normalisation uses the running
 * statistics. All are what the evaluation of the run computes.
 */
export function runGraph({ network, parameters, statistics, data }: TrainedRun): InferenceGraph {
  const { mean, std } = data.normalisation;
  return inferenceGraph({
    input: { name: INPUT, shape: network.imageShape, dtype: 'uint8' },
    constants: { ...parameters, ...statistics },
    fn: (pixels) => {
      const images: tf.Tensor4D = tf.div(tf.sub(pixels, tf.tensor1d([...mean])), tf.tensor1d([...std]));
      const { logits, taps } = network.apply(parameters, statistics, images, { training: false });
      return {
        logits,
        probabilities: tf.softmax(logits),
        ...Object.fromEntries(
          network.taps.map((tap) => [featuresOf(tap), tf.mean(taps[tap]!.activation, [1, 2])]),
        ),
      };
    },
  });
}
