import { readFileSync } from 'node:fs';
import path from 'node:path';

import { batchThreads } from '../../data/index.ts';
import { loadEngine, requirePrecision, UserError } from '../../engine/index.ts';
import { evaluator, writeFileAtomic } from '../../training/index.ts';
import { requireCustomParts } from '../custom/index.ts';
import { describeEnvironment } from '../environment.ts';
import { SCHEMA_VERSION } from '../records.ts';
import { RunFolder } from '../runFolder.ts';
import type { RunOptions } from './index.ts';
import { prepare } from './prepare.ts';
import { bestEpoch } from './selection.ts';
import { train } from './train.ts';

/** `validation.json`: what a run of a search came to. */
export interface ValidationRecord {
  readonly schemaVersion: number;
  readonly status: 'finished' | 'diverged';
  /** The epoch that the specification selects, and what the validation images said after it; absent where it diverged. */
  readonly epoch?: number;
  readonly validation?: { readonly accuracy: number; readonly crossEntropy: number };
  readonly timing: { readonly seconds: number };
}

const FILE = 'validation.json';

/** What a run of a search came to; `undefined` where it has not ended. */
export function readValidation(folder: string): ValidationRecord | undefined {
  try {
    return JSON.parse(readFileSync(path.join(folder, FILE), 'utf8')) as ValidationRecord;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Trains a specification and looks at it on validation images only, as a search for hyper-parameters may: no test image passes
 * through the network. Goes on from its last checkpoint, as {@link runExperiment} does.
 *
 * @throws {UserError} as {@link runExperiment}, and for a specification without validation images
 */
export async function validateExperiment(options: RunOptions): Promise<ValidationRecord> {
  const { specification, folder } = options;
  if (specification.split.validation === 0) {
    throw new UserError('A search needs validation images: split.validation is 0.');
  }
  await requireCustomParts(specification.custom ?? []);
  const engine = await loadEngine({ threads: specification.threads });
  requirePrecision(specification.precision, engine.name);
  const records = new RunFolder(folder);
  const environment = describeEnvironment(engine, specification.precision);
  records.check(specification, environment);
  const finished = readValidation(folder);
  if (finished !== undefined) return finished;

  const { dataFolder: dir, progress, signal } = options;
  const prepared = await prepare(specification, { dir, progress, signal });
  const release = records.claim(specification, environment);
  const evaluate = evaluator(prepared.network);
  const batches = batchThreads({ workers: options.batchWorkers ?? 1 });
  const total = specification.epochs * prepared.work.epoch;
  const report = (done: number, note: string): void => {
    options.progress?.({ label: options.label ?? folder, done, total, note });
  };
  try {
    const divergence = await train(
      prepared,
      { records, evaluate, batches, report },
      { signal: options.signal, onEpoch: (record) => options.onEpoch?.(record) },
    );
    const epochs = records.epochs();
    const selected = specification.selection === 'validation' ? bestEpoch(epochs) : epochs.at(-1)?.epoch;
    const validation = epochs.find(({ epoch }) => epoch === selected)?.validation;
    const seconds = epochs.reduce((sum, e) => sum + e.timing.seconds + (e.timing.validationSeconds ?? 0), 0);
    const record: ValidationRecord = {
      schemaVersion: SCHEMA_VERSION,
      ...(divergence !== undefined || selected === undefined || validation === undefined
        ? { status: 'diverged' }
        : { status: 'finished', epoch: selected, validation }),
      timing: { seconds },
    };
    writeFileAtomic(path.join(folder, FILE), `${JSON.stringify(record, null, 2)}\n`);
    return record;
  } finally {
    evaluate.dispose();
    await batches.close();
    release();
  }
}
