import { readFileSync, writeFileSync } from 'node:fs';
import { makeFolder } from '../engine/index.ts';
import path from 'node:path';

/** What is trained: the network's size, and the size of a batch. */
export interface WorkloadSize {
  /** Channels of each of the three stages. */
  readonly widths: readonly [number, number, number];
  /** Images in a batch. */
  readonly batchSize: number;
  /** Stages, from the first on, that the pair loss looks at: 0 to 3. */
  readonly taps: number;
  /** Images of a whole epoch, where one is measured; default: those of the workload. */
  readonly epochImages?: number;
}

/** The workload that the published figures are of. */
export const REFERENCE: WorkloadSize = { widths: [32, 64, 128], batchSize: 64, taps: 3 };

/** Batches that a training goes round and round. */
export const BATCHES = 4;
export const CLASSES = 10;
export const IMAGE_SHAPE = [32, 32, 3] as const;
export const LEARNING_RATE = 0.05;
export const MOMENTUM = 0.9;
/** Weight of the pair loss at each tap. */
export const PAIR_WEIGHT = 0.1;

/** Images, labels and initial weights: arrays and shapes only, the same for every engine and every language. */
export interface Workload extends WorkloadSize {
  /** `[BATCHES * batchSize, 32, 32, 3]` */
  readonly images: Float32Array;
  /** `[BATCHES * batchSize]` */
  readonly labels: Int32Array;
  /** By the parameter names of the network `vgg`; kernels are `[height, width, in, out]`. */
  readonly parameters: Readonly<Record<string, Values>>;
}

interface Values {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/**
 * Makes the workload: ten random prototypes and noise around them, and He's initial weights. Bits and order of the
 * draws are those of the prototype of this benchmark, so that figures can be compared.
 */
export function makeWorkload(size: WorkloadSize): Workload {
  const { widths, batchSize } = size;
  const uniform = mulberry32(1234);
  const normal = (): number => {
    let u = 0;
    while (u === 0) u = uniform();
    return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * uniform());
  };
  const n = BATCHES * batchSize;
  const pixels = IMAGE_SHAPE.reduce((a: number, b) => a * b, 1);
  const labels = Int32Array.from({ length: n }, () => Math.floor(uniform() * CLASSES));
  const prototypes = Array.from({ length: CLASSES }, () =>
    Float32Array.from({ length: pixels }, () => normal()),
  );
  const images = new Float32Array(n * pixels);
  for (let i = 0; i < n; i++) {
    const prototype = prototypes[labels[i]!]!;
    for (let p = 0; p < pixels; p++) images[i * pixels + p] = 0.5 * prototype[p]! + normal();
  }
  const parameters: Record<string, Values> = {};
  convolutions(widths).forEach(({ name, inputs, outputs }) => {
    const deviation = Math.sqrt(2 / (9 * inputs));
    const values = Float32Array.from({ length: 9 * inputs * outputs }, () => normal() * deviation);
    parameters[`${name}/kernel`] = { shape: [3, 3, inputs, outputs], values };
    parameters[`${name}/scale`] = { shape: [outputs], values: new Float32Array(outputs).fill(1) };
    parameters[`${name}/bias`] = { shape: [outputs], values: new Float32Array(outputs) };
  });
  const features = widths[2];
  const deviation = Math.sqrt(1 / features);
  parameters['dense/kernel'] = {
    shape: [features, CLASSES],
    values: Float32Array.from({ length: features * CLASSES }, () => normal() * deviation),
  };
  parameters['dense/bias'] = { shape: [CLASSES], values: new Float32Array(CLASSES) };
  return { ...size, images, labels, parameters };
}

/** The six convolutions, from the first to the last. */
export function convolutions(
  widths: WorkloadSize['widths'],
): { readonly name: string; readonly inputs: number; readonly outputs: number }[] {
  return widths.flatMap((outputs, stage) =>
    [stage === 0 ? IMAGE_SHAPE[2] : widths[stage - 1]!, outputs].map((inputs: number, c) => ({
      name: `stage${stage + 1}/conv${c + 1}`,
      inputs,
      outputs,
    })),
  );
}

/** Where a tensor of an exported workload lies in `workload.bin`. */
interface Place {
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
  /** In bytes. */
  readonly offset: number;
}

/** `workload.json`, beside the raw little-endian values in `workload.bin`. */
interface WorkloadIndex extends WorkloadSize {
  readonly batches: number;
  readonly learningRate: number;
  readonly momentum: number;
  readonly pairWeight: number;
  readonly tensors: Readonly<Record<string, Place>>;
}

/** Writes a workload where engines and peers read it. */
export function writeWorkload(folder: string, workload: Workload): void {
  const { images, labels, parameters, ...size } = workload;
  const n = labels.length;
  const tensors: [string, Pick<Place, 'shape' | 'dtype'>, Float32Array | Int32Array][] = [
    ['images', { shape: [n, ...IMAGE_SHAPE], dtype: 'float32' }, images],
    ['labels', { shape: [n], dtype: 'int32' }, labels],
    ...Object.entries(parameters).map(([name, { shape, values }]): (typeof tensors)[number] => [
      name,
      { shape, dtype: 'float32' },
      values,
    ]),
  ];
  const places: Record<string, Place> = {};
  let offset = 0;
  for (const [name, kind, values] of tensors) {
    places[name] = { ...kind, offset };
    offset += values.byteLength;
  }
  const index: WorkloadIndex = {
    ...{ ...size, batches: BATCHES, learningRate: LEARNING_RATE, momentum: MOMENTUM },
    ...{ pairWeight: PAIR_WEIGHT, tensors: places },
  };
  makeFolder(folder);
  const bytes = tensors.map(([, , { buffer, byteOffset, byteLength }]) =>
    Buffer.from(buffer, byteOffset, byteLength),
  );
  writeFileSync(path.join(folder, 'workload.bin'), Buffer.concat(bytes));
  writeFileSync(path.join(folder, 'workload.json'), JSON.stringify(index));
}

/** Reads what {@link writeWorkload} wrote. */
export function readWorkload(folder: string): Workload {
  const { widths, batchSize, taps, epochImages, tensors } = JSON.parse(
    readFileSync(path.join(folder, 'workload.json'), 'utf8'),
  ) as WorkloadIndex;
  const file = readFileSync(path.join(folder, 'workload.bin'));
  const bytes = (name: string): ArrayBuffer => {
    const { shape, offset } = tensors[name]!;
    const start = file.byteOffset + offset;
    return file.buffer.slice(start, start + 4 * shape.reduce((a, b) => a * b, 1));
  };
  const names = Object.keys(tensors).filter((name) => name !== 'images' && name !== 'labels');
  return {
    ...{ widths, batchSize, taps, ...(epochImages === undefined ? {} : { epochImages }) },
    images: new Float32Array(bytes('images')),
    labels: new Int32Array(bytes('labels')),
    parameters: Object.fromEntries(
      names.map((name) => [name, { shape: tensors[name]!.shape, values: new Float32Array(bytes(name)) }]),
    ),
  };
}

/** The generator of the prototype; not one of the project's streams, whose draws differ. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
