import { UserError } from '../../engine/index.ts';
import { SCHEMA_VERSION, type EpochRecord, type ValidationRecord } from '../records.ts';
import type { Specification } from '../specification/index.ts';
import { bestEpoch } from './selection.ts';
import { train } from './train.ts';
import { undertake, type RunOptions } from './undertake.ts';

/**
 * Trains a specification and looks at it on validation images only, as a search for hyper-parameters may: no test image passes
 * through the network. Goes on from its last checkpoint, as `runExperiment` does.
 *
 * @throws {UserError} as {@link undertake}, and for a specification without validation images
 */
export async function validateExperiment(options: RunOptions): Promise<ValidationRecord> {
  const { specification } = options;
  if (specification.split.validation === 0) {
    throw new UserError('A search needs validation images: split.validation is 0.');
  }
  return await undertake(options, {
    ended: (records) => records.validation(),
    total: ({ epoch }) => specification.epochs * epoch,
    body: async (prepared, resources) => {
      const divergence = await train(prepared, resources, {
        signal: options.signal,
        onEpoch: (record) => options.onEpoch?.(record),
      });
      const record = validationRecord(specification, resources.records.epochs(), divergence !== undefined);
      resources.records.writeValidation(record);
      return record;
    },
  });
}

function validationRecord(
  { selection }: Specification,
  epochs: readonly EpochRecord[],
  hasDiverged: boolean,
): ValidationRecord {
  const selected = selection === 'validation' ? bestEpoch(epochs) : epochs.at(-1)?.epoch;
  const validation = epochs.find(({ epoch }) => epoch === selected)?.validation;
  const seconds = epochs.reduce((sum, e) => sum + e.timing.seconds + (e.timing.validationSeconds ?? 0), 0);
  return {
    schemaVersion: SCHEMA_VERSION,
    ...(hasDiverged || selected === undefined || validation === undefined
      ? { status: 'diverged' }
      : { status: 'finished', epoch: selected, validation }),
    timing: { seconds },
  };
}
