import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { Command, InvalidArgumentError } from '@commander-js/extra-typings';

import {
  withEarlier,
  BENCH_ENGINES,
  benchTables,
  runBench,
  SCALING_FIGURE,
  scalingFigure,
  withTables,
  type BenchRecord,
} from '../../bench/index.ts';
import { projectRoot } from '../../data/index.ts';
import {
  DEFAULT_THREADS,
  makeFolder,
  PRECISIONS,
  unknownName,
  UsageError,
  UserError,
} from '../../engine/index.ts';
import { count } from '../count.ts';
import { interruptible } from '../interrupt.ts';
import { terminal } from '../output.ts';
import { shortPath } from '../paths.ts';
import { showProgress } from '../progressBar.ts';
import { projectScript } from '../scripts.ts';
import { benchProfileCommand } from './benchProfile.ts';
import { benchLossesCommand, benchNetworksCommand } from './benchTables.ts';

/** `msl bench` */
export function benchCommand(): Command {
  return new Command('bench')
    .enablePositionalOptions()
    .addCommand(benchNetworksCommand())
    .addCommand(benchLossesCommand())
    .addCommand(benchProfileCommand(peersPython))
    .description(
      'how fast this machine trains: engines, precisions, and PyTorch and TensorFlow in Python beside them',
    )
    .option('--engine <name...>', `only these: ${BENCH_ENGINES.join(', ')}`, oneOf('engine', BENCH_ENGINES))
    .option('--precision <name...>', `only these: ${PRECISIONS.join(', ')}`, oneOf('precision', PRECISIONS))
    .option('--peers', 'PyTorch and Python TensorFlow, too; the first time, installs some gigabytes')
    .option(
      '--scaling',
      'how time grows with batch size, width, taps and data set, instead of the reference workload',
    )
    .option(
      '--section <name...>',
      'only these: reference, javascript, loop; or of --scaling, e.g. "batch 64", "images 5000"',
    )
    .option('--quick', 'tiny sizes and two rounds: whether the benchmark works, not how fast anything is')
    .option('--rounds <n>', 'turns of every variant; default 7, 3 with --scaling', count)
    .option('--steps <n>', 'training steps, and inferences, of a turn; default 10', count)
    .option('--threads <n>', 'threads of TensorFlow and of the peers', count, DEFAULT_THREADS)
    .option(
      '--save',
      'write bench/results and the tables of bench/README.md (in a clone); sections that were not run again stay',
    )
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  $ msl bench
  $ msl bench --engine graph --precision float32 bfloat16 --rounds 9
  $ msl bench --peers --save
  $ msl bench --scaling --json > scaling.json

All variants train the same network on the same images from the same weights, by turns; what does not give the same losses
is not timed. Other programs should rest meanwhile. More: bench/README.md.`,
    )
    .action(async (options) => {
      const { json, save, peers, quick = false, scaling = false, threads } = options;
      if (quick && save === true) {
        throw new UsageError('--quick measures nothing that is worth keeping: leave out --save.');
      }
      const python = peers === true ? await peersPython() : undefined;
      const display = showProgress();
      let record: BenchRecord;
      try {
        record = await interruptible((signal) =>
          runBench({
            ...{ quick, scaling, threads, python, signal, progress: display.progress },
            rounds: options.rounds ?? (quick ? 2 : scaling ? 3 : 7),
            steps: options.steps ?? (quick ? 2 : 10),
            sections: options.section,
            engines: options.engine,
            precisions: options.precision,
          }),
        );
      } finally {
        display.stop();
      }
      if (save === true) for (const file of saveRecord(record)) terminal.note(`Written: ${shortPath(file)}`);
      terminal.print(json === true ? JSON.stringify(record, null, 2) : benchTables(record));
    });
}

/** @returns the files that were written */
function saveRecord(measured: BenchRecord): string[] {
  const folder = path.join(projectRoot(), 'bench');
  const results = path.join(folder, 'results', `${measured.kind}.json`);
  const record = existsSync(results)
    ? withEarlier(measured, JSON.parse(readFileSync(results, 'utf8')) as BenchRecord)
    : measured;
  makeFolder(path.dirname(results));
  writeFileSync(results, `${JSON.stringify(record, null, 2)}\n`);
  const readme = path.join(folder, 'README.md');
  writeFileSync(readme, withTables(readFileSync(readme, 'utf8'), record));
  if (record.kind !== 'scaling') return [results, readme];
  const figure = path.join(folder, SCALING_FIGURE);
  writeFileSync(figure, scalingFigure(record));
  return [results, readme, figure];
}

async function peersPython(): Promise<string> {
  const script = await projectScript<{ ensureBenchPeers: () => Promise<string> }>(
    '../bench/peers/environment.mjs',
  );
  if (script === undefined)
    throw new UserError('--peers needs a clone of the project: its package has no peers.');
  return await script.ensureBenchPeers();
}

function oneOf<T extends string>(what: string, names: readonly T[]) {
  return (value: string, before: T[] | undefined): T[] => {
    const name = names.find((n) => n === value);
    if (name === undefined) throw new InvalidArgumentError(unknownName(what, value, names));
    return [...(before ?? []), name];
  };
}
