import path from 'node:path';

import { tf } from '../../engine/tf.ts';
import {
  encodeGraphModel,
  encodeInferenceModel,
  loadEngine,
  tensorsOf,
  type InferenceGraph,
} from '../../engine/index.ts';
import { requireCustomParts } from '../custom/index.ts';
import { RunFolder } from '../runFolder.ts';
import { checkExport } from './check.ts';
import { describeExport, readmeOf, type ExportRecord } from './describe.ts';
import { findPlace, writeFolderAtomic } from './folder.ts';
import type { ExportFormat } from './formats.ts';
import { runGraph } from './graph.ts';
import { openModel, RECORD } from './loadExport.ts';
import { readTrainedRun } from './run.ts';

export interface ExportOptions {
  /** Folder of a finished run. */
  readonly run: string;
  readonly format: ExportFormat;
  /** Folder that the model goes to. */
  readonly out: string;
  /** Replace an export that is there (default `false`). */
  readonly force?: boolean;
  /** The run's name in the description; default: the last four parts of its folder. */
  readonly id?: string;
  /** Stops before the folder takes its place. */
  readonly signal?: AbortSignal;
}

export interface ExportResult {
  readonly folder: string;
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
  /** Largest difference from the run's own evaluation, relative to the output's largest value (at least 1). */
  readonly largestDifference: number;
  readonly record: ExportRecord;
}

/**
 * Writes the trained network of a run for use elsewhere: pixels in, classes, probabilities and the pooled features
 * of each stage out. The model is read back and compared with the run's own evaluation before it takes its place.
 *
 * @throws {UsageError} where there is no such run
 * @throws {UserError} for a run that cannot be exported, a place that is taken, an engine without graphs
 */
export async function exportRun(options: ExportOptions): Promise<ExportResult> {
  const { format, signal } = options;
  await loadEngine();
  const place = findPlace(options.out, { force: options.force ?? false, mark: RECORD });
  await requireCustomParts(new RunFolder(options.run).specification()?.custom ?? []);
  const run = await readTrainedRun(options.run);
  try {
    const graph = runGraph(run);
    const id = options.id ?? path.resolve(options.run).split(path.sep).slice(-4).join('/');
    const record = describeExport(run, graph, { format, id });
    const files: Record<string, Uint8Array> = {
      ...encode(graph, record),
      [RECORD]: Buffer.from(`${JSON.stringify(record, null, 2)}\n`),
      'README.md': Buffer.from(readmeOf(record)),
    };
    let largestDifference = 0;
    await writeFolderAtomic(place, files, async (folder) => {
      // Read from the disk.
      const written = await openModel(format, folder);
      try {
        largestDifference = await checkExport(run, written.predict);
      } finally {
        written.dispose();
      }
      signal?.throwIfAborted();
    });
    return {
      folder: place.folder,
      files: Object.entries(files).map(([name, { byteLength }]) => ({ name, bytes: byteLength })),
      largestDifference,
      record,
    };
  } finally {
    tf.dispose(tensorsOf([run.parameters, run.statistics]));
  }
}

function encode(graph: InferenceGraph, { format, run }: ExportRecord): Record<string, Uint8Array> {
  if (format === 'savedmodel') return encodeInferenceModel(graph);
  return encodeGraphModel(graph, `msl-workbook ${run.version ?? ''}`.trim());
}
