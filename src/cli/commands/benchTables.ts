/** `msl bench networks` and `msl bench losses`: measurements whose tables are documents of their own. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';

import { Command } from '@commander-js/extra-typings';

import {
  lossesDocument,
  measureLosses,
  measureNetworks,
  networksDocument,
  type LossesRecord,
  type NetworksRecord,
} from '../../bench/index.ts';
import { projectRoot } from '../../data/index.ts';
import { DEFAULT_THREADS, makeFolder, type Progress } from '../../engine/index.ts';
import { count } from '../count.ts';
import { interruptible } from '../interrupt.ts';
import { terminal } from '../output.ts';
import { shortPath } from '../paths.ts';
import { showProgress } from '../progressBar.ts';

interface MeasuringOptions {
  readonly rounds: number;
  readonly batch: number;
  readonly threads: number;
}

/** A measurement and the document that is made of its record. */
interface Measurement<Result> {
  /** Of the record in bench/results. */
  readonly name: string;
  /** Relative to the project. */
  readonly document: string;
  measure(options: MeasuringOptions & { progress: Progress; signal: AbortSignal }): Promise<Result>;
  text(record: Result): string;
}

const NETWORKS: Measurement<NetworksRecord> = {
  name: 'networks',
  document: path.join('docs', 'networks.md'),
  measure: ({ batch, ...options }) => measureNetworks({ batchSize: batch, ...options }),
  text: networksDocument,
};

const LOSSES: Measurement<LossesRecord> = {
  name: 'losses',
  document: path.join('docs', 'agreement.md'),
  measure: ({ batch, ...options }) => measureLosses({ batchSize: batch, ...options }),
  text: lossesDocument,
};

/** `msl bench networks` */
export function benchNetworksCommand(): Command {
  return command(NETWORKS, { rounds: 5, batch: 64 })
    .description('how fast every network of msl models trains, by turns; a step with cross-entropy')
    .addHelpText(
      'after',
      '\nExamples:\n  $ msl bench networks\n  $ msl bench networks --batch 128 --rounds 3',
    );
}

/** `msl bench losses` */
export function benchLossesCommand(): Command {
  return command(LOSSES, { rounds: 9, batch: 512 })
    .description('how well every loss of layers agrees with PyTorch, and its time beside cross-entropy')
    .addHelpText('after', '\nExamples:\n  $ msl bench losses\n  $ msl bench losses --batch 128 --rounds 3');
}

function command<Result>(
  measurement: Measurement<Result>,
  defaults: { readonly rounds: number; readonly batch: number },
): Command {
  return new Command(measurement.name)
    .option('--rounds <n>', 'turns of each', count, defaults.rounds)
    .option('--batch <n>', 'images in a batch', count, defaults.batch)
    .option('--threads <n>', 'threads of TensorFlow', count, DEFAULT_THREADS)
    .option('--save', `write bench/results/${measurement.name}.json and ${measurement.document} (in a clone)`)
    .option('--json', 'print one JSON document')
    .action(async ({ rounds, batch, threads, save, json }) => {
      const display = showProgress();
      let record: Result;
      try {
        record = await interruptible((signal) =>
          measurement.measure({ rounds, batch, threads, signal, progress: display.progress }),
        );
      } finally {
        display.stop();
      }
      const text = measurement.text(record);
      const source = `${JSON.stringify(record, null, 2)}\n`;
      if (save === true) {
        write(path.join('bench', 'results', `${measurement.name}.json`), source);
        write(measurement.document, text);
      }
      terminal.print((json === true ? source : text).trimEnd());
    });
}

function write(file: string, text: string): void {
  const target = path.join(projectRoot(), file);
  makeFolder(path.dirname(target));
  writeFileSync(target, text);
  terminal.note(`Written: ${shortPath(target)}`);
}
