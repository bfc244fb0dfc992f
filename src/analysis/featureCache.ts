/** Features that are kept beside a run. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { makeFolder } from '../engine/index.ts';
import { imageReader } from '../data/index.ts';
import { customPart, type TrainedRun } from '../experiments/index.ts';
import type { NamedTensors } from '../models/index.ts';
import { decodeArrays, encodeArrays, writeFileAtomic, type Readout } from '../training/index.ts';
import type { ChosenImages } from './chosenImages.ts';
import type { Rows } from './rows.ts';

/** Raised where the same weights and images give other features than before. */
const VERSION = 1;

/** Digits of the hash in a file's name. */
const DIGITS = 16;

/** A tap's features, or the logits. */
type Place = Pick<Readout, 'tap'> & Partial<Readout>;

/** The features of some images in the folder of one run, a file a tap. */
export class FeatureCache {
  readonly #folder: string;
  readonly #split: string;
  readonly #n: number;
  /** Of everything that the features of every tap depend on. */
  readonly #common: Readonly<Record<string, string>>;

  constructor(
    options: ChosenImages & { readonly run: TrainedRun; readonly folder: string; readonly engine: string },
  ) {
    const { run, folder, engine, split, indices } = options;
    this.#folder = path.join(folder, 'features');
    this.#split = split;
    this.#n = indices.length;
    this.#common = {
      version: String(VERSION),
      engine,
      specification: run.hash,
      weights: weightsHash({ ...run.parameters, ...run.statistics }),
      images: imagesHash(options),
    };
  }

  /** What is kept; `undefined` where nothing is, or it is damaged. */
  read(place: Place): Rows | undefined {
    const file = this.#file(place);
    if (!existsSync(file)) return undefined;
    try {
      const { arrays, metadata } = decodeArrays(readFileSync(file));
      const { shape, values } = arrays[place.tap]!;
      if (shape[0] !== this.#n || sha256(bytesOf(values)) !== metadata['sha256']) return undefined;
      return { values, dim: shape[1]! };
    } catch {
      return undefined;
    }
  }

  /** Keeps features; where the folder cannot be written it does nothing. */
  write(place: Place, { values, dim }: Rows): void {
    const metadata = { ...this.#common, ...described(place), sha256: sha256(bytesOf(values)) };
    try {
      makeFolder(this.#folder);
      const shape = [this.#n, dim];
      writeFileAtomic(this.#file(place), encodeArrays({ [place.tap]: { shape, values } }, metadata));
    } catch (error) {
      if (!['EACCES', 'EPERM', 'EROFS', 'ENOSPC'].includes((error as NodeJS.ErrnoException).code ?? ''))
        throw error;
    }
  }

  #file(place: Place): string {
    const key = sha256(JSON.stringify({ ...this.#common, ...described(place) })).slice(0, DIGITS);
    return path.join(this.#folder, `${this.#split}-${place.tap}-${key}.safetensors`);
  }
}

/** How a tap is read out; one of the user's own goes by the hash of what it is. */
function described({ tap, side, pooling, derived }: Place): Record<string, string> {
  return {
    tap,
    ...(side === undefined ? {} : { side }),
    ...(pooling === undefined ? {} : { pooling: JSON.stringify(pooling) }),
    ...(derived === undefined ? {} : { derived: customPart('tap', tap)?.sha256 ?? '' }),
  };
}

function weightsHash(tensors: NamedTensors): string {
  const hash = createHash('sha256');
  for (const name of Object.keys(tensors).sort()) {
    hash
      .update(`${name} ${tensors[name]!.shape.join()} `)
      .update(bytesOf(tensors[name]!.dataSync<'float32'>()));
  }
  return hash.digest('hex');
}

function imagesHash({ set, indices, normalisation }: ChosenImages): string {
  const hash = createHash('sha256').update(
    JSON.stringify([normalisation, set.height, set.width, set.channels]),
  );
  const size = set.height * set.width * set.channels;
  hash.update(bytesOf(indices));
  const { bytes, seek } = imageReader(set);
  for (const i of indices) {
    const at = seek(i);
    hash.update(bytes.subarray(at, at + size));
  }
  return hash.digest('hex');
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
  new Uint8Array(buffer, byteOffset, byteLength);

const sha256 = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex');
