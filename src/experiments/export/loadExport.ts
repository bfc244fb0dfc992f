import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { decodeGraphModel, loadEngine, loadSavedModel, UsageError } from '../../engine/index.ts';
import type { tf } from '../../engine/tf.ts';
import type { Predict } from './check.ts';
import type { ExportRecord } from './describe.ts';
import type { ExportFormat } from './formats.ts';

/** The description beside the model; it also tells an export from any other folder. */
export const RECORD = 'export.json';

/** A model that {@link exportRun} wrote, ready to run. */
export interface ExportedModel {
  /**
   * Named outputs (`logits`, `probabilities`, `features_<tap>`), which the caller disposes.
   *
   * @param inputs `images`: `[batch, height, width, channels]` int32, pixels from 0 to 255
   */
  readonly predict: Predict;
  /** What stands beside the model, in `export.json`. */
  readonly record: ExportRecord;
  readonly dispose: () => void;
}

/**
 * Loads an exported model from its folder, of either format, into this process.
 *
 * @throws {UsageError} where the folder holds none
 */
export async function loadExport(folder: string): Promise<ExportedModel> {
  const file = path.join(folder, RECORD);
  if (!existsSync(file)) {
    throw new UsageError(
      `There is no exported model in '${folder}': expected ${RECORD}, as msl export writes it.`,
    );
  }
  await loadEngine();
  const record = JSON.parse(readFileSync(file, 'utf8')) as ExportRecord;
  return { record, ...(await openModel(record.format, folder)) };
}

export async function openModel(
  format: ExportFormat,
  folder: string,
): Promise<Pick<ExportedModel, 'predict' | 'dispose'>> {
  if (format === 'savedmodel') {
    const model = await loadSavedModel(folder);
    return {
      predict: (inputs) => model.predict(inputs),
      dispose: () => {
        model.dispose();
      },
    };
  }
  const names = readdirSync(folder).filter((name) => name === 'model.json' || name.endsWith('.bin'));
  const files = Object.fromEntries(names.map((name) => [name, readFileSync(path.join(folder, name))]));
  const model = await decodeGraphModel(files);
  return {
    predict: (inputs) => model.predict({ ...inputs }) as tf.NamedTensorMap,
    dispose: () => {
      model.dispose();
    },
  };
}
