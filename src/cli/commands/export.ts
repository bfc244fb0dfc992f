import path from 'node:path';

import { Command } from '@commander-js/extra-typings';

import { exportFormat, exportRun, findRun, type ExportResult } from '../../experiments/index.ts';
import { interruptible } from '../interrupt.ts';
import { columns, terminal } from '../output.ts';
import { RUN_ARGUMENT, runsFolder, shortPath } from '../paths.ts';

/** `msl export RUN` */
export function exportCommand(): Command {
  return new Command('export')
    .description('write the trained network of a run for TensorFlow or a browser')
    .argument('<run>', RUN_ARGUMENT)
    .requiredOption(
      '--format <name>',
      "savedmodel: TensorFlow's own, for Python and servers; tfjs: for a browser and Node",
    )
    .requiredOption('--out <folder>', 'folder that the model goes to')
    .option('--force', 'replace an export that is there')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  $ msl export runs/train/cifar10-msl/seed-1-0123abcd --format savedmodel --out model
  $ msl export runs/train/cifar10-msl/seed-1-0123abcd --format tfjs --out web/model --force

Pixels go in (bytes from 0 to 255, any number of images); logits, probabilities and the pooled features of each
stage come out. The model is read back and compared with the run's evaluation. More: docs/export.md.`,
    )
    .action(async (run, { format, out, force, json }) => {
      const folder = findRun(run, runsFolder());
      const options = {
        run: folder,
        format: exportFormat(format),
        out,
        force: force === true,
        id: runId(folder),
      };
      const result = await interruptible((signal) => exportRun({ ...options, signal }));
      if (json === true) {
        const { folder, files, largestDifference, record } = result;
        terminal.print(JSON.stringify({ folder, files, largestDifference, ...record }, null, 2));
      } else {
        terminal.print(describe(result));
      }
    }) as unknown as Command;
}

/** A run's folder as seen from all runs; one from elsewhere by the last parts of its path. */
function runId(run: string): string {
  const folder = path.resolve(run);
  const relative = path.relative(runsFolder(), folder);
  const parts = relative.startsWith('..') || path.isAbsolute(relative) ? folder : relative;
  return parts.split(path.sep).slice(-4).join('/');
}

function describe({ folder, files, largestDifference, record }: ExportResult): string {
  const shape = (sizes: readonly (number | null)[]) => `[${sizes.map((size) => size ?? 'batch').join(', ')}]`;
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return columns([
    [
      'model',
      `${shortPath(folder)} (${(bytes / 1e6).toFixed(2)} MB: ${files.map(({ name }) => name).join(', ')})`,
    ],
    ['run', `${record.run.id}, epoch ${record.run.epoch}`],
    ['input', `${record.input.name} ${shape(record.input.shape)} ${record.input.dtype}`],
    ...record.outputs.map((output, i) => [
      i === 0 ? 'outputs' : '',
      `${output.name} ${shape(output.shape)} ${output.dtype}`,
    ]),
    ['check', `differs from the run's own evaluation by ${largestDifference.toExponential(1)} at most`],
  ]);
}
