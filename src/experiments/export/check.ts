import { tf } from '../../engine/tf.ts';
import { sequentialBatches, type ImageSet, type MemoryImageSet } from '../../data/index.ts';
import { createStream, tensorsOf } from '../../engine/index.ts';
import { evaluator } from '../../training/index.ts';
import { evaluationBatch } from '../evaluateSet.ts';
import { featuresOf, INPUT } from './graph.ts';
import type { TrainedRun } from './run.ts';

/** Numbers of images of the check: one alone, and one that is neither a size of the traces nor a power of two. */
const BATCHES = [1, 7] as const;

/** How far an output may be from the evaluation's, relative to the output's largest value (at least 1). */
const TOLERANCE = 1e-5;

/** Something that computes named outputs from images; the caller disposes them. */
export type Predict = (inputs: { readonly [INPUT]: tf.Tensor }) => tf.NamedTensorMap;

/**
 * Runs a model that was written and read back, and compares every output with the product's own evaluation of the
 * same images of noise.
 *
 * @returns the largest difference, relative to the output's largest value (at least 1)
 * @throws {Error} where it is above {@link TOLERANCE}, or an output is missing
 */
export async function checkExport(run: TrainedRun, predict: Predict): Promise<number> {
  let worst = 0;
  for (const n of BATCHES) {
    const set = noise(run, n);
    const expected = await evaluateImages(run, set);
    const images = tf.tensor(set.images, [n, set.height, set.width, set.channels], 'int32');
    const outputs = predict({ [INPUT]: images });
    for (const [name, values] of Object.entries(expected)) {
      const output = outputs[name];
      if (output === undefined) throw new Error(`The model that was written has no output '${name}'.`);
      const difference = relativeDifference(output.dataSync<'float32'>(), values);
      if (!(difference <= TOLERANCE)) {
        throw new Error(
          `The output '${name}' of the model that was written differs from the evaluation by ${difference} ` +
            `(relative, ${n} images); at most ${TOLERANCE} is expected. Nothing was kept.`,
        );
      }
      worst = Math.max(worst, difference);
    }
    tf.dispose([images, ...tensorsOf(Object.values(outputs))]);
  }
  return worst;
}

/** What the run's evaluation says of images, by the names of the exported outputs, row by row. */
export async function evaluateImages(run: TrainedRun, set: ImageSet): Promise<Record<string, Float32Array>> {
  const { network, parameters, statistics, data } = run;
  const evaluate = evaluator(network);
  try {
    const batchSize = evaluationBatch(set);
    const batches = sequentialBatches({ set, batchSize, normalisation: data.normalisation });
    const { logits, features } = await evaluate({ parameters, statistics, batches, n: set.n });
    const probabilities = tf.tidy(() => tf.softmax(tf.tensor2d(logits, [set.n, network.classes])));
    const values = {
      logits,
      probabilities: probabilities.dataSync<'float32'>(),
      ...Object.fromEntries(network.taps.map((tap) => [featuresOf(tap), features[tap]!.values])),
    };
    probabilities.dispose();
    return values;
  } finally {
    evaluate.dispose();
  }
}

/** Images of noise, always the same, whose brightness varies: a network answers them differently. */
function noise({ data }: TrainedRun, n: number): MemoryImageSet {
  const { height, width, channels } = data.image;
  const stream = createStream(0, 'export', n);
  const size = height * width * channels;
  const images = new Uint8Array(n * size);
  for (let i = 0; i < n; i++) {
    const brightest = 64 + stream.int(192);
    for (let p = 0; p < size; p++) images[i * size + p] = stream.int(brightest);
  }
  return { images, labels: new Uint8Array(n), n, height, width, channels, classes: data.classes };
}

function relativeDifference(actual: Float32Array, expected: Float32Array): number {
  if (actual.length !== expected.length) return Infinity;
  const scale = expected.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1);
  return actual.reduce((worst, value, i) => Math.max(worst, Math.abs(value - expected[i]!)), 0) / scale;
}
