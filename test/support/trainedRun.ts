import path from 'node:path';

import type { MemoryImageSet } from '../../src/data/index.ts';
import { createStream } from '../../src/engine/index.ts';
import { applySettings, parseSpecification, runExperiment } from '../../src/experiments/index.ts';
import { writeTinyCifar } from './tinyCifar.ts';

/**
 * Trains a tiny network on tiny CIFAR for two epochs, in under two seconds.
 *
 * @param root folder; the data go to `<root>/data`, the run to `<root>/runs/<name>`
 * @param settings changes of the specification, e.g. `network.name=plain`
 * @returns the run's folder
 */
export async function trainTinyRun(root: string, name: string, ...settings: string[]): Promise<string> {
  return await trainTinyKeeping(root, name, { keepEpochs: [], settings });
}

/** {@link trainTinyRun} that keeps the weights of some epochs. */
export async function trainTinyKeeping(
  root: string,
  name: string,
  { keepEpochs, settings = [] }: { readonly keepEpochs: readonly number[]; readonly settings?: string[] },
): Promise<string> {
  const dataFolder = path.join(root, 'data');
  writeTinyCifar(dataFolder);
  const tiny = {
    split: { train: 120, validation: 40 },
    network: { widths: [4, 8] },
    loss: { msl: {} },
    epochs: 2,
    batchSize: 20,
  };
  const folder = path.join(root, 'runs', name);
  await runExperiment({
    specification: parseSpecification(applySettings(tiny, settings), 'test'),
    ...{ folder, dataFolder, keepEpochs },
  });
  return folder;
}

/** Images of noise, of CIFAR's size. */
export function noiseImages(n: number): MemoryImageSet {
  const stream = createStream(3, 'noise', n);
  const images = Uint8Array.from({ length: n * 32 * 32 * 3 }, () => stream.int(256));
  return { images, labels: new Uint8Array(n), n, height: 32, width: 32, channels: 3, classes: [] };
}
