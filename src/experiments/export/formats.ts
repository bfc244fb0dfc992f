import { unknownName, UsageError } from '../../engine/index.ts';

/** The forms in which a trained network can be written. */
const EXPORT_FORMATS = ['savedmodel', 'tfjs'] as const;

/** `savedmodel`: TensorFlow's own. `tfjs`: a graph model of TensorFlow.js. */
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** @throws {UsageError} for another name, with the nearest */
export function exportFormat(name: string): ExportFormat {
  const format = EXPORT_FORMATS.find((known) => known === name);
  if (format === undefined) throw new UsageError(unknownName('export format', name, EXPORT_FORMATS));
  return format;
}
